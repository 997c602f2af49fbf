import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { go, path, query } from '../../state/router.ts';
import { number, signed } from '../../strings/strings.ts';
import type { Plan } from '../types.ts';
import { say, sayFault, sentenceOf } from '../ui/list.tsx';
import { TableFrame } from '../ui/tables.tsx';
import type { Sums } from '../words/actions.ts';
import { saidHere, words } from '../words/words.ts';
import { draft, EMPTY_DRAFT, isDefinite, isUnanswered, sendOnce } from './credits-draft.ts';
import type { PastedShare } from './pasted-list.ts';

/** More rows than anybody reads would only make the page slow. */
const MOST_ROWS_SHOWN = 200;

type PlannedRow = Plan['rows'][number];

/** What would be booked, or what stands in its way; and the booking. */
export function CreditsPreview(props: {
  plan: Plan;
  shares: readonly PastedShare[];
  onBack: () => void;
}) {
  const { plan, shares, onBack } = props;
  const faults = plan.rows.filter(({ problem }) => problem !== null).length;
  const rows = plan.rows.map((row, index) => ({ row, line: shares[index]?.line ?? index + 1 }));
  return (
    <section class="place-section plan">
      {faults > 0 ? (
        <>
          <p class="fault" role="alert">
            <strong>{words.value.problems(faults)}</strong> {words.value.planFaults}
          </p>
          <div class="actions">
            <button type="button" class="primary" onClick={onBack}>
              {words.value.back}
            </button>
          </div>
        </>
      ) : (
        <Book plan={plan} onBack={onBack} />
      )}
      <Rows
        rows={[
          ...rows.filter(({ row }) => row.problem !== null),
          ...rows.filter(({ row }) => row.problem === null),
        ]}
      />
    </section>
  );
}

function Book({ plan: { rows }, onBack }: { plan: Plan; onBack: () => void }) {
  const [isSending, setSending] = useState(false);
  const { reason } = draft.value;
  const to = rows.map(({ id, tokens }) => ({ id: id ?? 0, tokens }));
  const sums = sumsOf(rows);
  const isLost = isUnanswered({ to, reason }) && !isSending;
  const book = async () => {
    setSending(true);
    const written = draft.value;
    try {
      await sendOnce({ to, reason }, (key) =>
        call('POST', '/api/admin/grants/', { to, reason }, { 'idempotency-key': key }),
      );
      if (draft.value === written) draft.value = EMPTY_DRAFT;
      // Who went elsewhere meanwhile stays there.
      if (path.value === '/admin/credits') leave(rows, onBack);
      say(
        words.value.bookedNotice(
          sums,
          rows.length === 1 ? (rows[0]?.username ?? undefined) : undefined,
        ),
      );
    } catch (error) {
      // What is not known is said where it can be tried again.
      if (isDefinite(error)) sayFault(sentenceOf(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <>
      <p>{words.value.sumsText(sums)}</p>
      <p class="hint">
        {words.value.reason}: {reason}
      </p>
      {isLost && (
        <p class="warning" role="alert">
          {words.value.unanswered}
        </p>
      )}
      <div class="actions">
        <button type="button" class="primary" disabled={isSending} onClick={() => void book()}>
          {isLost ? words.value.tryAgain : words.value.book(rows.length)}
        </button>
        <button type="button" onClick={onBack}>
          {words.value.back}
        </button>
      </div>
    </>
  );
}

/** Who came from one user goes back to where the booking can be seen; others begin anew. */
function leave(rows: readonly PlannedRow[], onBack: () => void): void {
  const [only] = rows;
  onBack();
  if (rows.length === 1 && query.value.get('to') === String(only?.id)) {
    go(`/admin/users/${only?.id}`);
  } else go('/admin/credits', { replaces: true });
}

function sumsOf(rows: readonly PlannedRow[]): Sums {
  const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);
  return {
    accounts: rows.length,
    given: sum(rows.map(({ tokens }) => Math.max(tokens, 0))),
    taken: sum(rows.map(({ tokens }) => Math.max(-tokens, 0))),
  };
}

function Rows({ rows }: { rows: readonly { readonly row: PlannedRow; readonly line: number }[] }) {
  const [most, setMost] = useState(MOST_ROWS_SHOWN);
  return (
    <>
      <TableFrame name={words.value.credits}>
        <table class="data">
          <thead>
            <tr>
              <th>{words.value.name}</th>
              <th class="number">{words.value.amount}</th>
              <th class="number spare">{words.value.before}</th>
              <th class="number">{words.value.after}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map(({ row, line }) => (
              <tr key={line} class={row.problem === null ? undefined : 'faulty'}>
                <td class="wide">
                  <span>{row.username ?? row.id}</span>
                  {row.problem !== null && (
                    <span class="why fault">
                      {words.value.line(line)}: {saidHere(row.problem)}
                    </span>
                  )}
                </td>
                <td class="number">{signed(row.tokens)}</td>
                <td class="number spare">{numberOr(row.tokens_before)}</td>
                <td class={(row.tokens_after ?? 0) < 0 ? 'number fault' : 'number'}>
                  {numberOr(row.tokens_after)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {rows.length > most && (
        <button type="button" class="more" onClick={() => setMost(rows.length)}>
          {words.value.showAll(number(rows.length))}
        </button>
      )}
    </>
  );
}

function numberOr(value: number | null): string {
  return value === null ? '' : number(value);
}

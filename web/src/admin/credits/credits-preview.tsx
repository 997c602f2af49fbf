import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { go, path, query } from '../../state/router.ts';
import { number, signed, strings } from '../../strings/strings.ts';
import type { Plan } from '../types.ts';
import { TableFrame, useFirstRows } from '../ui/tables.tsx';
import { showError, showToast } from '../ui/toast.tsx';
import type { ListTotals } from '../words/en/credits.ts';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';
import { draft, EMPTY_DRAFT, keyStore, unansweredKeys } from './credits-draft.ts';
import type { PastedGrant } from './pasted-list.ts';
import { isDefinite, isUnanswered, sendOnce } from './send-once.ts';

type PlannedRow = Plan['rows'][number];

/** What a list would change, or what is wrong with it, and the button to apply it. */
export function CreditsPreview(props: {
  plan: Plan;
  grants: readonly PastedGrant[];
  onBack: () => void;
}) {
  const { plan, grants, onBack } = props;
  const problems = plan.rows.filter(({ problem }) => problem !== null).length;
  const rows = plan.rows.map((row, index) => ({ row, line: grants[index]?.line ?? index + 1 }));
  return (
    <section class="page-section plan">
      {problems > 0 ? (
        <>
          <p class="fault" role="alert">
            <strong>{words.value.problems(problems)}</strong> {words.value.problemsText}
          </p>
          <div class="actions">
            <button type="button" class="primary" onClick={onBack}>
              {words.value.backToList}
            </button>
          </div>
        </>
      ) : (
        <ApplyList plan={plan} onBack={onBack} />
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

function ApplyList({ plan, onBack }: { plan: Plan; onBack: () => void }) {
  const { rows } = plan;
  const [isSending, setSending] = useState(false);
  const { reason } = draft.value;
  const to = rows.map(({ id, tokens }) => ({ id: id ?? 0, tokens }));
  const totals = totalsOf(rows);
  const isLost = isUnanswered(unansweredKeys.value, { to, reason }) && !isSending;
  const apply = async () => {
    setSending(true);
    const sent = draft.value;
    try {
      await sendOnce({ to, reason }, keyStore, (key) =>
        call('POST', '/api/admin/grants/', { to, reason }, { 'idempotency-key': key }),
      );
      if (draft.value === sent) draft.value = EMPTY_DRAFT;
      // Someone who has left the page stays where they are.
      if (path.value === '/admin/credits') leave(rows, onBack);
      showToast(
        words.value.appliedText(
          totals,
          rows.length === 1 ? (rows[0]?.username ?? undefined) : undefined,
        ),
      );
    } catch (error) {
      // An unknown outcome is shown beside the button to try again.
      if (isDefinite(error)) showError(errorMessage(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <>
      <p>{words.value.totalsText(totals)}</p>
      <p class="hint">
        {words.value.reason}: {reason}
      </p>
      {isLost && (
        <p class="warning" role="alert">
          {words.value.outcomeUnknown}
        </p>
      )}
      <div class="actions">
        <button type="button" class="primary" disabled={isSending} onClick={() => void apply()}>
          {isLost ? strings.value.retry : words.value.apply(rows.length)}
        </button>
        <button type="button" onClick={onBack}>
          {words.value.backToList}
        </button>
      </div>
    </>
  );
}

/** Returns to the user that the list was started from, else to an empty list. */
function leave(rows: readonly PlannedRow[], onBack: () => void): void {
  const [only] = rows;
  onBack();
  if (rows.length === 1 && query.value.get('to') === String(only?.id)) {
    go(`/admin/users/${only?.id}`);
  } else go('/admin/credits', { replaces: true });
}

function totalsOf(rows: readonly PlannedRow[]): ListTotals {
  const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);
  return {
    accounts: rows.length,
    added: sum(rows.map(({ tokens }) => Math.max(tokens, 0))),
    removed: sum(rows.map(({ tokens }) => Math.max(-tokens, 0))),
  };
}

function Rows({ rows }: { rows: readonly { readonly row: PlannedRow; readonly line: number }[] }) {
  const { first, showAll } = useFirstRows(rows);
  return (
    <>
      <TableFrame name={words.value.credits}>
        <table class="data">
          <thead>
            <tr>
              <th>{strings.value.username}</th>
              <th class="number">{strings.value.amount}</th>
              <th class="number spare">{words.value.before}</th>
              <th class="number">{words.value.after}</th>
            </tr>
          </thead>
          <tbody>
            {first.map(({ row, line }) => (
              <tr key={line} class={row.problem === null ? undefined : 'faulty'}>
                <td class="wide">
                  <span>{row.username ?? row.id}</span>
                  {row.problem !== null && (
                    <span class="why fault">
                      {words.value.line(line)}: {problemText(row)}
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
      {showAll}
    </>
  );
}

/** By its code; a problem of a newer server is shown in the server's words. */
function problemText({ problem, problem_code: code }: PlannedRow): string {
  return (code && words.value.planProblems[code]) ?? problem ?? '';
}

function numberOr(value: number | null): string {
  return value === null ? '' : number(value);
}

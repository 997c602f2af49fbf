import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { query } from '../state/router.ts';
import { number, signed } from '../strings/strings.ts';
import { attempt, notice } from './list.tsx';
import { readPasted, withTokens } from './pasted-list.ts';
import { TableFrame } from './tables.tsx';
import type { Plan, UserDetail } from './types.ts';
import { words } from './words.ts';

/** Gives tokens to users or takes some: first what would happen, then all of it or nothing. */
export function CreditsPage() {
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const [plan, setPlan] = useState<Plan>();
  useEffect(() => {
    const ids = (query.value.get('to') ?? '').split(',').filter((it) => /^\d+$/.test(it));
    const names = ids.map(async (id) => {
      const { user } = await call<UserDetail>('GET', `/api/admin/users/${id}/`);
      return `${user.username} `;
    });
    Promise.all(names).then(
      (lines) => setText(lines.join('\n')),
      () => undefined,
    );
  }, []);
  const look = async () => {
    const { shares: to, faultyLine } = readPasted(text);
    if (faultyLine !== undefined || to.length === 0) {
      notice.value = { text: words.lineFault(faultyLine ?? 1), isFault: true };
      return;
    }
    const body = { to, reason, dry_run: true };
    await attempt(async () => setPlan(await call<Plan>('POST', '/api/admin/grants/', body)));
  };
  return (
    <>
      <header class="place-head">
        <h1>{words.credits}</h1>
      </header>
      {plan ? (
        <Preview
          plan={plan}
          reason={reason}
          onBack={() => setPlan(undefined)}
          onBooked={() => {
            setPlan(undefined);
            setText('');
          }}
        />
      ) : (
        <ListForm
          text={text}
          reason={reason}
          onText={setText}
          onReason={setReason}
          onLook={() => void look()}
        />
      )}
    </>
  );
}

function ListForm(props: {
  text: string;
  reason: string;
  onText: (text: string) => void;
  onReason: (reason: string) => void;
  onLook: () => void;
}) {
  const { text, reason, onText, onReason, onLook } = props;
  return (
    <form
      class="stack wide-stack"
      onSubmit={(event) => {
        event.preventDefault();
        onLook();
      }}
    >
      <p class="hint">{words.creditsText}</p>
      <label>
        {words.list}
        <textarea
          rows={10}
          required
          placeholder={words.listHint}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      </label>
      <SameForAll onSet={(tokens) => onText(withTokens(text, tokens))} />
      <label>
        {words.reason}
        <input
          required
          maxLength={500}
          placeholder={words.reasonHint}
          value={reason}
          onInput={(event) => onReason(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary">
        {words.preview}
      </button>
    </form>
  );
}

function SameForAll({ onSet }: { onSet: (tokens: string) => void }) {
  const [tokens, setTokens] = useState('');
  return (
    <div class="row">
      <input
        aria-label={words.sameForAll}
        placeholder={words.sameForAll}
        inputMode="numeric"
        pattern="[+\-]?\d+"
        value={tokens}
        onInput={(event) => setTokens(event.currentTarget.value)}
      />
      <button type="button" disabled={!/^[+-]?\d+$/.test(tokens)} onClick={() => onSet(tokens)}>
        {words.setAll}
      </button>
    </div>
  );
}

function Preview(props: { plan: Plan; reason: string; onBack: () => void; onBooked: () => void }) {
  const { plan, reason, onBack, onBooked } = props;
  // One key for one list: a second click, or a lost answer, books nothing a second time.
  const [key] = useState(() => String(crypto.getRandomValues(new BigUint64Array(2))));
  const faults = plan.rows.filter(({ problem }) => problem !== null).length;
  const sum = (amounts: number[]) => number(amounts.reduce((a, b) => a + b, 0));
  const given = sum(plan.rows.map(({ tokens }) => Math.max(tokens, 0)));
  const taken = sum(plan.rows.map(({ tokens }) => Math.max(-tokens, 0)));
  const book = async () => {
    const to = plan.rows.map(({ id, tokens }) => ({ id: id ?? 0, tokens }));
    const headers = { 'idempotency-key': key };
    const work = () => call('POST', '/api/admin/grants/', { to, reason }, headers);
    if (await attempt(work, words.booked(plan.accounts))) onBooked();
  };
  return (
    <section class="place-section">
      <p>{words.planSentence(plan.accounts, given, taken)}</p>
      <p class="hint">
        {words.reason}: {reason}
      </p>
      {faults > 0 && (
        <p class="fault" role="alert">
          {words.planFaults(faults)}
        </p>
      )}
      <div class="actions">
        <button type="button" class="primary" disabled={faults > 0} onClick={() => void book()}>
          {words.book(plan.accounts)}
        </button>
        <button type="button" onClick={onBack}>
          {words.back}
        </button>
      </div>
      <TableFrame name={words.credits}>
        <table class="data">
          <thead>
            <tr>
              <th>{words.name}</th>
              <th class="number">{words.amount}</th>
              <th class="number">{words.before}</th>
              <th class="number">{words.after}</th>
              {faults > 0 && <th>{words.problem}</th>}
            </tr>
          </thead>
          <tbody>
            {plan.rows.map((it, index) => (
              <tr key={index}>
                <td class="wide">{it.username ?? it.id}</td>
                <td class="number">{signed(it.tokens)}</td>
                <td class="number">{it.tokens_before === null ? '' : number(it.tokens_before)}</td>
                <td class="number">{it.tokens_after === null ? '' : number(it.tokens_after)}</td>
                {faults > 0 && <td class="fault">{it.problem}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

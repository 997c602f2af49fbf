import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { query } from '../../state/router.ts';
import type { Plan, UserDetail } from '../types.ts';
import { Heading } from '../ui/heading.tsx';
import { notice, sayFault, sentenceOf } from '../ui/list.tsx';
import { saidHere, words } from '../words/words.ts';
import { draft, settleUnanswered, unanswered } from './credits-draft.ts';
import { CreditsPreview } from './credits-preview.tsx';
import { MOST_SHARES, type PastedShare, readPasted, withTokens } from './pasted-list.ts';

const MOST_FAULTS_SHOWN = 5;

/** Gives tokens to users or takes some: first what would happen, then all of it or nothing. */
export function CreditsPage() {
  const [faults, setFaults] = useState<readonly string[]>([]);
  const [seen, setSeen] = useState<{ plan: Plan; shares: readonly PastedShare[] }>();
  useEffect(() => void fillIn(), []);
  const look = async () => {
    const read = readPasted(draft.value.text);
    const found = faultsOf(read);
    setFaults(found);
    if (found.length > 0) return;
    const to = read.shares.map(({ username, tokens }) => ({ username, tokens }));
    const body = { to, reason: draft.value.reason, dry_run: true };
    try {
      const plan = await call<Plan>('POST', '/api/admin/grants/', body);
      notice.value = undefined;
      setSeen({ plan, shares: read.shares });
    } catch (error) {
      setFaults(refusalOf(error, read.shares));
    }
  };
  return (
    <>
      <header class="place-head">
        <Heading title={words.value.credits} />
      </header>
      {seen ? (
        <CreditsPreview {...seen} onBack={() => setSeen(undefined)} />
      ) : (
        <ListForm faults={faults} onLook={() => void look()} />
      )}
    </>
  );
}

/** Begins with those of whom the address says that they were selected. */
async function fillIn(): Promise<void> {
  const from = query.value.get('to') ?? '';
  const ids = from.split(',').filter((it) => /^\d+$/.test(it));
  // Who comes back finds what they had written already.
  if (ids.length === 0 || draft.value.from === from) return;
  const { value: begun } = draft;
  try {
    const names = ids.map(async (id) => {
      const { user } = await call<UserDetail>('GET', `/api/admin/users/${id}/`);
      return `${user.username} `;
    });
    const text = (await Promise.all(names)).join('\n');
    // Who wrote something meanwhile, or chose others, keeps that.
    if (draft.value !== begun || query.value.get('to') !== from) return;
    draft.value = { ...begun, text, from };
  } catch (error) {
    sayFault(`${words.value.failed} ${sentenceOf(error)}`);
  }
}

function faultsOf({ shares, faults }: ReturnType<typeof readPasted>): string[] {
  const count = shares.length + faults.length;
  if (count > MOST_SHARES) return [words.value.tooManyLines(count, MOST_SHARES)];
  if (count === 0) return [words.value.noLines];
  return faults.map(
    ({ line, fault, text }) => `${words.value.line(line)}: ${words.value.lineFaults[fault](text)}`,
  );
}

/** What the server found wrong, by the line that it was in. */
function refusalOf(error: unknown, shares: readonly PastedShare[]): string[] {
  if (!(error instanceof ApiError)) return [sentenceOf(error)];
  const lines = Object.entries(error.fields).flatMap(([field, sentences]) => {
    const [, index] = /^to\/(\d+)\b/.exec(field) ?? [];
    const share = shares[Number(index)];
    return share ? [`${words.value.line(share.line)}: ${sentences.map(saidHere).join(' ')}`] : [];
  });
  return lines.length > 0 ? lines : [sentenceOf(error)];
}

function ListForm({ faults, onLook }: { faults: readonly string[]; onLook: () => void }) {
  const { text, reason } = draft.value;
  const list = useRef<HTMLTextAreaElement>(null);
  // What is to be mended is in the list.
  useEffect(() => {
    if (faults.length > 0) list.current?.focus();
  }, [faults]);
  return (
    <form
      class="stack wide-stack"
      onSubmit={(event) => {
        event.preventDefault();
        onLook();
      }}
    >
      {Object.keys(unanswered.value).length > 0 && <Unanswered />}
      <p class="hint">{words.value.creditsText}</p>
      <label>
        {words.value.list}
        <textarea
          ref={list}
          rows={10}
          required
          aria-describedby={faults.length > 0 ? 'list-faults' : undefined}
          aria-invalid={faults.length > 0}
          placeholder={words.value.listHint}
          value={text}
          onInput={(event) => {
            draft.value = { ...draft.value, text: event.currentTarget.value };
          }}
        />
      </label>
      {faults.length > 0 && <Faults faults={faults} />}
      <SameForAll
        onSet={(tokens) => {
          draft.value = { ...draft.value, text: withTokens(text, tokens) };
        }}
      />
      <label>
        {words.value.reason}
        <input
          required
          maxLength={500}
          placeholder={words.value.reasonHint}
          value={reason}
          onInput={(event) => {
            draft.value = { ...draft.value, reason: event.currentTarget.value };
          }}
        />
      </label>
      <button type="submit" class="primary">
        {words.value.preview}
      </button>
    </form>
  );
}

/** That a list may be booked already, to who is about to write another. */
function Unanswered() {
  return (
    <div class="warning">
      <p>{words.value.unansweredBefore}</p>
      <a href="/admin/audit?action=credits.grant">{words.value.audit}</a>
      <button type="button" class="quiet" onClick={settleUnanswered}>
        {words.value.settled}
      </button>
    </div>
  );
}

function Faults({ faults }: { faults: readonly string[] }) {
  const more = faults.length - MOST_FAULTS_SHOWN;
  return (
    <ul class="fault" role="alert" id="list-faults">
      {faults.slice(0, MOST_FAULTS_SHOWN).map((it) => (
        <li key={it}>{it}</li>
      ))}
      {more > 0 && <li>{words.value.moreFaults(more)}</li>}
    </ul>
  );
}

function SameForAll({ onSet }: { onSet: (tokens: string) => void }) {
  const [tokens, setTokens] = useState('');
  return (
    <div class="row">
      <input
        aria-label={words.value.sameForAll}
        placeholder={words.value.sameForAll}
        inputMode="numeric"
        pattern="[+\-]?\d{1,15}"
        title={words.value.wholeNumber}
        value={tokens}
        onInput={(event) => setTokens(event.currentTarget.value)}
      />
      <button
        type="button"
        disabled={!/^[+-]?\d{1,15}$/.test(tokens)}
        onClick={() => onSet(tokens)}
      >
        {words.value.setAll}
      </button>
    </div>
  );
}

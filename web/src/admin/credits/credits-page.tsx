import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { query } from '../../state/router.ts';
import type { Plan, UserDetail } from '../types.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { hideToast, showError } from '../ui/toast.tsx';
import { errorMessage, fieldMessages } from '../words/errors.ts';
import { words } from '../words/words.ts';
import { draft, keyStore, unansweredKeys } from './credits-draft.ts';
import { CreditsPreview } from './credits-preview.tsx';
import { MAX_GRANTS, type PastedGrant, parsePastedList, withTokens } from './pasted-list.ts';

const MAX_FAULTS_SHOWN = 5;

/** Adds tokens to balances or removes them: a preview first, then all of it or nothing. */
export function CreditsPage() {
  const [faults, setFaults] = useState<readonly string[]>([]);
  const [previewed, setPreviewed] = useState<{ plan: Plan; grants: readonly PastedGrant[] }>();
  useEffect(() => void startDraft(), []);
  const preview = async () => {
    const list = parsePastedList(draft.value.text);
    const found = faultsOf(list);
    setFaults(found);
    if (found.length > 0) return;
    const to = list.grants.map(({ username, tokens }) => ({ username, tokens }));
    const body = { to, reason: draft.value.reason, dry_run: true };
    try {
      const plan = await call<Plan>('POST', '/api/admin/grants/', body);
      hideToast();
      setPreviewed({ plan, grants: list.grants });
    } catch (error) {
      setFaults(refusalTexts(error, list.grants));
    }
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.credits} />
      </header>
      {previewed ? (
        <CreditsPreview {...previewed} onBack={() => setPreviewed(undefined)} />
      ) : (
        <ListForm faults={faults} onPreview={() => void preview()} />
      )}
    </>
  );
}

/** Starts the list with the users that the address names. */
async function startDraft(): Promise<void> {
  const from = query.value.get('to') ?? '';
  const ids = from.split(',').filter((it) => /^\d+$/.test(it));
  // Someone who comes back finds what they had written.
  if (ids.length === 0 || draft.value.from === from) return;
  const { value: before } = draft;
  try {
    const names = ids.map(async (id) => {
      const { user } = await call<UserDetail>('GET', `/api/admin/users/${id}/`);
      return `${user.username} `;
    });
    const text = (await Promise.all(names)).join('\n');
    // The draft or the selection may have changed meanwhile.
    if (draft.value !== before || query.value.get('to') !== from) return;
    draft.value = { ...before, text, from };
  } catch (error) {
    showError(`${words.value.loadFailed} ${errorMessage(error)}`);
  }
}

function faultsOf({ grants, faults }: ReturnType<typeof parsePastedList>): string[] {
  const count = grants.length + faults.length;
  if (count > MAX_GRANTS) return [words.value.tooManyLines(count, MAX_GRANTS)];
  if (count === 0) return [words.value.emptyList];
  return faults.map(
    ({ line, fault, text }) => `${words.value.line(line)}: ${words.value.lineFaults[fault](text)}`,
  );
}

/** Why the server refused the list, by line where it names one. */
function refusalTexts(error: unknown, grants: readonly PastedGrant[]): string[] {
  if (!(error instanceof ApiError)) return [errorMessage(error)];
  const lines = fieldMessages(error).flatMap(([field, message]) => {
    const [, index] = /^to\/(\d+)\b/.exec(field) ?? [];
    const grant = grants[Number(index)];
    return grant ? [`${words.value.line(grant.line)}: ${message}`] : [];
  });
  return lines.length > 0 ? lines : [errorMessage(error)];
}

function ListForm({ faults, onPreview }: { faults: readonly string[]; onPreview: () => void }) {
  const { text, reason } = draft.value;
  const list = useRef<HTMLTextAreaElement>(null);
  // The faults are to be corrected in the list.
  useEffect(() => {
    if (faults.length > 0) list.current?.focus();
  }, [faults]);
  return (
    <form
      class="stack wide-stack"
      onSubmit={(event) => {
        event.preventDefault();
        onPreview();
      }}
    >
      {Object.keys(unansweredKeys.value).length > 0 && <UnansweredWarning />}
      <p class="hint">{words.value.creditsText}</p>
      <label>
        {words.value.list}
        <textarea
          ref={list}
          rows={10}
          required
          aria-describedby={faults.length > 0 ? 'list-faults' : undefined}
          aria-invalid={faults.length > 0}
          placeholder={words.value.listPlaceholder}
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
          placeholder={words.value.reasonPlaceholder}
          value={reason}
          onInput={(event) => {
            draft.value = { ...draft.value, reason: event.currentTarget.value };
          }}
        />
        <span class="hint">{words.value.reasonHint}</span>
      </label>
      <button type="submit" class="primary">
        {words.value.preview}
      </button>
    </form>
  );
}

/** Warns that an earlier list may have been applied. */
function UnansweredWarning() {
  return (
    <div class="warning">
      <p>{words.value.outcomeUnknownBefore}</p>
      <a href="/admin/audit?action=credits.grant">{words.value.audit}</a>
      <button type="button" class="quiet" onClick={() => keyStore.set({})}>
        {words.value.outcomeChecked}
      </button>
    </div>
  );
}

function Faults({ faults }: { faults: readonly string[] }) {
  const more = faults.length - MAX_FAULTS_SHOWN;
  return (
    <ul class="fault" role="alert" id="list-faults">
      {faults.slice(0, MAX_FAULTS_SHOWN).map((it) => (
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

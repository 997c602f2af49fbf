import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { time } from '../../strings/strings.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import type { MadeScimToken, ScimTokens } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';

type Token = ScimTokens['tokens'][number];

const TOKENS = '/api/admin/scim-tokens/';
const DAYS = [30, 90, 365] as const;
const DAY_MS = 24 * 3_600_000;

/** The tokens with which directories create and disable accounts. */
export function DirectoryPage() {
  const resource = useResource<ScimTokens>(TOKENS);
  const [made, setMade] = useState<MadeScimToken>();
  const { reload } = resource;
  const onEnded = (id: string) => {
    // What it says could be copied still, and would not work.
    if (made?.id === id) setMade(undefined);
    reload();
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.directory} />
      </header>
      <p class="hint">{words.value.directoryText}</p>
      <Loaded resource={resource}>
        {({ address, tokens }) => (
          <>
            <section class="page-section" aria-label={words.value.directoryAddress}>
              <h2>{words.value.directoryAddress}</h2>
              <div class="copied-line">
                <code>{address}</code>
                <CopyButton text={address} class="quiet" />
              </div>
            </section>
            <section class="page-section" aria-label={words.value.scimTokenMake}>
              <h2>{words.value.scimTokens}</h2>
              <TokenTable tokens={tokens} onEnded={onEnded} />
              {made && (
                <div class="fresh-key" role="status">
                  <p>{words.value.scimTokenFresh}</p>
                  <code>{made.token}</code>
                  <CopyButton text={made.token} />
                </div>
              )}
              <NewToken
                onMade={(token) => {
                  setMade(token);
                  reload();
                }}
              />
            </section>
          </>
        )}
      </Loaded>
      <section class="page-section">
        <p class="hint">{words.value.ldapText}</p>
      </section>
    </>
  );
}

function NewToken({ onMade }: { onMade: (made: MadeScimToken) => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('365');
  const make = async () => {
    const lasts =
      days === '' ? {} : { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() };
    const isMade = await runAction(async () =>
      onMade(await call<MadeScimToken>('POST', TOKENS, { name, ...lasts })),
    );
    if (isMade) setName('');
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <label>
        {words.value.scimTokenName}
        <input
          required
          maxLength={100}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        {words.value.scimTokenLasts}
        <select value={days} onChange={(event) => setDays(event.currentTarget.value)}>
          {DAYS.map((it) => (
            <option key={it} value={String(it)}>
              {words.value.scimTokenDays(it)}
            </option>
          ))}
          <option value="">{words.value.scimTokenForEver}</option>
        </select>
      </label>
      <button type="submit" class="primary">
        {words.value.scimTokenMake}
      </button>
    </form>
  );
}

function TokenTable(props: { tokens: readonly Token[]; onEnded: (id: string) => void }) {
  const { tokens, onEnded } = props;
  if (tokens.length === 0) return <p class="empty">{words.value.scimTokenNone}</p>;
  const { scimTokenName, scimTokens, scimTokenBegins, scimTokenBy, scimTokenMade } = words.value;
  const { scimTokenExpires, scimTokenUsed, scimTokenEnd } = words.value;
  return (
    <TableFrame name={scimTokens}>
      <table class="data stacks">
        <thead>
          <tr>
            <Headings names={[scimTokenName, scimTokenBegins, scimTokenBy, scimTokenMade]} />
            <Headings names={[scimTokenExpires, scimTokenUsed, scimTokenEnd]} />
          </tr>
        </thead>
        <tbody>
          {tokens.map((it) => (
            <Row key={it.id} token={it} onEnded={onEnded} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Row({ token, onEnded }: { token: Token; onEnded: (id: string) => void }) {
  const { id, name, prefix, created_at, expires_at, last_used_at } = token;
  const end = async () => {
    const answer = await confirmAction({
      title: words.value.scimTokenEndTitle(name),
      sentences: [words.value.scimTokenEndText],
      label: words.value.scimTokenEnd,
      isDangerous: true,
    });
    if (!answer) return;
    const done = words.value.scimTokenEndDone;
    if (await runAction(() => call('DELETE', `${TOKENS}${id}/`), done)) onEnded(id);
  };
  return (
    <tr>
      <td class="wide">{name}</td>
      <td data-name={words.value.scimTokenBegins}>
        <code>{prefix}…</code>
      </td>
      <td data-name={words.value.scimTokenBy}>{token.made_by_name ?? token.made_by}</td>
      <td data-name={words.value.scimTokenMade}>{time(created_at)}</td>
      <td data-name={words.value.scimTokenExpires}>
        <Expiry at={expires_at} />
      </td>
      <td data-name={words.value.scimTokenUsed}>
        {last_used_at === null ? words.value.scimTokenNeverUsed : time(last_used_at)}
      </td>
      <td>
        <button
          type="button"
          class="quiet bad"
          aria-label={words.value.scimTokenEndOf(name)}
          onClick={() => void end()}
        >
          {words.value.scimTokenEnd}
        </button>
      </td>
    </tr>
  );
}

function Expiry({ at }: { at: string | null }) {
  if (at === null) return <>{words.value.scimTokenForEver}</>;
  if (Date.parse(at) > Date.now()) return <>{time(at)}</>;
  return <span class="fault">{words.value.scimTokenExpired(time(at))}</span>;
}

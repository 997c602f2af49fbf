import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { CheckedDirectory, SignInDirectory, TriedDirectory } from '../types.ts';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { Facts } from './facts.tsx';
import { FaultText } from './fault-text.tsx';
import { Preview } from './preview.tsx';

/** The LDAP directory: what is configured, whether it answers, and what it has of a name. */
export function DirectorySection({ directory }: { directory: SignInDirectory }) {
  return (
    <section class="page-section sign-in-way" aria-labelledby="ldap">
      <h2 id="ldap">LDAP</h2>
      <Servers />
      <TryDirectory />
      <details>
        <summary>{words.value.signInConfigured}</summary>
        <Facts facts={factsOf(directory)} />
      </details>
    </section>
  );
}

function Servers() {
  const [checked, setChecked] = useState<CheckedDirectory>();
  const [isAsking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    await runAction(async () => setChecked(await call('POST', '/api/admin/directory/check/')));
    setAsking(false);
  };
  useEffect(() => void ask(), []);
  const { signInAsk, signInAsking, signInServerWorks } = words.value;
  return (
    <>
      <ul class="plain-list" role="status" aria-busy={isAsking}>
        {checked?.servers.map(({ url, fault }) => (
          <li key={url}>
            <code>{url}</code> {fault ? <FaultText fault={fault} /> : signInServerWorks}
          </li>
        ))}
      </ul>
      <button type="button" disabled={isAsking} onClick={() => void ask()}>
        {isAsking ? signInAsking : signInAsk}
      </button>
    </>
  );
}

function TryDirectory() {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState<TriedDirectory>();
  const [isTrying, setTrying] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setTrying(true);
    setTried(undefined);
    const body = { username, ...(password === '' ? {} : { password }) };
    await runAction(async () => setTried(await call('POST', '/api/admin/directory/try/', body)));
    setTrying(false);
  };
  return (
    <>
      <h3>{words.value.tryDirectory}</h3>
      <p class="hint">{words.value.tryDirectoryText}</p>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>
          {words.value.tryUsername}
          <input
            required
            maxLength={200}
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            value={username}
            onInput={(event) => setUsername(event.currentTarget.value)}
          />
        </label>
        <label>
          {words.value.tryPassword}
          <input
            type="password"
            autoComplete="off"
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={isTrying}>
          {words.value.tryLookUp}
        </button>
      </form>
      <div role="status" aria-busy={isTrying}>
        {tried && <Tried tried={tried} />}
      </div>
    </>
  );
}

function Tried({ tried }: { tried: TriedDirectory }) {
  const { entry, password_is_right: isRight, preview } = tried;
  return (
    <>
      {isRight !== null && <p>{words.value.tryPasswordRight(isRight)}</p>}
      <Preview preview={preview} heading="h3" />
      {entry && (
        <>
          <h3>{words.value.tryEntry}</h3>
          <Facts
            facts={[
              ['dn', entry.dn],
              ...entry.attributes.map(({ name, values }) => [name, values.join('\n')] as const),
            ]}
          />
        </>
      )}
    </>
  );
}

function factsOf(directory: SignInDirectory): [string, string][] {
  const { signInMembers: names, signInMapped, nothingThere } = words.value;
  const { attributes, group_search: search, groups, staff } = directory;
  const { id, username, email, groups: memberOf } = attributes;
  const list = (items: readonly string[]) => (items.length > 0 ? items.join('\n') : nothingThere);
  return [
    [names.servers, directory.urls.join(', ') + (directory.start_tls ? ' (StartTLS)' : '')],
    [names.bind, directory.bind_dn ?? words.value.signInAnonymous],
    [names.base, directory.base],
    [names.filter, directory.filter],
    [names.attributes, [id ?? 'entryUUID, objectGUID', username, email, memberOf].join(', ')],
    [names.groupsFrom, search ? `${search.base} ${search.filter}` : memberOf],
    [names.groups, list(groups.map(({ there, group }) => signInMapped(there, group)))],
    [names.staff, staff ? list(staff) : words.value.signInNobody],
    [names.accounts, words.value.signInMakesAccounts(directory.create_accounts)],
  ];
}

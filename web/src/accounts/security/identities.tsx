/** The accounts elsewhere by which one signs in, on the account page. */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { TiedIdentity } from '../../api/types.ts';
import { refreshAccount } from '../../state/account.ts';
import { dismissOwn } from '../../state/account-notices.ts';
import { nameIn } from '../../strings/security/notice-text.ts';
import { securityText } from '../../strings/security/security.ts';
import { strings, time } from '../../strings/strings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';

/** What the account is connected to, and how to disconnect it; nothing if there is nothing. */
export function Identities() {
  const text = securityText.value.identities;
  const [identities, setIdentities] = useState<readonly TiedIdentity[]>([]);
  const [removing, setRemoving] = useState<TiedIdentity>();
  const [isDone, setDone] = useState(false);
  const { fault, attempt } = useAttempt();
  const load = async () => {
    const path = '/api/account/identities/';
    setIdentities((await call<{ identities: TiedIdentity[] }>('GET', path)).identities);
  };
  useEffect(() => void attempt(load), []);
  const remove = ({ id }: TiedIdentity) => {
    setRemoving(undefined);
    setDone(false);
    void attempt(async () => {
      await call('DELETE', `/api/account/identities/${id}/`);
      await Promise.all([load(), refreshAccount()]);
      void dismissOwn('identity.removed');
      setDone(true);
    });
  };
  if (identities.length === 0 && !isDone && fault === '') return null;
  return (
    <section>
      <h2>{text.title}</h2>
      <ul class="rows">
        {identities.map((it) => (
          <li key={it.id}>
            <span class="row-main">{nameOf(it)}</span>
            <span class="row-more">
              {strings.value.since(time(it.created_at))}
              {it.last_used_at !== null &&
                ` · ${securityText.value.sessions.lastUsed(time(it.last_used_at))}`}
            </span>
            <button
              type="button"
              aria-label={text.removeNamed(nameOf(it))}
              onClick={() => setRemoving(it)}
            >
              {text.remove}
            </button>
          </li>
        ))}
      </ul>
      {isDone && <p role="status">{text.removed}</p>}
      {removing && (
        <Dialog title={text.removeNamed(nameOf(removing))} onClose={() => setRemoving(undefined)}>
          <p>{text.question(nameOf(removing))}</p>
          <div class="row">
            <button type="button" class="danger" onClick={() => remove(removing)}>
              {text.remove}
            </button>
            <button type="button" onClick={() => setRemoving(undefined)}>
              {strings.value.cancel}
            </button>
          </div>
        </Dialog>
      )}
      <Fault words={fault} />
    </section>
  );
}

function nameOf({ by, names }: TiedIdentity): string {
  return by === 'ldap' ? securityText.value.identities.directory : nameIn(names);
}

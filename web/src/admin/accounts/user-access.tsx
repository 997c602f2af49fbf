/** A user's API keys and sessions, and the rarer actions on an account. */
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { nameIn } from '../../strings/security/notice-text.ts';
import { sessionText } from '../../strings/session-text.ts';
import { time } from '../../strings/strings.ts';
import type { Link, UserDetail } from '../types.ts';
import { runAction } from '../ui/toast.tsx';
import type { RoleChange } from '../words/en/accounts.ts';
import { words } from '../words/words.ts';
import { OneTimeLink } from './one-time-link.tsx';
import {
  canDisable,
  changeRole,
  deleteUser,
  endSessions,
  resetFactors,
  revokeKey,
  untie,
} from './user-actions.ts';

interface UserProps {
  readonly detail: UserDetail;
  readonly onDone: () => void;
}

/** API keys and sessions, and one line for what there is none of. */
export function Access({ detail, onDone }: UserProps) {
  const { holds, identities, keys, sessions } = detail;
  const missing = [
    ...(holds.length === 0 ? [words.value.nothingInProgress] : []),
    ...(keys.length === 0 ? [words.value.noKeys] : []),
    ...(sessions.length === 0 ? [words.value.noSessions] : []),
  ];
  return (
    <>
      {keys.length > 0 && <Keys detail={detail} onDone={onDone} />}
      {identities.length > 0 && <Identities detail={detail} onDone={onDone} />}
      {sessions.length > 0 && <Sessions detail={detail} onDone={onDone} />}
      {missing.length > 0 && <p class="hint nothing">{missing.join(' ')}</p>}
    </>
  );
}

function Keys({ detail: { user, keys }, onDone }: UserProps) {
  const revoke = async (key: UserDetail['keys'][number]) => {
    if (await revokeKey(user, key)) onDone();
  };
  return (
    <section class="page-section">
      <h2>{words.value.keys}</h2>
      <ul class="rows">
        {keys.map((it) => (
          <li key={it.id}>
            <span class="row-main">
              {it.name} <code>{it.prefix}…</code>
            </span>
            <span class="row-more">
              {it.budget === null
                ? words.value.spent(it.spent)
                : words.value.spentOf(it.spent, it.budget)}
              {it.last_used_at !== null && ` · ${words.value.lastUsed(time(it.last_used_at))}`}
            </span>
            <button
              type="button"
              aria-label={words.value.revokeKeyTitle(it.name)}
              onClick={() => void revoke(it)}
            >
              {words.value.revoke}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Identities({ detail, onDone }: UserProps) {
  const { user, identities } = detail;
  const canUntie = canDisable(user) && (me.value?.is_superuser === true || !user.is_staff);
  const remove = async (id: string, way: string) => {
    if (await untie(detail, { id, way })) onDone();
  };
  return (
    <section class="page-section">
      <h2>{words.value.identities}</h2>
      <ul class="rows">
        {identities.map(({ id, by, names, created_at: made, last_used_at: used }) => {
          const way = by === 'ldap' ? words.value.identityDirectory : nameIn(names);
          return (
            <li key={id}>
              <span class="row-main">{way}</span>
              <span class="row-more">
                {words.value.identitySince(time(made))}
                {used !== null && ` · ${words.value.lastUsed(time(used))}`}
              </span>
              {canUntie && (
                <button
                  type="button"
                  aria-label={`${words.value.untie}: ${way}`}
                  onClick={() => void remove(id, way)}
                >
                  {words.value.untie}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Sessions({ detail, onDone }: UserProps) {
  const end = async () => {
    if (await endSessions(detail)) onDone();
  };
  return (
    <section class="page-section">
      <h2>{words.value.sessions}</h2>
      <ul class="rows">
        {detail.sessions.map((it) => (
          <li key={it.id}>
            <span class="row-main">{sessionText(it)}</span>
            <span class="row-more">
              {`${words.value.signedIn(time(it.created_at))}, `}
              {words.value.expires(time(it.expires_at))}
            </span>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => void end()}>
        {words.value.endSessions}
      </button>
    </section>
  );
}

/** Actions that are rare or cannot be undone, apart from the others. */
export function AccountActions({ detail, address, onDone }: UserProps & { address: string }) {
  const [link, setLink] = useState<Link>();
  const { user } = detail;
  if (!canDisable(user)) return null;
  const canChangeRoles = me.value?.is_superuser === true;
  const roleButton = (label: string, change: RoleChange) => {
    const apply = async () => {
      if (await changeRole(user, label, change)) onDone();
    };
    return (
      <button type="button" onClick={() => void apply()}>
        {label}
      </button>
    );
  };
  const { totp, passkeys } = detail.factors;
  const hasFactors = (totp || passkeys > 0) && (canChangeRoles || !user.is_staff);
  const removeFactors = async () => {
    if (await resetFactors(detail)) onDone();
  };
  const createLink = () => call<Link>('POST', `${address}password-link/`).then(setLink);
  return (
    <section class="page-section">
      <h2>{words.value.account}</h2>
      <div class="actions">
        <button type="button" onClick={() => void runAction(createLink)}>
          {words.value.passwordLink}
        </button>
        {canChangeRoles &&
          roleButton(user.is_staff ? words.value.removeStaff : words.value.makeStaff, {
            is_staff: !user.is_staff,
          })}
        {canChangeRoles &&
          roleButton(user.is_superuser ? words.value.removeSuperuser : words.value.makeSuperuser, {
            is_superuser: !user.is_superuser,
          })}
        {hasFactors && (
          <button type="button" onClick={() => void removeFactors()}>
            {words.value.resetFactors}
          </button>
        )}
        <button type="button" class="bad" onClick={() => void deleteUser(detail)}>
          {words.value.deleteUser}
        </button>
      </div>
      {link && <OneTimeLink link={link} />}
    </section>
  );
}

/** How a user gets in, and what is rarely done to an account. */
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { number, time } from '../../strings/strings.ts';
import type { Link, UserDetail } from '../types.ts';
import { attempt } from '../ui/list.tsx';
import { words } from '../words/words.ts';
import { LinkShown } from './link-shown.tsx';
import { changeFlag, endKey, endSessions, mayShutOut, removeUser } from './user-actions.ts';

interface Part {
  readonly detail: UserDetail;
  readonly onDone: () => void;
}

/** Keys and sessions; what there is none of is said in one line. */
export function Access({ detail, onDone }: Part) {
  const { holds, keys, sessions } = detail;
  const nothing = [
    ...(holds.length === 0 ? [words.value.nothingOpen] : []),
    ...(keys.length === 0 ? [words.value.noKeys] : []),
    ...(sessions.length === 0 ? [words.value.noSessions] : []),
  ];
  return (
    <>
      {keys.length > 0 && <Keys detail={detail} onDone={onDone} />}
      {sessions.length > 0 && <Sessions detail={detail} onDone={onDone} />}
      {nothing.length > 0 && <p class="hint nothing">{nothing.join(' ')}</p>}
    </>
  );
}

function Keys({ detail: { user, keys }, onDone }: Part) {
  const end = async (key: UserDetail['keys'][number]) => {
    if (await endKey(user, key)) onDone();
  };
  return (
    <section class="place-section">
      <h2>{words.value.keys}</h2>
      <ul class="rows">
        {keys.map((it) => (
          <li key={it.id}>
            <span class="row-main">
              {it.name} <code>{it.prefix}…</code>
            </span>
            <span class="row-more">
              {it.budget === null
                ? words.value.spent(number(it.spent))
                : words.value.spentOf(number(it.spent), number(it.budget))}
              {it.last_used_at !== null && ` · ${words.value.lastUsed(time(it.last_used_at))}`}
            </span>
            <button
              type="button"
              aria-label={words.value.endKeyTitle(it.name)}
              onClick={() => void end(it)}
            >
              {words.value.end}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sessions({ detail, onDone }: Part) {
  const end = async () => {
    if (await endSessions(detail)) onDone();
  };
  return (
    <section class="place-section">
      <h2>{words.value.sessions}</h2>
      <ul class="rows">
        {detail.sessions.map((it) => (
          <li key={it.id}>
            <span class="row-main">{words.value.signedIn(time(it.created_at))}</span>
            <span class="row-more">
              {words.value.until} {time(it.expires_at)}
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

/** What is done rarely or cannot be undone, apart from the rest. */
export function AccountActions({ detail, where, onDone }: Part & { where: string }) {
  const [link, setLink] = useState<Link>();
  const { user } = detail;
  if (!mayShutOut(user)) return null;
  const isForStaff = me.value?.is_superuser === true;
  const flag = (deed: string, change: { is_staff?: boolean; is_superuser?: boolean }) => {
    const turn = async () => {
      if (await changeFlag(user, deed, change)) onDone();
    };
    return (
      <button type="button" onClick={() => void turn()}>
        {deed}
      </button>
    );
  };
  const makeLink = () => call<Link>('POST', `${where}password-link/`).then(setLink);
  return (
    <section class="place-section">
      <h2>{words.value.account}</h2>
      <div class="actions">
        <button type="button" onClick={() => void attempt(makeLink)}>
          {words.value.passwordLink}
        </button>
        {isForStaff &&
          flag(user.is_staff ? words.value.unmakeStaff : words.value.makeStaff, {
            is_staff: !user.is_staff,
          })}
        {isForStaff &&
          flag(user.is_superuser ? words.value.unmakeSuperuser : words.value.makeSuperuser, {
            is_superuser: !user.is_superuser,
          })}
        <button type="button" class="bad" onClick={() => void removeUser(detail)}>
          {words.value.deleteUser}
        </button>
      </div>
      {link && <LinkShown link={link} />}
    </section>
  );
}

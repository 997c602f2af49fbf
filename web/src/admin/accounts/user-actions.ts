/** What can be done to a user: each is asked first, and said afterwards. */
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { go } from '../../state/router.ts';
import { number, time } from '../../strings/strings.ts';
import type { AdminUser, Line, UserDetail } from '../types.ts';
import { confirmed } from '../ui/confirm.tsx';
import { attempt, say, sayFault, sentenceOf } from '../ui/list.tsx';
import type { FlagChange, Sorted } from '../words/actions.ts';
import { words } from '../words/words.ts';

/** Superusers are for superusers only to do something to. */
export function mayBookFor({ is_superuser: isSuperuser }: AdminUser): boolean {
  return me.value?.is_superuser === true || !isSuperuser;
}

/** Nobody shuts themselves out. */
export function mayShutOut(user: AdminUser): boolean {
  return user.id !== me.value?.id && mayBookFor(user);
}

function addressOf({ id }: { readonly id: number }): string {
  return `/api/admin/users/${id}/`;
}

/** A reason only if there is one. */
function because(reason: string): { readonly reason?: string } {
  return reason === '' ? {} : { reason };
}

/** Reads a user, to say in numbers what would be done; undefined if that failed, and was said. */
export async function detailOf(user: AdminUser): Promise<UserDetail | undefined> {
  try {
    return await call<UserDetail>('GET', addressOf(user));
  } catch (error) {
    sayFault(sentenceOf(error));
    return undefined;
  }
}

/** Shuts a user out, or lets one in again; true if it was done. */
export async function turnActive(detail: UserDetail): Promise<boolean> {
  const { username, is_active: isActive } = detail.user;
  const answer = await confirmed({
    title: isActive ? words.value.disableTitle(username) : words.value.enableTitle(username),
    sentences: isActive ? words.value.ofDisabling(detail) : words.value.ofEnabling(detail),
    deed: isActive ? words.value.disable : words.value.enable,
    isDangerous: isActive,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const body = { is_active: !isActive, ...because(answer.reason) };
  const done = isActive ? words.value.isDisabled(username) : words.value.isEnabled(username);
  return attempt(() => call('PATCH', addressOf(detail.user), body), done);
}

/** Gives or takes a flag of the staff; true if it was done. */
export async function changeFlag(
  user: AdminUser,
  deed: string,
  change: FlagChange,
): Promise<boolean> {
  const answer = await confirmed({
    title: `${deed}: ${user.username}?`,
    sentences: [words.value.ofFlag(user, change)],
    deed,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const body = { ...change, ...because(answer.reason) };
  const work = () => call('PATCH', addressOf(user), body);
  return attempt(work, words.value.flagNotice(user.username, change));
}

/** Erases a user, and goes back to the list. */
export async function removeUser(detail: UserDetail): Promise<void> {
  const { user } = detail;
  const answer = await confirmed({
    title: words.value.deleteTitle(user.username),
    sentences: words.value.ofDeleting(detail),
    deed: words.value.deleteUser,
    isDangerous: true,
    phrase: user.username,
    hasReason: 'optional',
  });
  if (!answer) return;
  const why = new URLSearchParams(because(answer.reason));
  if (!(await attempt(() => call('DELETE', `${addressOf(user)}?${why}`)))) return;
  go('/admin/');
  say(words.value.isDeleted(user.username));
}

/** Ends an API key; true if it was done. */
export async function endKey(user: AdminUser, key: UserDetail['keys'][number]): Promise<boolean> {
  const answer = await confirmed({
    title: words.value.endKeyTitle(key.name),
    sentences: [words.value.endKeyText(user.username, `${key.prefix}…`, number(key.spent))],
    deed: words.value.endKey,
    isDangerous: true,
  });
  if (!answer) return false;
  const work = () => call('DELETE', `${addressOf(user)}keys/${key.id}/`);
  return attempt(work, words.value.keyEnded(key.name, user.username));
}

/** Ends all sessions; true if it was done. */
export async function endSessions({ user, sessions }: UserDetail): Promise<boolean> {
  const count = sessions.length;
  const answer = await confirmed({
    title: words.value.endSessionsTitle(user.username),
    sentences: [words.value.endSessionsText(count)],
    deed: words.value.endSessions,
  });
  if (!answer) return false;
  const work = () => call('POST', `${addressOf(user)}end-sessions/`);
  return attempt(work, words.value.sessionsEnded(count, user.username));
}

/** Gives back what a charge took; true if it was done. */
export async function refund({ username }: AdminUser, line: Line): Promise<boolean> {
  const tokens = 0 - line.amount;
  const answer = await confirmed({
    title: words.value.refundTitle(username),
    sentences: [words.value.refundText(tokens, username, time(line.timestamp), line.model ?? '')],
    deed: words.value.refundDeed(tokens),
    hasReason: 'required',
  });
  if (!answer) return false;
  const body = { charge: line.id, reason: answer.reason };
  return attempt(
    () => call<{ tokens: number }>('POST', '/api/admin/refunds/', body),
    (given) => words.value.refundDone(given.tokens, username),
  );
}

/** Who of a selection can be disabled, by what the list says of them. */
export function sortForDisabling(users: readonly AdminUser[]): Sorted {
  const others = users.filter(({ id }) => id !== me.value?.id);
  const inReach = others.filter(mayBookFor);
  return {
    able: inReach.filter((it) => it.is_active),
    disabledBefore: inReach.filter((it) => !it.is_active),
    oneself: users.find(({ id }) => id === me.value?.id),
    outOfReach: others.filter((it) => !mayBookFor(it)),
  };
}

/** Shuts out all of a selection who can be, at once; true if it was done. */
export async function disableMany(users: readonly AdminUser[]): Promise<boolean> {
  const sorted = sortForDisabling(users);
  const count = sorted.able.length;
  if (count === 0) {
    sayFault([words.value.nobodyToDisable, ...words.value.ofLeavingOut(sorted)].join(' '));
    return false;
  }
  const deed = words.value.disableMany(count);
  const answer = await confirmed({
    title: `${deed}?`,
    sentences: words.value.ofDisablingMany(sorted),
    deed,
    isDangerous: true,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const body = { ids: sorted.able.map(({ id }) => id), ...because(answer.reason) };
  return attempt(
    () => call<{ disabled: number }>('POST', '/api/admin/users/disable/', body),
    ({ disabled }) => words.value.disabledNotice(disabled),
  );
}

/** Actions on users: each asks for confirmation, and shows a message when it is done. */
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { go } from '../../state/router.ts';
import { time } from '../../strings/strings.ts';
import type { AdminUser, Line, UserDetail } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { runAction, showError, showToast } from '../ui/toast.tsx';
import type { DisableSelection, RoleChange } from '../words/en/accounts.ts';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';

/** Only superusers can act on a superuser. */
export function canChangeBalance({ is_superuser: isSuperuser }: AdminUser): boolean {
  return me.value?.is_superuser === true || !isSuperuser;
}

/** Nobody can disable their own account. */
export function canDisable(user: AdminUser): boolean {
  return user.id !== me.value?.id && canChangeBalance(user);
}

function addressOf({ id }: { readonly id: number }): string {
  return `/api/admin/users/${id}/`;
}

/** Leaves an empty reason out. */
function withReason(reason: string): { readonly reason?: string } {
  return reason === '' ? {} : { reason };
}

/** Loads a user; undefined if that failed, which is shown. */
export async function loadUser(user: AdminUser): Promise<UserDetail | undefined> {
  try {
    return await call<UserDetail>('GET', addressOf(user));
  } catch (error) {
    showError(errorMessage(error));
    return undefined;
  }
}

/** Disables or enables a user. @returns whether it was done */
export async function toggleActive(detail: UserDetail): Promise<boolean> {
  const { username, is_active: isActive } = detail.user;
  const answer = await confirmAction({
    title: isActive ? words.value.disableTitle(username) : words.value.enableTitle(username),
    sentences: isActive
      ? words.value.disableConsequences(detail)
      : words.value.enableConsequences(detail),
    label: isActive ? words.value.disable : words.value.enable,
    isDangerous: isActive,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const body = { is_active: !isActive, ...withReason(answer.reason) };
  const done = isActive ? words.value.isDisabled(username) : words.value.isEnabled(username);
  return runAction(() => call('PATCH', addressOf(detail.user), body), done);
}

/** Gives or takes away a staff role. @returns whether it was done */
export async function changeRole(
  user: AdminUser,
  label: string,
  change: RoleChange,
): Promise<boolean> {
  const answer = await confirmAction({
    title: `${label}: ${user.username}?`,
    sentences: [words.value.roleConsequences(user, change)],
    label,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const body = { ...change, ...withReason(answer.reason) };
  return runAction(
    () => call('PATCH', addressOf(user), body),
    words.value.roleChanged(user.username, change),
  );
}

/** Deletes a user and returns to the list. */
export async function deleteUser(detail: UserDetail): Promise<void> {
  const { user } = detail;
  const answer = await confirmAction({
    title: words.value.deleteTitle(user.username),
    sentences: words.value.deleteConsequences(detail),
    label: words.value.deleteUser,
    isDangerous: true,
    phrase: user.username,
    hasReason: 'optional',
  });
  if (!answer) return;
  const parameters = new URLSearchParams(withReason(answer.reason));
  const work = () => call('DELETE', `${addressOf(user)}?${parameters}`);
  if (!(await runAction(work))) return;
  go('/admin/');
  showToast(words.value.isDeleted(user.username));
}

/** Revokes an API key. @returns whether it was done */
export async function revokeKey(
  user: AdminUser,
  key: UserDetail['keys'][number],
): Promise<boolean> {
  const answer = await confirmAction({
    title: words.value.revokeKeyTitle(key.name),
    sentences: [words.value.revokeKeyText(user.username, `${key.prefix}…`, key.spent)],
    label: words.value.revokeKey,
    isDangerous: true,
  });
  if (!answer) return false;
  const work = () => call('DELETE', `${addressOf(user)}keys/${key.id}/`);
  return runAction(work, words.value.keyRevoked(key.name, user.username));
}

/** Ends all sessions of a user. @returns whether it was done */
export async function endSessions({ user, sessions }: UserDetail): Promise<boolean> {
  const count = sessions.length;
  const answer = await confirmAction({
    title: words.value.endSessionsTitle(user.username),
    sentences: [words.value.endSessionsText(count)],
    label: words.value.endSessions,
  });
  if (!answer) return false;
  const work = () => call('POST', `${addressOf(user)}end-sessions/`);
  return runAction(work, words.value.sessionsEnded(count, user.username));
}

/** Removes the second factors that a user has lost. @returns whether it was done */
export async function resetFactors({ user }: UserDetail): Promise<boolean> {
  const { username } = user;
  const answer = await confirmAction({
    title: words.value.resetFactorsTitle(username),
    sentences: words.value.resetFactorsText(username),
    label: words.value.resetFactors,
    isDangerous: true,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const parameters = new URLSearchParams(withReason(answer.reason));
  const work = () => call('DELETE', `${addressOf(user)}factors/?${parameters}`);
  return runAction(work, words.value.factorsReset(username));
}

/** Unties an account elsewhere from a user's. @returns whether it was done */
export async function untie(
  { user }: UserDetail,
  { id, way }: { readonly id: string; readonly way: string },
): Promise<boolean> {
  const { username } = user;
  const answer = await confirmAction({
    title: words.value.untieTitle(way, username),
    sentences: words.value.untieText(username),
    label: words.value.untie,
    isDangerous: true,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const parameters = new URLSearchParams(withReason(answer.reason));
  const work = () => call('DELETE', `${addressOf(user)}identities/${id}/?${parameters}`);
  return runAction(work, words.value.untied(way, username));
}

/** Refunds a charge. @returns whether it was done */
export async function refund(
  { username }: Pick<AdminUser, 'username'>,
  line: Pick<Line, 'id' | 'amount' | 'timestamp' | 'model'>,
): Promise<boolean> {
  const tokens = 0 - line.amount;
  const answer = await confirmAction({
    title: words.value.refundTitle(username),
    sentences: [words.value.refundText(tokens, username, time(line.timestamp), line.model ?? '')],
    label: words.value.refundTokens(tokens),
    hasReason: 'required',
  });
  if (!answer) return false;
  const body = { charge: line.id, reason: answer.reason };
  return runAction(
    () => call<{ tokens: number }>('POST', '/api/admin/refunds/', body),
    (refunded) => words.value.refundDone(refunded.tokens, username),
  );
}

/** Sorts a selection by who can be disabled, as far as the list tells. */
export function selectionForDisabling(users: readonly AdminUser[]): DisableSelection {
  const others = users.filter(({ id }) => id !== me.value?.id);
  const manageable = others.filter(canChangeBalance);
  return {
    able: manageable.filter((it) => it.is_active),
    alreadyDisabled: manageable.filter((it) => !it.is_active),
    oneself: users.find(({ id }) => id === me.value?.id),
    protectedUsers: others.filter((it) => !canChangeBalance(it)),
  };
}

/** Disables everyone in a selection who can be disabled. @returns whether it was done */
export async function disableMany(users: readonly AdminUser[]): Promise<boolean> {
  const selection = selectionForDisabling(users);
  const count = selection.able.length;
  if (count === 0) {
    showError([words.value.nobodyToDisable, ...words.value.leftOut(selection)].join(' '));
    return false;
  }
  const label = words.value.disableMany(count);
  const answer = await confirmAction({
    title: `${label}?`,
    sentences: words.value.disableManyConsequences(selection),
    label,
    isDangerous: true,
    hasReason: 'optional',
  });
  if (!answer) return false;
  const body = { ids: selection.able.map(({ id }) => id), ...withReason(answer.reason) };
  return runAction(
    () => call<{ disabled: number }>('POST', '/api/admin/users/disable/', body),
    ({ disabled }) => words.value.disabledMany(disabled),
  );
}

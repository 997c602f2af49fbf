/** What is said before something is done to users, and after it: in names and numbers. */
import type { AdminUser, UserDetail } from '../types.ts';
import type { FlagChange, Sorted, Sums } from './actions.ts';
import { counted, number } from './en-plurals.ts';

/** A list of things reads as one would say it. */
const listed = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** How many sessions and keys; undefined if there are none of both. */
function accessOf({ sessions, keys }: UserDetail): string | undefined {
  const parts = [
    ...(sessions.length > 0 ? [counted(sessions.length, 'session')] : []),
    ...(keys.length > 0 ? [counted(keys.length, 'API key')] : []),
  ];
  return parts.length === 0 ? undefined : listed.format(parts);
}

function isOne({ sessions, keys }: UserDetail): boolean {
  return sessions.length + keys.length === 1;
}

function endOfHolds({ holds }: UserDetail): string[] {
  if (holds.length === 0) return [];
  const what = holds.length === 1 ? 'answer that is' : 'answers that are';
  const end = holds.length === 1 ? 'ends and is' : 'end and are';
  return [`${number(holds.length)} ${what} being written ${end} charged for as far as it came.`];
}

/** What follows for somebody who is disabled. */
function ofDisabling(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  return [
    access === undefined
      ? `${name} cannot sign in any more. There are no sessions and no API keys to stop.`
      : `${name} cannot sign in any more. Within a second ${access} ` +
        `${isOne(detail) ? 'stops' : 'stop'} working.`,
    ...endOfHolds(detail),
  ];
}

/** What follows for somebody who is let in again. */
function ofEnabling(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  if (access === undefined) return [`${name} can sign in again.`];
  return [`${name} can sign in again; ${access} ${isOne(detail) ? 'works' : 'work'} again.`];
}

/** What goes with somebody who is deleted, and what stays. */
function ofDeleting(detail: UserDetail): string[] {
  const { user } = detail;
  const access = accessOf(detail);
  const balance =
    user.tokens === 0
      ? `${user.username} has no tokens that would be lost.`
      : `${user.username} has ${counted(user.tokens, 'token')}, which ` +
        `${isOrAre(user.tokens)} given up.`;
  return [
    access === undefined
      ? `${balance} There are no API keys and no sessions.`
      : `${balance} ${access} ${isOne(detail) ? 'ends' : 'end'}.`,
    ...endOfHolds(detail),
    'Name, password and all that was said are erased. The bookings stay, without a name. ' +
      'This cannot be undone.',
  ];
}

/** What a flag of the staff means that is given or taken. */
function ofFlag({ username, is_superuser: isSuperuser }: AdminUser, change: FlagChange): string {
  if (change.is_superuser === true) {
    return (
      `${username} may do everything here then: what staff may, and also make and unmake staff ` +
      'and superusers, you among them.'
    );
  }
  if (change.is_superuser === false) {
    return `${username} stays on the staff, but can no longer make staff or touch superusers.`;
  }
  if (change.is_staff === true) {
    return (
      `${username} can use this panel then: see all users and what they were charged, give and ` +
      'take tokens, disable and delete accounts. Only superusers are out of reach.'
    );
  }
  return (
    `${username} can no longer use this panel` +
    `${isSuperuser ? ', and is no superuser any more either' : ''}. The account itself stays.`
  );
}

/** That a flag was given or taken. */
function flagNotice(username: string, change: FlagChange): string {
  if (change.is_superuser === true) return `${username} is a superuser now.`;
  if (change.is_superuser === false) return `${username} is no superuser any more.`;
  return change.is_staff ? `${username} is on the staff now.` : `${username} is off the staff now.`;
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** Who of a selection is left out, and why. */
function ofLeavingOut({ disabledBefore, oneself, outOfReach }: Sorted): string[] {
  const many = disabledBefore.length;
  const names = listed.format(outOfReach.map(({ username }) => username));
  const isAlone = outOfReach.length === 1;
  return [
    ...(many > 0
      ? [`${counted(many, 'user')} of your selection ${isOrAre(many)} disabled already.`]
      : []),
    ...(oneself ? [`You (${oneself.username}) are left out: nobody disables themselves.`] : []),
    ...(outOfReach.length > 0
      ? [
          `${names} ${isAlone ? 'is left out: a superuser' : 'are left out: superusers'} can ` +
            'only be disabled by another superuser.',
        ]
      : []),
  ];
}

/** What follows for all of those who are disabled together. */
function ofDisablingMany(sorted: Sorted): string[] {
  const { able } = sorted;
  const staff = able.filter((it) => it.is_staff).length;
  const onStaff =
    staff === 0 ? 'none of them on the staff' : `${number(staff)} of them on the staff`;
  const who =
    able.length === 1
      ? `1 user${staff === 1 ? ', who is on the staff,' : ''}`
      : `${counted(able.length, 'user')}, ${onStaff},`;
  return [
    `${who} cannot sign in any more. Within a second their sessions and API keys stop working ` +
      'and what is being written for them ends.',
    ...ofLeavingOut(sorted),
  ];
}

/** That so many users were disabled. */
function disabledNotice(count: number): string {
  return `${counted(count, 'user')} disabled.`;
}

/** How much is given and how much is taken. */
function sumsText({ accounts, given, taken }: Sums): string {
  const parts = [
    ...(given > 0 ? [`${counted(given, 'token')} given`] : []),
    ...(taken > 0 ? [`${counted(taken, 'token')} taken`] : []),
  ];
  return `${counted(accounts, 'account')}: ${parts.join(', ')}.`;
}

/** That it was booked. One account has a name. */
function bookedNotice(sums: Sums, username: string | undefined): string {
  if (username === undefined) return `Booked, for ${sumsText(sums)}`;
  return sums.given > 0
    ? `Booked: ${counted(sums.given, 'token')} given to ${username}.`
    : `Booked: ${counted(sums.taken, 'token')} taken from ${username}.`;
}

/** What is said of deeds, in English. */
export const enDeeds = {
  ofDisabling,
  ofEnabling,
  ofDeleting,
  ofFlag,
  flagNotice,
  ofLeavingOut,
  ofDisablingMany,
  disabledNotice,
  sumsText,
  bookedNotice,
};

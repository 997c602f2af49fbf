import type { AdminUser, UserDetail } from '../../types.ts';
import { counted, number } from './plurals.ts';

/** A staff role that is given or taken away. */
export interface RoleChange {
  readonly is_staff?: boolean;
  readonly is_superuser?: boolean;
}

/** A selection of users, by whether they can be disabled. */
export interface DisableSelection {
  readonly able: readonly AdminUser[];
  readonly alreadyDisabled: readonly AdminUser[];
  readonly oneself: AdminUser | undefined;
  /** Superusers, for staff who are not. */
  readonly protectedUsers: readonly AdminUser[];
}

const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** The number of sessions and API keys; undefined if there are none of both. */
function accessOf({ sessions, keys }: UserDetail): string | undefined {
  const parts = [
    ...(sessions.length > 0 ? [counted(sessions.length, 'session')] : []),
    ...(keys.length > 0 ? [counted(keys.length, 'API key')] : []),
  ];
  return parts.length === 0 ? undefined : list.format(parts);
}

function isOne({ sessions, keys }: UserDetail): boolean {
  return sessions.length + keys.length === 1;
}

function repliesInProgress({ holds }: UserDetail): string[] {
  if (holds.length === 0) return [];
  return [
    holds.length === 1
      ? '1 answer in progress stops; what was written so far is charged.'
      : `${number(holds.length)} answers in progress stop; what was written so far is charged.`,
  ];
}

function disableConsequences(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  return [
    access === undefined
      ? `${name} will no longer be able to sign in. There are no sessions or API keys.`
      : `${name} will no longer be able to sign in. ${access} ` +
        `${isOne(detail) ? 'stops' : 'stop'} working within a second.`,
    ...repliesInProgress(detail),
  ];
}

function enableConsequences(detail: UserDetail): string[] {
  const access = accessOf(detail);
  const name = detail.user.username;
  if (access === undefined) return [`${name} will be able to sign in again.`];
  const works = isOne(detail) ? 'works' : 'work';
  return [`${name} will be able to sign in again; ${access} ${works} again.`];
}

function deleteConsequences(detail: UserDetail): string[] {
  const { user } = detail;
  const access = accessOf(detail);
  const balance =
    user.tokens === 0
      ? `${user.username} has no tokens left.`
      : `${user.username} has ${counted(user.tokens, 'token')}; the balance is forfeited.`;
  return [
    access === undefined
      ? `${balance} There are no API keys or sessions.`
      : `${balance} ${access} ${isOne(detail) ? 'ends' : 'end'}.`,
    ...repliesInProgress(detail),
    'The username, the password and all chats are erased. The transactions stay, without a name. ' +
      'This can’t be undone.',
  ];
}

function roleConsequences(user: AdminUser, change: RoleChange): string {
  const { username } = user;
  if (change.is_superuser === true) {
    return (
      `${username} will be able to do everything here: all that staff can do, and also make ` +
      'others staff or superusers and take these roles away, including yours.'
    );
  }
  if (change.is_superuser === false) {
    return `${username} stays staff but can no longer change who is staff, nor manage superusers.`;
  }
  if (change.is_staff === true) {
    return (
      `${username} will be able to use this panel: see all users and their charges, add and ` +
      'remove tokens, disable and delete accounts. Only superusers are protected.'
    );
  }
  return (
    `${username} will no longer be able to use this panel` +
    `${user.is_superuser ? ' and will no longer be a superuser' : ''}. The account itself stays.`
  );
}

function roleChanged(username: string, change: RoleChange): string {
  if (change.is_superuser === true) return `${username} is now a superuser.`;
  if (change.is_superuser === false) return `${username} is no longer a superuser.`;
  return change.is_staff ? `${username} is now staff.` : `${username} is no longer staff.`;
}

function leftOut({ alreadyDisabled, oneself, protectedUsers }: DisableSelection): string[] {
  const count = alreadyDisabled.length;
  const names = list.format(protectedUsers.map(({ username }) => username));
  return [
    ...(count > 0
      ? [`${counted(count, 'selected user')} ${count === 1 ? 'is' : 'are'} already disabled.`]
      : []),
    ...(oneself ? [`You (${oneself.username}) are left out: you can’t disable yourself.`] : []),
    ...(protectedUsers.length > 0
      ? [
          `${names} ${protectedUsers.length === 1 ? 'is' : 'are'} left out: only a superuser can ` +
            'disable a superuser.',
        ]
      : []),
  ];
}

function disableManyConsequences(selection: DisableSelection): string[] {
  const { able } = selection;
  const staff = able.filter((it) => it.is_staff).length;
  const ofThem = staff === 0 ? 'none of them staff' : `${number(staff)} of them staff`;
  const who =
    able.length === 1
      ? `1 user${staff === 1 ? ', who is staff,' : ''}`
      : `${counted(able.length, 'user')}, ${ofThem},`;
  return [
    `${who} will no longer be able to sign in. Sessions and API keys stop working within a ` +
      'second, and answers in progress stop.',
    ...leftOut(selection),
  ];
}

/** Texts about users and their accounts. */
export const enAccounts = {
  // The list.
  searchUsers: 'Username starts with, or ID',
  state: 'State',
  anyState: 'Any state',
  active: 'Active',
  disabled: 'Disabled',
  role: 'Role',
  anyRole: 'Any role',
  staff: 'Staff',
  superuser: 'Superuser',
  joined: 'Joined',
  lastSeen: 'Last seen',
  never: 'never',
  lastSeenAt: (when: string) => `Last seen ${when}`,
  neverSeen: 'Never seen',
  noUsers: 'No users match. Change the search or the filters.',
  actions: 'Actions',
  selected: (count: string) => `${count} selected`,
  selectAll: 'Select all shown',
  select: (name: string) => `Select ${name}`,
  clearSelection: 'Clear selection',
  addTokensTo: (count: string) => `Add or remove tokens: ${count}`,
  disable: 'Disable',
  enable: 'Enable',
  disableMany: (count: number) => `Disable ${counted(count, 'user')}`,
  keyboardHint:
    'Arrow keys move, Space selects, Shift extends the selection, Ctrl+A selects all, Enter opens.',
  addTokensShort: 'Add tokens',
  addTokensToUser: (name: string) => `Add tokens: ${name}`,
  disableUser: (name: string) => `Disable ${name}`,
  enableUser: (name: string) => `Enable ${name}`,

  // A new user.
  newUser: 'New user',
  createAccount: 'Create account',
  openingBalance: 'Opening balance in tokens (empty: same as at sign-up)',
  passwordOptional: 'Password (empty: you get a link to choose one)',
  wholeNumber: 'A whole number of up to 15 digits',
  linkText: 'Copy this link now; it won’t be shown again.',
  linkExpires: (when: string) =>
    `It works once, until ${when}. Using it ends the user’s sessions and API keys, and tells ` +
    'the user that you made it.',
  accountCreated: (name: string) => `The account ${name} was created.`,
  openUser: (name: string) => `Open ${name}`,
  createAnother: 'Create another',

  // One user.
  userNotFound: 'User not found',
  userNotFoundText: (id: string) =>
    `There is no user with the ID ${id}. The account may have been deleted.`,
  id: 'ID',
  account: 'Account',
  held: 'On hold',
  addTokens: 'Add or remove tokens',
  auditEntries: 'Audit entries',
  inProgress: 'In progress',
  nothingInProgress: 'No answers in progress.',
  heldSince: (tokens: number, when: string) => `${counted(tokens, 'token')} on hold since ${when}`,
  makeStaff: 'Make staff',
  removeStaff: 'Remove from staff',
  makeSuperuser: 'Make superuser',
  removeSuperuser: 'Remove superuser role',
  passwordLink: 'Create password link',
  deleteUser: 'Delete',

  // Access.
  keys: 'API keys',
  noKeys: 'No API keys.',
  spent: (tokens: number) => `${counted(tokens, 'token')} spent`,
  spentOf: (tokens: number, budget: number) =>
    `${number(tokens)} of ${counted(budget, 'token')} spent`,
  lastUsed: (when: string) => `last used ${when}`,
  revoke: 'Revoke',
  revokeKey: 'Revoke API key',
  revokeKeyTitle: (key: string) => `Revoke the API key ${key}?`,
  revokeKeyText: (name: string, prefix: string, spent: number) =>
    `The API key ${prefix} of ${name}, which has spent ${counted(spent, 'token')}, stops working ` +
    'at once. This can’t be undone.',
  keyRevoked: (key: string, name: string) => `The API key ${key} of ${name} was revoked.`,
  sessions: 'Active sessions',
  noSessions: 'No active sessions.',
  signedIn: (when: string) => `signed in ${when}`,
  expires: (when: string) => `expires ${when}`,
  endSessions: 'Sign out everywhere',
  endSessionsTitle: (name: string) => `Sign ${name} out everywhere?`,
  endSessionsText: (sessions: number) =>
    `${counted(sessions, 'session')} ${sessions === 1 ? 'ends' : 'end'}; open pages ask for the ` +
    'password within minutes. API keys keep working.',
  sessionsEnded: (sessions: number, name: string) =>
    `Signed ${name} out of ${counted(sessions, 'session')}.`,

  limits: 'Accounts and limits',
  personalAccount: 'Personal account',
  staffLimit: 'Limit set by staff',

  // Questions before an action, and what was done.
  disableTitle: (name: string) => `Disable ${name}?`,
  enableTitle: (name: string) => `Enable ${name}?`,
  isDisabled: (name: string) => `${name} is disabled.`,
  isEnabled: (name: string) => `${name} is enabled.`,
  nobodyToDisable: 'None of the selected users can be disabled.',
  deleteTitle: (name: string) => `Permanently delete ${name}?`,
  isDeleted: (name: string) => `${name} was deleted.`,
  disabledMany: (count: number) => `${counted(count, 'user')} disabled.`,
  disableConsequences,
  enableConsequences,
  deleteConsequences,
  roleConsequences,
  roleChanged,
  leftOut,
  disableManyConsequences,
};

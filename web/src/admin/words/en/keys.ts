import type { AdminScope } from '../../types.ts';
import { counted } from './plurals.ts';

/** Texts about admin keys. */
export const enKeys = {
  adminkeys: 'Admin keys',
  adminKeysText:
    'With an admin key, a program of yours reaches the admin API: what the key allows, and never ' +
    'more than you may do yourself. No key can read chats, make staff or change accounts of staff.',
  adminKeysOfAll: 'You see the keys of all staff, since you are a superuser.',
  noAdminKeys: 'There are no admin keys.',
  newAdminKey: 'New admin key',
  adminKeyName: 'Name',
  adminKeyNameExample: 'e.g. accounts from the school register',
  adminKeyDays: 'Expires after',
  dayCount: (count: number) => counted(count, 'day'),
  adminKeyScopes: 'What it may do',
  adminKeyNoScope: 'Choose at least one.',
  makeAdminKey: 'Create key',
  adminKeyOnce: 'Copy the key now: it isn’t shown again.',
  adminKeyUse: 'Programs send it in the header',
  adminKeyBy: (name: string) => `by ${name}`,
  adminKeyUntil: (when: string) => `expires ${when}`,
  adminKeyExpired: (when: string) => `expired ${when}`,
  adminKeyUnproven: 'refused: made without a second factor, or its maker has none now',
  adminKeyNeverUsed: 'never used',
  endAdminKey: 'Revoke key',
  endAdminKeyTitle: (name: string) => `Revoke key “${name}”`,
  endAdminKeyText: 'Programs that use it are refused within a second. This can’t be undone.',
  adminKeyEnded: 'The key is revoked.',
  withKey: (name: string) => `key “${name}”`,
  scopes: {
    'users:read': 'Look up accounts, with their sessions and API keys',
    'users:write': 'Create, disable, enable, sign out and delete accounts',
    'users:import':
      'Import accounts from CSV and invite people, with groups, plans and links or passwords',
    'users:links': 'Make links that set a new password: whoever has one takes over the account',
    'credits:read': 'Read balances, statements and limits of accounts and pools',
    'credits:write': 'Add, remove and refund tokens, and set limits',
    'groups:read': 'Look up groups, their members and shared prompts',
    'groups:write': 'Change groups, their members, limits and shared prompts',
    'plans:read': 'Look up plans, and who has which',
    'plans:write': 'Change plans and give them to accounts',
    'vouchers:read': 'Look up vouchers',
    'vouchers:write': 'Create and end vouchers, and read their codes, which are worth tokens',
    'usage:read': 'Read usage reports, with usernames',
    'audit:read': 'Read and download the audit log',
    'operations:read':
      'See models, settings and servers; for superusers also backups, the health check and ' +
      'the configuration file',
    'operations:write': 'Superusers only: make backups and put the configuration file in force',
  } satisfies Record<AdminScope, string>,
};

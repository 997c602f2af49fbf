import { Command } from 'commander';
import { keySuffices } from '../app/accounts/factors/staff-factor.ts';
import { endAdminKey, listAdminKeys } from '../app/admin/admin-keys.ts';
import { hasCode } from '../core/errors.ts';
import type { ListedAdminKey } from '../store/admin/admin-keys.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { withChit } from './with-chit.ts';

/** A key, and why it is refused. */
interface ShownKey extends ListedAdminKey {
  readonly isExpired: boolean;
  /** Whether this site asks staff for a second factor that the key or its maker does not have. */
  readonly isUnproven: boolean;
}

export function adminKeysCommand(): Command {
  return new Command('admin-keys')
    .description('List and end the keys of staff for the admin API')
    .addCommand(
      new Command('list')
        .description('List all admin keys that are in force or expired lately')
        .option('--json', 'one JSON object per line, for scripts')
        .action(list),
    )
    .addCommand(
      new Command('end')
        .description('End an admin key: all servers refuse it within a second')
        .argument('<id>', 'as the list shows it')
        .action(end),
    );
}

function list({ json }: { json?: boolean }): Promise<void> {
  return withChit(async ({ context }) => {
    const keys = await listAdminKeys(context, commandLine());
    const shown: ShownKey[] = [];
    for (const it of keys) {
      const isExpired = it.expiresAtMs <= context.now();
      shown.push({ ...it, isExpired, isUnproven: !(await keySuffices(context, it)) });
    }
    if (json) for (const it of shown) print(JSON.stringify(asJson(it)));
    else if (shown.length > 0) printTable(shown.map(asRow));
  });
}

function end(id: string): Promise<void> {
  return withChit(async ({ context }) => {
    try {
      const { name, username } = await endAdminKey(context, commandLine(), id);
      print(`The admin key "${name}" of ${username ?? 'a deleted user'} has ended.`);
    } catch (error) {
      if (!hasCode(error, 'admin_key_not_found')) throw error;
      throw new CommandFailure(`There is no admin key ${id}, or it has ended. See the list.`);
    }
  });
}

function asRow(key: ShownKey) {
  return {
    id: key.id,
    name: key.name,
    'made by': key.username ?? '',
    scopes: key.scopes.join(' '),
    expires: dateOf(key.expiresAtMs),
    'last used': key.lastUsedAtMs === undefined ? 'never' : dateOf(key.lastUsedAtMs),
    refused: refusalOf(key),
  };
}

function asJson(key: ShownKey): object {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    made_by: key.username ?? null,
    scopes: key.scopes,
    created_at: dateOf(key.createdAtMs),
    expires_at: dateOf(key.expiresAtMs),
    is_expired: key.isExpired,
    is_unproven: key.isUnproven,
    last_used_at: key.lastUsedAtMs === undefined ? null : dateOf(key.lastUsedAtMs),
  };
}

function refusalOf({ isExpired, isUnproven }: ShownKey): string {
  if (isExpired) return 'it has expired';
  return isUnproven ? 'a second factor is missing' : '';
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}

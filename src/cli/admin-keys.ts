import { Command } from 'commander';
import { endAdminKey, listAdminKeys } from '../app/admin/admin-keys.ts';
import { hasCode } from '../core/errors.ts';
import type { ListedAdminKey } from '../store/admin/admin-keys.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { withChit } from './with-chit.ts';

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
    if (json) for (const it of keys) print(JSON.stringify(asJson(it)));
    else if (keys.length > 0) printTable(keys.map(asRow));
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

function asRow(key: ListedAdminKey) {
  return {
    id: key.id,
    name: key.name,
    'made by': key.username ?? '',
    scopes: key.scopes.join(' '),
    expires: dateOf(key.expiresAtMs),
    'last used': key.lastUsedAtMs === undefined ? 'never' : dateOf(key.lastUsedAtMs),
  };
}

function asJson(key: ListedAdminKey): object {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    made_by: key.username ?? null,
    scopes: key.scopes,
    created_at: dateOf(key.createdAtMs),
    expires_at: dateOf(key.expiresAtMs),
    last_used_at: key.lastUsedAtMs === undefined ? null : dateOf(key.lastUsedAtMs),
  };
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}

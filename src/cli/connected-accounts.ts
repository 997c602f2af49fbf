import { Command } from 'commander';
import { tiedIdentitiesOf, untieByStaff } from '../app/accounts/sign-in/untie-identity.ts';
import { hasCode } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable, visible } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

/** `chit users connected`. */
export function connectedCommand(): Command {
  return new Command('connected')
    .description('List the accounts elsewhere by which a user signs in')
    .argument('<username>')
    .option('--json', 'one JSON object per line, for scripts')
    .action(list);
}

/** `chit users disconnect`. */
export function disconnectCommand(): Command {
  return new Command('disconnect')
    .description('Disconnect an account elsewhere from a user; ends all sessions')
    .argument('<username>')
    .argument('<id>', 'as `chit users connected` lists it')
    .action(disconnect);
}

function list(username: string, { json }: { readonly json?: boolean }): Promise<void> {
  return withChit(async (chit) => {
    const { id: userId } = await userNamed(chit, username);
    const rows = (await tiedIdentitiesOf(chit.context, userId)).map((it) => ({
      id: it.id,
      by: it.provider ?? it.by,
      connected: new Date(it.createdAtMs).toISOString(),
      used: it.lastUsedAtMs === undefined ? '' : new Date(it.lastUsedAtMs).toISOString(),
    }));
    if (json) for (const row of rows) print(JSON.stringify(row));
    else if (rows.length > 0) printTable(rows);
  });
}

function disconnect(username: string, id: string): Promise<void> {
  return withChit(async (chit) => {
    const { id: userId } = await userNamed(chit, username);
    try {
      await untieByStaff(chit.context, commandLine(), { userId, id }, undefined);
    } catch (error) {
      if (!hasCode(error, 'identity_not_found')) throw error;
      throw new CommandFailure(
        `No such account elsewhere signs in to ${visible(username)}: ` +
          '`chit users connected` lists them with their ids. Nothing was changed.',
      );
    }
    print(`Disconnected from ${visible(username)}, and all sessions have ended.`);
  });
}

import { tiedIdentitiesOf, untieByStaff } from '../app/accounts/sign-in/untie-identity.ts';
import { hasCode } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print, printTable, timeText, visible } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

/** Lists the accounts elsewhere by which a user signs in. */
export function listConnected(
  username: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  return withChit(async (chit) => {
    const { id: userId } = await userNamed(chit, username);
    const rows = (await tiedIdentitiesOf(chit.context, userId)).map((it) => ({
      id: it.id,
      by: it.provider ?? it.by,
      connected: timeText(it.createdAtMs),
      used: timeText(it.lastUsedAtMs),
    }));
    if (json) for (const row of rows) print(JSON.stringify(row));
    else if (rows.length > 0) printTable(rows);
  });
}

/** Disconnects one of them, by its id in the list. */
export function disconnect(username: string, id: string): Promise<void> {
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

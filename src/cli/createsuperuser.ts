import { Command } from 'commander';
import { createUser } from '../app/accounts/manage-users.ts';
import { hasCode } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print } from './output.ts';
import { promptLine, promptNewPassword } from './prompt.ts';
import { withChit } from './with-chit.ts';

const USERNAME_MAX_CHARACTERS = 50;

export function createSuperuserCommand(): Command {
  return new Command('createsuperuser')
    .description('Make an account that may do everything')
    .option('--username <name>', 'its name; then the password is read from standard input')
    .action(async (options: { username?: string }) => {
      const username = (options.username ?? (await promptLine('Username: ', '--username'))).trim();
      if (username === '' || [...username].length > USERNAME_MAX_CHARACTERS) {
        throw new CommandFailure(`A username has 1 to ${USERNAME_MAX_CHARACTERS} characters.`);
      }
      await withChit(async ({ context }) => {
        const password = await promptNewPassword(context.policy);
        const flags = { openingCredits: undefined, isStaff: true, isSuperuser: true };
        try {
          await createUser(context, commandLine(), { username, password, ...flags });
        } catch (error) {
          if (!hasCode(error, 'username_taken')) throw error;
          throw new CommandFailure(`There is a user named "${username}" already.`);
        }
      });
      print(`Superuser "${username}" was created.`);
    });
}

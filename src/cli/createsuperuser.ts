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
    .description('Create an account with all permissions')
    .option('--username <name>', 'its username; the password is then read from standard input')
    .action(async (options: { username?: string }) => {
      const username = (options.username ?? (await promptLine('Username: ', '--username'))).trim();
      if (username === '' || [...username].length > USERNAME_MAX_CHARACTERS) {
        throw new CommandFailure(`A username has 1 to ${USERNAME_MAX_CHARACTERS} characters.`);
      }
      await withChit(async ({ context }) => {
        const password = await promptNewPassword(context, username);
        try {
          await createUser(context, commandLine(), {
            username,
            password,
            openingCredits: undefined,
            isStaff: true,
            isSuperuser: true,
          });
        } catch (error) {
          if (hasCode(error, 'invalid_fields')) {
            const [fault] = error.details.fields.username ?? [];
            if (fault) throw new CommandFailure(`--username: ${fault.message}`);
          }
          if (!hasCode(error, 'username_taken')) throw error;
          throw new CommandFailure(
            `There is a user named "${username}" already, or by a name too similar to it.`,
          );
        }
      });
      print(`Superuser "${username}" was created.`);
    });
}

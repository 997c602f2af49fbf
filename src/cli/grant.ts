import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { grantCredits } from '../app/grant-credits.ts';
import { isCredits } from '../core/credits.ts';
import { hasCode } from '../core/errors.ts';
import { CommandFailure, print } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

export function grantCommand(): Command {
  return new Command('grant')
    .description('Add tokens to the balance of a user')
    .argument('<username>')
    .argument('<amount>', 'a whole number of tokens, from 1 up', positiveCredits)
    .requiredOption('--reason <text>', 'why; it stands in the statement of the user', notBlank)
    .action((username: string, credits: number, { reason }: { reason: string }) =>
      withChit(async (chit) => {
        const user = await userNamed(chit, username);
        const grant = { accountId: user.id, credits, actor: actor(), reason };
        try {
          const balanceCredits = await grantCredits(chit.context, grant);
          print(`${username} was granted ${credits} tokens and has ${balanceCredits}.`);
        } catch (error) {
          if (!hasCode(error, 'balance_limit')) throw error;
          throw new CommandFailure('That would be more than a balance can hold.');
        }
      }),
    );
}

/** Who works on the command line, as the book will name them. */
export function actor(): string {
  return `cli:${userInfo().username}`;
}

function notBlank(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It may not be blank.');
}

function positiveCredits(text: string): number {
  const credits = Number(text);
  if (/^\d+$/.test(text) && credits > 0 && isCredits(credits)) return credits;
  throw new InvalidArgumentError('It must be a whole number of tokens, from 1 up.');
}

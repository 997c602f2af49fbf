import { Command, InvalidArgumentError } from 'commander';
import { grantCredits } from '../app/credits/grant-credits.ts';
import { idempotencyOf } from '../app/metering/idempotency.ts';
import { counted } from '../core/counted.ts';
import { isCredits } from '../core/credits.ts';
import { hasCode } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

interface GrantOptions {
  readonly reason: string;
  readonly idempotencyKey?: string;
}

export function grantCommand(): Command {
  return new Command('grant')
    .description('Add tokens to the balance of a user, or take tokens that are not held')
    .argument('<username>')
    .argument('<amount>', 'a whole number of tokens; negative to take them', someCredits)
    .requiredOption('--reason <text>', 'why; shown in the statement of the user', notBlank)
    .option('--idempotency-key <key>', 'a second run with this key within a day books nothing')
    .action((username: string, credits: number, options: GrantOptions) =>
      withChit(async (chit) => {
        const { reason } = options;
        const user = await userNamed(chit, username);
        const idempotency = idempotencyOf(options.idempotencyKey, [credits, reason]);
        const { balanceCredits, isReplayed } = await grantCredits(chit.context, commandLine(), {
          accountId: user.id,
          credits,
          reason,
          idempotency,
        }).catch(explain);
        const outcome = isReplayed ? 'was granted before:' : 'was granted';
        print(`${username} ${outcome} ${counted(credits, 'token')} and has ${balanceCredits}.`);
      }),
    );
}

function notBlank(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It may not be blank.');
}

function explain(error: unknown): never {
  if (hasCode(error, 'balance_limit')) {
    throw new CommandFailure('That would be more than a balance can hold.');
  }
  if (hasCode(error, 'insufficient_credits')) {
    const { availableCredits } = error.details;
    throw new CommandFailure(`Only ${counted(availableCredits, 'token')} can be taken.`);
  }
  if (hasCode(error, 'idempotency_key_reused')) {
    throw new CommandFailure('This key was used for another grant to this user.');
  }
  throw error;
}

function someCredits(text: string): number {
  const credits = Number(text);
  if (/^-?\d+$/.test(text) && credits !== 0 && isCredits(credits)) return credits;
  throw new InvalidArgumentError('It must be a whole number of tokens, and not 0.');
}

import { Command } from 'commander';
import { refundCharge } from '../app/credits/refund-charge.ts';
import { ChitError, type ErrorCode } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print } from './output.ts';
import { withChit } from './with-chit.ts';

const REFUSALS: Partial<Record<ErrorCode, string>> = {
  transfer_not_found: 'There is no transfer with this id.',
  not_refundable: 'Only a charge can be refunded, and only one of more than 0 tokens.',
  refunded_already: 'This charge was refunded before.',
  balance_limit: 'That would be more than a balance can hold.',
};

export function refundCommand(): Command {
  return new Command('refund')
    .description('Give back what a charge took; once for each charge')
    .argument('<transfer-id>', 'the id of the charge, as `chit ledger show` tells it')
    .requiredOption('--reason <text>', 'why; it stands in the statement of the user')
    .action((chargeId: string, { reason }: { reason: string }) =>
      withChit(async ({ context }) => {
        const refund = { chargeId, reason };
        const { credits, balanceCredits } = await refundCharge(
          context,
          commandLine(),
          refund,
        ).catch(explain);
        print(`${credits} tokens were given back; the balance is ${balanceCredits}.`);
      }),
    );
}

function explain(error: unknown): never {
  const refusal = error instanceof ChitError ? REFUSALS[error.code as ErrorCode] : undefined;
  if (refusal) throw new CommandFailure(refusal);
  throw error;
}

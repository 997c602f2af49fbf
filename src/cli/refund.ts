import { Command } from 'commander';
import { refundCharge } from '../app/credits/refund-charge.ts';
import { counted } from '../core/counted.ts';
import { ChitError, type ErrorCode } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print } from './output.ts';
import { withChit } from './with-chit.ts';

const REFUSALS: Partial<Record<ErrorCode, string>> = {
  transfer_not_found: 'There is no transfer with this id.',
  not_refundable: 'Only charges of more than 0 tokens can be refunded.',
  refunded_already: 'This charge was already refunded.',
  balance_limit: 'That would be more than a balance can hold.',
};

export function refundCommand(): Command {
  return new Command('refund')
    .description('Refund a charge; each charge can be refunded once')
    .argument('<transfer-id>', 'the id of the charge, from `chit ledger show`')
    .requiredOption('--reason <text>', 'why; shown in the statement of the user')
    .action((chargeId: string, { reason }: { reason: string }) =>
      withChit(async ({ context }) => {
        const { credits, balanceCredits } = await refundCharge(context, commandLine(), {
          chargeId,
          reason,
        }).catch(explain);
        print(`Refunded ${counted(credits, 'token')}; the balance is ${balanceCredits}.`);
      }),
    );
}

function explain(error: unknown): never {
  const refusal = error instanceof ChitError ? REFUSALS[error.code as ErrorCode] : undefined;
  if (refusal) throw new CommandFailure(refusal);
  throw error;
}

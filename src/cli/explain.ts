import { Command } from 'commander';
import { explainBalance } from '../app/credits/explain-balance.ts';
import type { Chit } from '../compose.ts';
import { linesOfCharge } from '../core/charge-lines.ts';
import { counted } from '../core/counted.ts';
import type { BookedCharge, BookedTransfer } from '../store/credits/booked-transfers.ts';
import { CommandFailure, print, printTable } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

/** `chit ledger explain`: why a balance, or a charge, is what it is. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('Say why the balance of a user is what it is; exit code 1 if it does not add up')
    .argument('<username>')
    .option('--charge <id>', 'how one charge was computed, by its id in `chit ledger show`')
    .action(explain);
}

function explain(username: string, { charge }: { readonly charge?: string }): Promise<void> {
  return withChit(async (chit) => {
    const { id } = await userNamed(chit, username);
    if (charge === undefined) await printBalance(chit, { id, username });
    else await printCharge(chit, { id, username }, charge);
  });
}

interface Named {
  readonly id: number;
  readonly username: string;
}

async function printBalance({ context }: Chit, { id, username }: Named): Promise<void> {
  const found = await explainBalance(context, id);
  const { postedCredits: posted, heldCredits: held, kinds, holds, faults } = found;
  print(
    `${username} has ${counted(posted, 'token')}. Running replies hold ${held}; free: ` +
      `${posted - held}.`,
  );
  print(`\nThe balance is the sum of ${counted(found.transfers, 'transfer')}`);
  const sum = { kind: 'sum', transfers: found.transfers, tokens: posted };
  printTable([
    ...kinds.map(({ kind, transfers, credits }) => ({ kind, transfers, tokens: credits })),
    ...(faults.length === 0 ? [sum] : []),
  ]);
  if (holds.length > 0) {
    print('\nRunning replies');
    printTable(
      holds.map(({ id: reply, model, credits, createdAtMs }) => ({
        since: new Date(createdAtMs).toISOString(),
        model,
        'at most': credits,
        id: reply,
      })),
    );
  }
  if (faults.length > 0) throw new CommandFailure(faults.join('\n'));
  print(
    '\nEach transfer follows from the one before, and each charge from its usage and its price.\n' +
      `All of them: chit ledger show ${username}. ` +
      `One charge: chit ledger explain ${username} --charge ID`,
  );
}

async function printCharge({ context }: Chit, { id, username }: Named, wanted: string) {
  let found: BookedTransfer | undefined;
  await explainBalance(context, id, (transfer) => {
    if (transfer.id === wanted) found = transfer;
  });
  if (!found) throw new CommandFailure(`${username} has no transfer ${wanted}.`);
  if (!found.charge) throw new CommandFailure(`${wanted} is no charge, but: ${found.kind}.`);
  printLines(found, found.charge);
}

const SOURCES: Record<BookedCharge['usageSource'], string> = {
  provider: 'The usage is what the provider reported.',
  counted: 'The provider reported no usage: what was delivered was counted here.',
  flat: 'The price is for a message, whatever is used.',
};

function printLines(
  { credits, balanceAfterCredits, atMs }: BookedTransfer,
  of: BookedCharge,
): void {
  const { lines, factor, costCredits } = linesOfCharge(of.price, of.usage);
  print(`A reply of ${of.model} at ${new Date(atMs).toISOString()}`);
  printTable(
    lines.map(({ unit, count, rate, per, credits: its }) => ({
      unit,
      used: count,
      rate: rate === undefined ? 'no price' : `${rate} per ${per}`,
      tokens: its,
    })),
  );
  if (factor !== 1) print(`The service tier "${of.usage.tier}" costs ${factor} times as much.`);
  print(`Rounded up once, that is ${costCredits}.`);
  if (of.heldCredits !== null) print(`At most ${of.heldCredits} had been set aside before.`);
  if (of.shortfallCredits > 0) {
    print(`It cost ${of.shortfallCredits} more than that, which was not charged.`);
  }
  print(`Charged: ${0 - credits}. The balance was ${balanceAfterCredits} then.`);
  print(SOURCES[of.usageSource]);
}

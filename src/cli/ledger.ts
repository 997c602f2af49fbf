import { Command } from 'commander';
import { CommandFailure, print } from './output.ts';
import { withChit } from './with-chit.ts';

export function ledgerCommand(): Command {
  const verify = new Command('verify')
    .description('Recompute every balance from its bookings; exit code 1 if any differs')
    .action(() =>
      withChit(async ({ context }) => {
        const report = await context.ledger.verify();
        const { accounts, transfers, openHolds, differences } = report;
        if (differences.length > 0) throw new CommandFailure(differences.join('\n'));
        print(
          `Everything agrees: ${accounts} accounts, ${transfers} transfers, ` +
            `${openHolds} open holds.`,
        );
      }),
    );
  return new Command('ledger').description('The book of all balances').addCommand(verify);
}

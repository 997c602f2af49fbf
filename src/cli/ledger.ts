import { Command } from 'commander';
import { readStatement } from '../app/credits/read-statement.ts';
import { verifyLedger } from '../app/credits/verify-ledger.ts';
import {
  faultsBesideBackup,
  newestBackupOf,
  noteOnLostLog,
} from '../app/operations/stale-database.ts';
import { backupFolderOf, dataFolderOf, loadConfig } from '../config.ts';
import { counted } from '../core/counted.ts';
import type { StatementLine } from '../store/credits/transfers.ts';
import { finishRestore } from '../store/operations/restore-files.ts';
import { explainCommand } from './explain.ts';
import { CommandFailure, print, printError, printTable, progressBar } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('The ledger of all balances')
    .addCommand(
      new Command('verify')
        .description('Recompute everything from the transfers; exit code 1 if anything differs')
        .action(verify),
    )
    .addCommand(
      new Command('show')
        .description('Show the statement of a user, newest first')
        .argument('<username>')
        .option('--json', 'one JSON object per line, for scripts')
        .action(show),
    )
    .addCommand(explainCommand());
}

async function verify(): Promise<void> {
  const { config } = loadConfig();
  const { databaseUrl } = config;
  finishRestore(dataFolderOf(config));
  const note = await noteOnLostLog(databaseUrl, dataFolderOf(config));
  if (note !== undefined) printError(note);
  // Before it is read: one that is made meanwhile has more.
  const at = { folder: backupFolderOf(config), dataFolder: dataFolderOf(config) };
  const backup = await newestBackupOf(databaseUrl, at).catch((error: Error) => {
    printError(`It is not compared with backups, since they cannot be read: ${error.message}`);
    return undefined;
  });
  await withChit(async ({ context }) => {
    const bar = progressBar('Charges');
    const report = await verifyLedger(context, bar.update);
    bar.end();
    const { accounts, transfers, openHolds } = report;
    const missing = backup ? await faultsBesideBackup(context, transfers, backup) : [];
    const faults = [...report.faults, ...missing];
    if (faults.length > 0) throw new CommandFailure(faults.join('\n'));
    print(
      `Everything agrees: ${counted(accounts, 'account')}, ${counted(transfers, 'transfer')}, ` +
        `${counted(openHolds, 'open hold')}.`,
    );
  });
}

function show(username: string, { json }: { json?: boolean }): Promise<void> {
  return withChit(async (chit) => {
    const user = await userNamed(chit, username);
    let cursor: string | undefined;
    do {
      const page = await readStatement(chit.context, user.id, { cursor, limit: '200' });
      if (json) for (const line of page.lines) print(JSON.stringify(line));
      else printTable(page.lines.map(asRow));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  });
}

function asRow(line: StatementLine): Record<string, string | number> {
  return {
    time: new Date(line.atMs).toISOString(),
    kind: line.kind,
    amount: line.credits,
    balance: line.balanceCredits,
    model: line.model ?? '',
    usage: line.usage ? usageText(line.usage) : '',
    'no price': line.usage?.unpriced ? countsText(line.usage.unpriced) : '',
    by: line.actor,
    reason: line.reason ?? '',
    id: line.id,
  };
}

function usageText({ units, tier, answers }: NonNullable<StatementLine['usage']>): string {
  const counts = countsText(units);
  return [
    ...(counts === '' ? [] : [counts]),
    ...(tier === null ? [] : [`tier ${tier}`]),
    ...(answers === 1 ? [] : [`answers ${answers}`]),
  ].join(', ');
}

/** `input 1200, search 2`: what was not used is left out. */
function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => `${unit} ${count}`)
    .join(', ');
}

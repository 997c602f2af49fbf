import { resolve } from 'node:path';
import { Command } from 'commander';
import { type MoveReport, type MoveStep, moveDatabase } from '../app/operations/move-database.ts';
import { secretKeyPath } from '../auth/secret-key.ts';
import { type Config, checkDatabaseUrl, dataFolderOf, loadConfig } from '../config.ts';
import { counted } from '../core/counted.ts';
import { withoutPassword } from '../core/hidden-password.ts';
import { DatabaseUrlError } from '../store/database/postgres-url.ts';
import { MoveFailure } from '../store/operations/moved-tables.ts';
import { finishRestore } from '../store/operations/restore-files.ts';
import { CommandFailure, print, printError, progressBar } from './output.ts';

export function moveCommand(): Command {
  return new Command('move')
    .description('Move all that is stored to another database; stop the server first')
    .argument('<from>', 'the database in use, as in CHIT_DATABASE_URL')
    .argument('<to>', 'an empty database, such as postgres://user:password@host/chit')
    .option('--force', 'move a ledger that has faults')
    .action(move);
}

const STEPS: Record<MoveStep, string> = { copy: 'Copy', compare: 'Compare', verify: 'Verify' };

async function move(from: string, to: string, { force = false }: { force?: boolean }) {
  const { config } = loadConfig();
  for (const url of [from, to]) requireUrl(url);
  finishRestore(dataFolderOf({ databaseUrl: from }));
  const isTerminal = process.stderr.isTTY;
  const bars = new Map<MoveStep, ReturnType<typeof progressBar>>();
  const barOf = (step: MoveStep) => {
    const bar = bars.get(step) ?? progressBar(STEPS[step]);
    bars.set(step, bar);
    return bar;
  };
  try {
    const report = await moveDatabase(from, to, {
      isForced: force,
      onProgress: (step, done, total) => barOf(step).update(done, total),
      onTable: (name, rows) => {
        if (!isTerminal) print(`${name}: ${counted(rows, 'row')}`);
      },
      onContinued: (rows) => printError(`Goes on; already there: ${counted(rows, 'row')}.`),
    });
    barOf('copy').end();
    for (const line of linesOf(report, { from, to, config })) print(line);
  } catch (error) {
    barOf('copy').end();
    if (error instanceof MoveFailure || error instanceof DatabaseUrlError) {
      throw new CommandFailure(error.message);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    // Errors of the system and of databases have a code; anything else is a bug.
    if (code === undefined) throw error;
    throw new CommandFailure(
      `From ${withoutPassword(from)} to ${withoutPassword(to)}: ${message}\nRun the same command ` +
        'again once the cause is mended: it goes on where it was.',
    );
  }
}

function requireUrl(url: string): void {
  try {
    checkDatabaseUrl(url);
    if (url.includes(':memory:')) throw new Error('a database in memory cannot be moved.');
  } catch (error) {
    throw new CommandFailure(`${withoutPassword(url)}: ${(error as Error).message}`);
  }
}

function linesOf(
  report: MoveReport,
  { from, to, config }: { readonly from: string; readonly to: string; readonly config: Config },
): string[] {
  const { rows, tables, accounts, transfers, faults } = report;
  const folders = [from, to].map((url) => resolve(dataFolderOf({ databaseUrl: url })));
  const [oldFolder = '', newFolder = ''] = folders;
  return [
    `Moved ${counted(rows, 'row')} of ${counted(Object.keys(tables).length, 'table')}: ` +
      `${counted(accounts, 'account')}, ${counted(transfers, 'transfer')}. ` +
      'Every row is the same in both databases' +
      (faults.length === 0
        ? ', and `ledger verify` finds no fault in either.'
        : `. The ledger has the same faults in both:\n${faults.join('\n')}`),
    `Now set CHIT_DATABASE_URL to ${withoutPassword(to)} (with its password, if it has one) and ` +
      'start the server.',
    ...(config.secretKey || oldFolder === newFolder
      ? []
      : [
          `Before that, copy the secret key, ${secretKeyPath(oldFolder)}, to ${newFolder}: ` +
            'without it all sessions end and vouchers no longer work.',
        ]),
    `${withoutPassword(from)} is as it was. Start no server on it again: what is booked there ` +
      'would be missing here.',
  ];
}

import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { importFaultText } from '../app/user-import/fault-text.ts';
import { type ImportCounts, planImport } from '../app/user-import/plan-import.ts';
import { type ImportedRow, runImport } from '../app/user-import/run-import.ts';
import { counted } from '../core/counted.ts';
import { csvLine } from '../core/csv.ts';
import { ChitError } from '../core/errors.ts';
import { commandLine } from './command-line-principal.ts';
import { readCsvFile } from './csv-file.ts';
import { linkAddress } from './link-address.ts';
import { CommandFailure, print, printError, visible } from './output.ts';
import { withChit } from './with-chit.ts';

const MAX_FAULTS_SHOWN = 20;
/** Links and passwords are for nobody but the one who hands them out. */
const PRIVATE_FILE = 0o600;

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly access: 'link' | 'password';
  readonly pools: boolean;
  readonly renewAccess?: boolean;
  readonly out?: string;
  readonly site?: string;
}

/** `chit users import`. */
export function importUsersCommand(): Command {
  return new Command('import')
    .description('Create users from a CSV file, with their groups and plans')
    .argument('<file>', 'columns: username, and optionally password, groups, plan, tokens')
    .option('--dry-run', 'only tell what it would do')
    .addOption(
      new Option('--access <kind>', 'what new users without a password get')
        .choices(['link', 'password'])
        .default('link'),
    )
    .option('--no-pools', 'groups that are created get no pool, which pays for their members')
    .option('--renew-access', 'also those in the file who exist, but were never here')
    .option('--out <file>', 'write links and passwords there, as CSV, instead of printing them')
    .option('--site <url>', 'the address of the site, in front of links (default: CHIT_PUBLIC_URL)')
    .addHelpText('after', HELP)
    .action(run);
}

const HELP = `
The file is CSV as spreadsheets write it, with commas, semicolons or tabs. Several groups in a cell
are separated by semicolons or bars; those that do not exist are created, with an empty pool. Tokens
are the opening balance of new users. With any fault in the file nothing is done. Run again, it does
what is missing.`;

function run(path: string, options: ImportOptions): Promise<void> {
  const csv = readCsvFile(path);
  const { access, pools, renewAccess = false } = options;
  const asked = { csv, access, hasPools: pools, renewsAccess: renewAccess };
  return withChit(async ({ context }) => {
    const plan = await planImport(context, commandLine(), asked);
    for (const fault of plan.faults.slice(0, MAX_FAULTS_SHOWN)) {
      const column = fault.column === undefined ? '' : `, ${visible(fault.column)}`;
      const value = fault.value === undefined ? '' : ` ${visible(fault.value)}`;
      printError(`Row ${fault.row}${column}: ${importFaultText(fault)}${value}`);
    }
    if (plan.faults.length > 0) {
      throw new CommandFailure(`Nothing was imported: ${counted(plan.faults.length, 'fault')}.`);
    }
    if (options.dryRun) return print(`It would be: ${countsText(plan.counts)}.`);
    const request = { ...asked, expected: plan.fingerprint };
    const { done, stopped } = await runImport(context, commandLine(), request);
    handOut(done, options);
    if (stopped) {
      const { row, error } = stopped;
      const why = error instanceof ChitError ? error.code : String(error);
      throw new CommandFailure(`It stopped at row ${row} (${why}). Run it again for the rest.`);
    }
    // To stderr, so that links on stdout are CSV and nothing else.
    printError(`Done: ${countsText(plan.counts)}.`);
  });
}

function handOut(done: readonly ImportedRow[], options: ImportOptions): void {
  const { out, site } = options;
  const rows = done.filter(({ link, password }) => link !== undefined || password !== undefined);
  if (rows.length === 0) return;
  const address = rows.some(({ link }) => link !== undefined) ? linkAddress(site) : '';
  const lines = rows.map(({ planned, link, password }) =>
    csvLine([planned.username, password ?? null, link ? `${address}${link.path}` : null]),
  );
  const file = csvLine(['username', 'password', 'link']) + lines.join('');
  if (out === undefined) process.stdout.write(file);
  else writeFileSync(out, file, { mode: PRIVATE_FILE });
}

function countsText(counts: ImportCounts): string {
  return [
    `${counted(counts.newUsers, 'new user')} with ${counted(counts.credits, 'token')}`,
    `${counts.existingUsers} existing (${counts.unchangedUsers} unchanged)`,
    `${counted(counts.newGroups, 'new group')} (${counts.newPools} with a pool)`,
    counted(counts.joins, 'group join'),
    `${counted(counts.plansGiven, 'plan')} given`,
    `${counted(counts.plansChanged, 'plan')} changed`,
    counted(counts.links, 'link'),
    counted(counts.passwords, 'password'),
  ].join(', ');
}

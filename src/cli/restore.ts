import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import {
  type Loss,
  RestoreFailure,
  type RestoreReport,
  restoreBackup,
} from '../app/operations/restore-backup.ts';
import { restoreTargetOf } from '../compose/backups-of.ts';
import { backupFolderOf, loadConfig } from '../config.ts';
import { counted } from '../core/counted.ts';
import { CommandFailure, print, progressBar } from './output.ts';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Restore a backup in place of what is there, which is kept; stop the server first')
    .argument('<file>', 'a backup, or the name of one in the folder of the backups')
    .option('--check', 'only check the backup and say what would be lost')
    .option('--force', 'restore a backup that has faults')
    .action(restore);
}

interface Options {
  readonly check?: boolean;
  readonly force?: boolean;
}

async function restore(named: string, { check = false, force = false }: Options): Promise<void> {
  const { config } = loadConfig();
  const inFolder = join(backupFolderOf(config), named);
  const file = existsSync(named) ? named : existsSync(inFolder) ? inFolder : undefined;
  if (file === undefined) {
    throw new CommandFailure(
      `There is no file ${resolve(named)}, nor ${resolve(inFolder)}. \`chit backups\` lists what ` +
        'there is.',
    );
  }
  const bar = progressBar('Check');
  try {
    const options = { isDryRun: check, isForced: force, onProgress: bar.update };
    const report = await restoreBackup(file, restoreTargetOf(config), options);
    bar.end();
    for (const line of linesOf(report, check)) print(line);
  } catch (error) {
    bar.end();
    throw error instanceof RestoreFailure ? new CommandFailure(error.message) : error;
  }
}

function linesOf(report: RestoreReport, isDryRun: boolean): string[] {
  const { manifest, lost, aside, key, deployment } = report;
  const { facts, madeAt } = manifest;
  const what =
    `the backup of ${madeAt}: ${counted(facts.accounts, 'account')}, ` +
    counted(facts.transfers, 'transfer');
  return [
    isDryRun ? `The backup is whole. It is ${what}.` : `Restored ${what}.`,
    lossText(lost, isDryRun),
    ...(aside === undefined || isDryRun ? [] : [`What was there is kept in ${resolve(aside)}.`]),
    ...[...KEY_TEXTS[key], ...DEPLOYMENT_TEXTS[deployment]].map((it) =>
      isDryRun ? it.replace('was restored', 'would be restored') : it,
    ),
    isDryRun ? 'Nothing was changed.' : 'Start the server, then run: chit ledger verify',
  ];
}

function lossText(lost: Loss, isDryRun: boolean): string {
  switch (lost.kind) {
    case 'nothing_there':
      return 'There was no database here before.';
    case 'unreadable':
      return 'What was there cannot be read, so it is not known what is lost.';
    case 'other':
      return (
        `The database that was there does not continue this backup: it has ` +
        `${counted(lost.transfers, 'transfer')}${untilText(lost.until)}.`
      );
    case 'transfers':
      return lost.transfers === 0
        ? `No transfers ${areFor(0, isDryRun)} lost.`
        : `${counted(lost.transfers, 'transfer')} ${areFor(lost.transfers, isDryRun)} lost, ` +
            `booked after the backup${untilText(lost.until)}.`;
  }
}

function areFor(transfers: number, isDryRun: boolean): string {
  if (isDryRun) return 'would be';
  return transfers === 1 ? 'is' : 'are';
}

function untilText(until: string | undefined): string {
  return until === undefined ? '' : `, the last at ${until}`;
}

const KEY_TEXTS: Readonly<Record<RestoreReport['key'], readonly string[]>> = {
  restored: ['The secret key was restored too.'],
  same: [],
  kept: [],
  none: ['The backup has no secret key.'],
  setting_same: [],
  setting_differs: [
    'CHIT_SECRET_KEY is another key than that of the backup: everybody has to sign in again, and ' +
      'codes of vouchers cannot be shown again. The key of the backup is in it, as secret.key.',
  ],
};

const DEPLOYMENT_TEXTS: Readonly<Record<RestoreReport['deployment'], readonly string[]>> = {
  restored: ['chit.json was restored too.'],
  same: [],
  kept: ['chit.json is not the one of the backup, and stays as it is.'],
  none: [],
};

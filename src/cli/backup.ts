import { resolve } from 'node:path';
import { Command } from 'commander';
import {
  BackupFailure,
  isGood,
  makeBackup,
  type OnBackupProgress,
} from '../app/operations/make-backup.ts';
import { backupSourceOf } from '../compose/backups-of.ts';
import { backupFolderOf, dataFolderOf, loadConfig } from '../config.ts';
import { counted } from '../core/counted.ts';
import { type ListedBackup, listBackups } from '../store/operations/backup-folder.ts';
import { finishRestore } from '../store/operations/restore-files.ts';
import { CommandFailure, print, printError, printTable, progressBar } from './output.ts';

export function backupCommand(): Command {
  return new Command('backup')
    .description('Make a backup and check it, also while a server runs')
    .argument('[folder]', 'where to, in place of CHIT_BACKUP_FOLDER; nothing is deleted there')
    .action(backup);
}

export function backupsCommand(): Command {
  return new Command('backups')
    .description('List the backups, newest first')
    .argument('[folder]', 'of which, in place of CHIT_BACKUP_FOLDER')
    .option('--json', 'one JSON object per line, for scripts')
    .action(list);
}

async function backup(folder: string | undefined): Promise<void> {
  const { config } = loadConfig();
  finishRestore(dataFolderOf(config));
  const bars = progressBars();
  try {
    const { backup: made, deleted } = await makeBackup(
      backupSourceOf(config),
      {
        folder: folder ?? backupFolderOf(config),
        madeBy: 'command',
        mayDelete: folder === undefined,
      },
      bars.update,
    );
    bars.end();
    const { faults, of } = made.manifest.check;
    print(resolve(made.path));
    print(contentText(made));
    for (const name of deleted) print(`Deleted ${name}, which need no longer be kept.`);
    if (faults.length > 0) {
      throw new CommandFailure(
        `The backup was made, but what it contains has faults:\n${faults.join('\n')}`,
      );
    }
    print(of === 'ledger' ? 'Its ledger was verified: everything agrees.' : CHECKED_FILE);
  } catch (error) {
    bars.end();
    throw error instanceof BackupFailure ? new CommandFailure(error.message) : error;
  }
}

const CHECKED_FILE =
  'Its file was checked. The ledger is verified once this version has upgraded the database.';

function contentText({ bytes, manifest }: ListedBackup): string {
  const { accounts, transfers, postedCredits, lastTransfer } = manifest.facts;
  const last = lastTransfer ? `, the last ${lastTransfer.id} of ${lastTransfer.at}` : '';
  return (
    `${counted(accounts, 'account')} with ${counted(postedCredits, 'token')}, ` +
    `${counted(transfers, 'transfer')}${last}; ${bytes} bytes.`
  );
}

function progressBars(): { update: OnBackupProgress; end(): void } {
  const bars = { copy: progressBar('Copy'), check: progressBar('Check') };
  return {
    update: (what, done, total) => bars[what].update(done, total),
    end: () => bars.check.end(),
  };
}

async function list(folder: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const { config } = loadConfig();
  const place = folder ?? backupFolderOf(config);
  const { backups, unreadable } = await listBackups(place);
  if (json) for (const it of backups) print(JSON.stringify(asJson(it)));
  else if (backups.length === 0) print(`There are no backups in ${resolve(place)}.`);
  else printTable(backups.map(asRow));
  for (const { name, reason } of unreadable) printError(`${name} is no backup: ${reason}`);
}

function asRow(it: ListedBackup): Record<string, string | number> {
  const { facts, madeAt, madeBy, check } = it.manifest;
  return {
    made: `${madeAt.slice(0, 19).replace('T', ' ')} UTC`,
    by: madeBy,
    bytes: it.bytes,
    transfers: facts.transfers,
    'last transfer': facts.lastTransfer?.at ?? '',
    check: isGood(it) ? (check.of === 'ledger' ? 'ledger agrees' : 'file is whole') : 'FAULTS',
    file: it.name,
  };
}

function asJson({ name, path, bytes, manifest }: ListedBackup): object {
  const { facts } = manifest;
  const postedCredits = String(facts.postedCredits);
  return { name, path: resolve(path), bytes, ...manifest, facts: { ...facts, postedCredits } };
}

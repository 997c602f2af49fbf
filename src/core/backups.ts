/** What a backup says of itself, and which backups are kept. */

/** Who made a backup: the schedule, an upgrade about to begin, `chit backup`, the panel. */
export const BACKUP_MAKERS = ['schedule', 'upgrade', 'command', 'panel'] as const;
export type BackupMaker = (typeof BACKUP_MAKERS)[number];

export const BACKUP_FORMAT = 1;
export const MANIFEST = 'manifest.json';
/** The copy of a SQLite database. */
export const SQLITE_COPY = 'chit.db';
/** What `pg_dump --format=custom` has written. */
export const POSTGRES_DUMP = 'chit.dump';
export const KEY_COPY = 'secret.key';
export const DEPLOYMENT_COPY = 'chit.json';
const CONTENTS = [SQLITE_COPY, POSTGRES_DUMP, KEY_COPY, DEPLOYMENT_COPY];

/** What a database contains, at the moment of a backup. */
export interface DatabaseFacts {
  /** The newest migration; undefined if there is none. */
  readonly migration: string | undefined;
  readonly accounts: number;
  readonly transfers: number;
  /** The sum of all balances, in credits. It can exceed 2^53. */
  readonly postedCredits: bigint;
  /** The one that was booked last. */
  readonly lastTransfer: LastTransfer | undefined;
}

export interface LastTransfer {
  readonly id: string;
  /** When it was booked, ISO 8601 in UTC. */
  readonly at: string;
}

/** What was found when the backup was checked. */
export interface BackupCheck {
  /** `ledger`: all of `chit ledger verify`; `file`: an older schema, of which only the file was. */
  readonly of: 'ledger' | 'file';
  /** The first faults, one sentence each. A backup with faults is no good one. */
  readonly faults: readonly string[];
}

export interface BackedUpFile {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface BackupManifest {
  /** The version of Chit that made it. */
  readonly program: string;
  readonly database: 'sqlite' | 'postgres';
  /** ISO 8601, in UTC. */
  readonly madeAt: string;
  readonly madeBy: BackupMaker;
  /** The name of the machine. */
  readonly host: string;
  readonly facts: DatabaseFacts;
  readonly check: BackupCheck;
  /** By name. The order is that in the archive. */
  readonly files: Readonly<Record<string, BackedUpFile>>;
}

/** A file is no backup, or is damaged; the message says in what. */
export class BackupInvalid extends Error {}

/** The manifest as it is stored. */
export function manifestText(it: BackupManifest): string {
  const { facts, ...rest } = it;
  const { postedCredits, lastTransfer, migration, accounts, transfers } = facts;
  const stored = {
    format: BACKUP_FORMAT,
    ...rest,
    facts: {
      migration: migration ?? null,
      accounts,
      transfers,
      postedCredits: String(postedCredits),
      lastTransfer: lastTransfer ?? null,
    },
  };
  return `${JSON.stringify(stored, undefined, 2)}\n`;
}

/**
 * Reads a manifest.
 * @throws BackupInvalid
 */
export function manifestFrom(text: string): BackupManifest {
  let stored: Record<string, unknown>;
  try {
    stored = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new BackupInvalid('Its manifest is not JSON.');
  }
  if (stored.format !== BACKUP_FORMAT) {
    throw new BackupInvalid(
      `Its format is ${String(stored.format)}, and this version of Chit reads ${BACKUP_FORMAT}. ` +
        'Use the version that made it, or a newer one.',
    );
  }
  try {
    return {
      program: textIn(stored, 'program'),
      database: oneOf(stored.database, ['sqlite', 'postgres'] as const),
      madeAt: timeIn(stored, 'madeAt'),
      madeBy: oneOf(stored.madeBy, BACKUP_MAKERS),
      host: textIn(stored, 'host'),
      facts: factsFrom(objectIn(stored, 'facts')),
      check: checkFrom(objectIn(stored, 'check')),
      files: filesFrom(objectIn(stored, 'files')),
    };
  } catch (error) {
    throw new BackupInvalid(`Its manifest cannot be read: ${(error as Error).message}`);
  }
}

type Stored = Readonly<Record<string, unknown>>;

function factsFrom(stored: Stored): DatabaseFacts {
  const last = stored.lastTransfer === null ? undefined : objectIn(stored, 'lastTransfer');
  return {
    migration: stored.migration === null ? undefined : textIn(stored, 'migration'),
    accounts: countIn(stored, 'accounts'),
    transfers: countIn(stored, 'transfers'),
    postedCredits: BigInt(textIn(stored, 'postedCredits')),
    lastTransfer: last && { id: textIn(last, 'id'), at: timeIn(last, 'at') },
  };
}

function checkFrom(stored: Stored): BackupCheck {
  const { faults } = stored;
  if (!Array.isArray(faults)) throw new Error('"faults" is not a list.');
  return { of: oneOf(stored.of, ['ledger', 'file'] as const), faults: faults.map(String) };
}

function filesFrom(stored: Stored): BackupManifest['files'] {
  const files = Object.keys(stored).map((name) => {
    oneOf(name, CONTENTS);
    const file = objectIn(stored, name);
    return [name, { bytes: countIn(file, 'bytes'), sha256: textIn(file, 'sha256') }] as const;
  });
  return Object.fromEntries(files);
}

function objectIn(stored: Stored, name: string): Stored {
  const value = stored[name];
  if (typeof value !== 'object' || value === null) throw new Error(`"${name}" is missing.`);
  return value as Stored;
}

function textIn(stored: Stored, name: string): string {
  const value = stored[name];
  if (typeof value !== 'string') throw new Error(`"${name}" is not a text.`);
  return value;
}

function timeIn(stored: Stored, name: string): string {
  const text = textIn(stored, name);
  if (Number.isNaN(Date.parse(text))) throw new Error(`"${name}" is not a time.`);
  return text;
}

function countIn(stored: Stored, name: string): number {
  const value = stored[name];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new Error(`"${name}" is not a whole number.`);
}

function oneOf<T extends string>(value: unknown, choices: readonly T[]): T {
  const found = choices.find((it) => it === value);
  if (found === undefined) throw new Error(`"${String(value)}" is unknown.`);
  return found;
}

/** How many are kept: the newest of each of so many days, weeks and months that have one. */
const KEEP = { days: 7, weeks: 4, months: 12 };
const DAY_MS = 86_400_000;
/** What somebody asked for, or what was made before an upgrade, is kept at least so long. */
const KEEP_WANTED_MS = 30 * DAY_MS;
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const MONDAY_MS = 3 * DAY_MS;

/** A backup among others. */
export interface DatedBackup {
  readonly name: string;
  /** ISO 8601, in UTC. */
  readonly madeAt: string;
  readonly madeBy: BackupMaker;
  readonly isGood: boolean;
}

/**
 * The backups that need no longer be kept. Of good ones there stay all of the last day, those of
 * the last 30 days that were not made by the schedule, and the newest of each of the last 7 days, 4
 * weeks and 12 months (UTC) that have one, so that the newest good one always stays. Of those with
 * faults there stay the same, but no weeks or months.
 * @returns their names
 */
export function backupsToDelete(backups: readonly DatedBackup[], nowMs: number): string[] {
  const newestFirst = backups.toSorted((one, other) => madeAtMsOf(other) - madeAtMsOf(one));
  const good = newestFirst.filter(({ isGood }) => isGood);
  const faulty = newestFirst.filter(({ isGood }) => !isGood);
  const kept = new Set([
    ...newestFirst.filter((it) => isRecent(it, nowMs)),
    ...newestOfEach(good, dayOf, KEEP.days),
    ...newestOfEach(good, weekOf, KEEP.weeks),
    ...newestOfEach(good, monthOf, KEEP.months),
    ...newestOfEach(faulty, dayOf, KEEP.days),
  ]);
  return newestFirst.filter((it) => !kept.has(it)).map(({ name }) => name);
}

/** In milliseconds since 1970 UTC. */
export function madeAtMsOf({ madeAt }: Pick<DatedBackup, 'madeAt'>): number {
  return Date.parse(madeAt);
}

function isRecent(it: DatedBackup, nowMs: number): boolean {
  return nowMs - madeAtMsOf(it) < (it.madeBy === 'schedule' ? DAY_MS : KEEP_WANTED_MS);
}

function newestOfEach(
  newestFirst: readonly DatedBackup[],
  periodOf: (it: DatedBackup) => number | string,
  most: number,
): DatedBackup[] {
  const newest = new Map<number | string, DatedBackup>();
  for (const it of newestFirst) {
    const period = periodOf(it);
    if (!newest.has(period) && newest.size < most) newest.set(period, it);
  }
  return [...newest.values()];
}

const dayOf = ({ madeAt }: DatedBackup) => madeAt.slice(0, '2026-11-28'.length);
const weekOf = (it: DatedBackup) => Math.floor((madeAtMsOf(it) + MONDAY_MS) / (7 * DAY_MS));
const monthOf = ({ madeAt }: DatedBackup) => madeAt.slice(0, '2026-11'.length);

/**
 * Puts restored files in their place so that a crash at any moment leaves the old data or the new,
 * never a mixture. What is to be done is written down first, as one file with one rename; from then
 * on the restore has happened, and whoever opens the data next finishes what is left of it. Each
 * step can be done again.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { takeLock } from './lock-file.ts';

const JOURNAL = 'restore.json';
/** What the journal is called once it is carried out. */
const LAST = 'last-restore.json';
const LOCK = '.lock-of-restore';
/** How long to wait for another process that is putting the files in place, which takes no time. */
const LOCK_TIMEOUT_MS = 30_000;
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** What a restore does, all paths within the data folder. */
export interface RestorePlan {
  readonly backup: string;
  /** When the restore was decided, ISO 8601 in UTC. */
  readonly restoredAt: string;
  /** The folder with the new files. */
  readonly staged: string;
  /** The folder for what was there. */
  readonly aside: string;
  /** Files that are moved aside, in this order. */
  readonly old: readonly string[];
  /** Files that take their place. */
  readonly fresh: readonly string[];
  /** What of them is called otherwise in the data folder. */
  readonly names: Readonly<Record<string, string>>;
  /** A file outside of the data folder that is created if it is missing. */
  readonly deployment: { readonly from: string; readonly to: string } | undefined;
}

/** The last restore of a data folder. */
export interface LastRestore {
  readonly backup: string;
  readonly restoredAt: string;
}

/** For tests: called before each step that changes something. */
export type OnStep = (step: string) => void;

/**
 * Decides a restore, durably. What is left of it is done by `finishRestore`.
 * @param folder the data folder; the staged files are in it already, and on the disk
 */
export function decideRestore(folder: string, plan: RestorePlan, onStep: OnStep = ignore): void {
  const draft = join(folder, plan.staged, JOURNAL);
  onStep('write the journal');
  writeDurably(draft, `${JSON.stringify(plan, undefined, 2)}\n`);
  onStep('decide');
  renameSync(draft, join(folder, JOURNAL));
  syncFolder(folder);
}

/** Whether a restore was decided that is not finished. */
export function isRestoreDecided(folder: string): boolean {
  return existsSync(join(folder, JOURNAL));
}

/**
 * Finishes a restore that was decided, if there is one.
 * @returns whether there was one
 */
export function finishRestore(folder: string, onStep: OnStep = ignore): boolean {
  if (!isRestoreDecided(folder)) return false;
  const lock = takeLock(join(folder, LOCK), LOCK_TIMEOUT_MS);
  if (!lock) throw new Error(`Another process does not finish the restore in ${folder}.`);
  try {
    // Whoever had the lock before may have finished it.
    if (!isRestoreDecided(folder)) return true;
    const plan = JSON.parse(readFileSync(join(folder, JOURNAL), 'utf8')) as RestorePlan;
    carryOut(folder, plan, onStep);
    return true;
  } finally {
    lock.close();
  }
}

function carryOut(folder: string, plan: RestorePlan, onStep: OnStep): void {
  const aside = join(folder, plan.aside);
  const staged = join(folder, plan.staged);
  if (plan.old.length > 0) mkdirSync(aside, { recursive: true, mode: FOLDER_MODE });
  for (const name of plan.old) {
    const isDone = existsSync(join(aside, name)) || !existsSync(join(folder, name));
    if (isDone) continue;
    onStep(`move ${name} aside`);
    renameSync(join(folder, name), join(aside, name));
  }
  if (plan.old.length > 0) syncFolder(aside);
  for (const name of plan.fresh) {
    if (!existsSync(join(staged, name))) continue;
    onStep(`put ${name} in its place`);
    renameSync(join(staged, name), join(folder, plan.names[name] ?? name));
  }
  syncFolder(folder);
  if (plan.deployment && !existsSync(plan.deployment.to)) {
    const { from, to } = plan.deployment;
    onStep('put the configuration in its place');
    const draft = `${to}.restored`;
    copyFileSync(join(staged, from), draft);
    sync(draft);
    renameSync(draft, to);
    syncFolder(dirname(to));
  }
  onStep('note that it is done');
  renameSync(join(folder, JOURNAL), join(folder, LAST));
  syncFolder(folder);
  onStep('tidy up');
  rmSync(staged, { recursive: true, force: true });
}

/** The last restore of a data folder, if there was one. */
export function lastRestore(folder: string): LastRestore | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, LAST), 'utf8')) as LastRestore;
  } catch {
    return undefined;
  }
}

/** The files of a SQLite database that exist, by their names. */
export function sqliteFiles(path: string): string[] {
  return ['', '-wal', '-shm', '-journal']
    .map((suffix) => `${path}${suffix}`)
    .filter((file) => existsSync(file))
    .map((file) => basename(file));
}

/** Creates a file that is on the disk when this returns. */
export function writeDurably(path: string, text: string): void {
  writeFileSync(path, text, { mode: FILE_MODE });
  sync(path);
}

/** Waits until the names in a folder are on the disk. */
export function syncFolder(folder: string): void {
  sync(folder, 'r');
}

function sync(path: string, flags = 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function ignore(): void {}

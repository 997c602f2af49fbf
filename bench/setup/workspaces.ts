/** Where a server runs: its folder and its database, of either kind. */
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Chit, openChit } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { newFolder } from '../system/processes.ts';
import { dropPostgresDatabase, newPostgresDatabase, query } from './postgres.ts';

export const DATABASES = ['sqlite', 'postgres'] as const;
export type DatabaseKind = (typeof DATABASES)[number];
export const DATABASE_NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

export interface Workspace {
  readonly kind: DatabaseKind;
  /** The working directory of a server that runs here. */
  readonly folder: string;
  /** Its settings; none on SQLite, where the defaults are measured. */
  readonly settings: Readonly<Record<string, string>>;
  /** The file of the SQLite database, or the URL of the PostgreSQL database. */
  readonly database: string;
}

export interface Counts {
  /** Messages that were answered in full. */
  readonly messages: number;
  readonly charges: number;
  readonly openHolds: number;
}

/** A workspace with nothing in it. */
export async function newWorkspace(kind: DatabaseKind): Promise<Workspace> {
  const folder = newFolder();
  if (kind === 'sqlite') {
    return { kind, folder, settings: {}, database: join(folder, 'data/chit.db') };
  }
  const database = await newPostgresDatabase();
  const key = randomBytes(32).toString('hex');
  const settings = { CHIT_DATABASE_URL: database, CHIT_SECRET_KEY: key };
  return { kind, folder, settings, database };
}

/** Another workspace with the same key and the same rows; no server may be running in the first. */
export async function copyWorkspace(workspace: Workspace): Promise<Workspace> {
  const folder = newFolder();
  if (workspace.kind === 'sqlite') {
    cpSync(workspace.folder, folder, { recursive: true });
    return { ...workspace, folder, database: join(folder, 'data/chit.db') };
  }
  const database = await newPostgresDatabase(workspace.database);
  const settings = { ...workspace.settings, CHIT_DATABASE_URL: database };
  return { ...workspace, folder, settings, database };
}

/** Frees disk space before the run ends: some workspaces are large. */
export async function removeWorkspace({ kind, folder, database }: Workspace): Promise<void> {
  if (kind === 'postgres') await dropPostgresDatabase(database);
  rmSync(folder, { recursive: true, force: true });
}

/** Opens the program there in this process, without a server. */
export function openWorkspace(
  workspace: Workspace,
  settings: Record<string, string> = {},
): Promise<Chit> {
  const { kind, database, folder } = workspace;
  const own = kind === 'sqlite' ? { CHIT_DATABASE_URL: `sqlite:${database}` } : {};
  const all = { ...workspace.settings, ...own, ...settings };
  return openChit(loadConfig(all, join(folder, '.env')).config);
}

const COUNTS = `SELECT
  (SELECT count(*) FROM messages WHERE status = 'complete') AS messages,
  (SELECT count(*) FROM transfers WHERE kind = 'charge') AS charges,
  (SELECT count(*) FROM holds WHERE state = 'open') AS "openHolds"`;

export async function countsIn({ kind, database }: Workspace): Promise<Counts> {
  if (kind === 'postgres') {
    const [row] = await query<Record<keyof Counts, string>>(database, COUNTS);
    const counts = Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]);
    return Object.fromEntries(counts) as Counts;
  }
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    return db.prepare(COUNTS).get() as unknown as Counts;
  } finally {
    db.close();
  }
}

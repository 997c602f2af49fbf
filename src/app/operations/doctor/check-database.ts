/** The database: whether it answers, what is in it, its clock, and the servers on it. */
import { existsSync, statSync } from 'node:fs';
import { type Finding, finding } from '../../../core/doctor.ts';
import { isPostgres, sqlitePath } from '../../../store/database/dialect.ts';
import { isKnownMigration, NEWEST_MIGRATION } from '../../../store/database/migrate.ts';
import {
  type DatabaseState,
  type RunningState,
  readDatabaseState,
} from '../../../store/operations/database-state.ts';
import { firstIdAt, momentOf } from '../../ids.ts';
import { GONE_AFTER_MS } from '../servers.ts';
import { noteOnLostLog } from '../stale-database.ts';
import type { Subject } from './subject.ts';

/** Servers end holds that were left within seconds; a command may come in between. */
const OVERDUE_MS = 60_000;
/** Leases and renewals bear this much. */
const CLOCK_MS = 2_000;
const MINUTE_MS = 60_000;
/** What was sent in the last hour gets into the index of searches soon, or is being answered. */
const INDEXED_AFTER_MS = 3_600_000;

/** @param read reads the state; replaced in tests */
export async function checkDatabase(
  subject: Subject,
  read: typeof readDatabaseState = readDatabaseState,
): Promise<Finding[]> {
  const { databaseUrl } = subject.settings;
  const path = isPostgres(databaseUrl) ? undefined : sqlitePath(databaseUrl);
  if (path !== undefined && isMissing(path)) return [finding('database_empty', {})];
  // Asked first, since reading creates a log.
  const lostLog = await noteOnLostLog(databaseUrl, subject.dataFolder).catch(() => undefined);
  const indexedBeforeId = firstIdAt(Date.now() - INDEXED_AFTER_MS);
  const times = { overdueMs: OVERDUE_MS, goneAfterMs: GONE_AFTER_MS, indexedBeforeId };
  let state: DatabaseState;
  try {
    state = await read(databaseUrl, times);
  } catch (error) {
    return [finding('database_failed', { reason: reasonOf(error) })];
  }
  return [
    ...schemaFindings(state),
    ...(state.isReadOnly ? [finding('database_read_only', {})] : []),
    ...(lostLog === undefined ? [] : [finding('database_lost_log', {})]),
    ...(state.running ? indexFindings(state.running) : []),
    clockFinding(state),
    ...(state.running ? holdFindings(state.running, state.clockMs) : []),
    ...(state.running ? serverFindings(state.running, subject) : []),
  ];
}

/** Errors of several addresses in one have no message of their own. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as Error & { code?: string; errors?: Error[] };
  return message || errors?.[0]?.message || (code ?? 'unknown');
}

function isMissing(path: string): boolean {
  return path !== ':memory:' && (!existsSync(path) || statSync(path).size === 0);
}

function schemaFindings({ kind, migration, bytes }: DatabaseState): Finding[] {
  const newest = NEWEST_MIGRATION;
  if (migration === undefined) return [finding('database_empty', {})];
  if (migration === newest) return [finding('database_ok', { kind, migration, bytes })];
  if (isKnownMigration(migration)) return [finding('database_older', { migration, newest })];
  return [finding('database_newer', { migration, newest })];
}

function indexFindings({ firstUnindexedId }: RunningState): Finding[] {
  if (firstUnindexedId === undefined) return [];
  const since = new Date(momentOf(firstUnindexedId)).toISOString();
  return [finding('search_index_filling', { since })];
}

function clockFinding({ clockMs, askedAtMs }: DatabaseState): Finding {
  const seconds = Math.round((askedAtMs - clockMs) / 100) / 10;
  const isRight = Math.abs(askedAtMs - clockMs) < CLOCK_MS;
  return finding(isRight ? 'clock_ok' : 'clock_off_database', { seconds });
}

function holdFindings(running: RunningState, nowMs: number): Finding[] {
  const { openHolds: open, abandonedHolds: count, oldestAbandonedMs } = running;
  if (oldestAbandonedMs === undefined) return [finding('holds_ok', { open })];
  const minutes = Math.round((nowMs - oldestAbandonedMs) / MINUTE_MS);
  return [finding('holds_abandoned', { count, minutes })];
}

function serverFindings({ servers }: RunningState, subject: Subject): Finding[] {
  const { fingerprints, version: own } = subject;
  const found = servers.flatMap(({ host, version, secretKey, deployment, clockAheadMs }) => {
    const seconds = Math.round(Number(clockAheadMs) / 1000);
    const hasOtherKey = fingerprints && secretKey !== fingerprints.secretKey;
    const hasOtherPrices = fingerprints && deployment !== fingerprints.deployment;
    return [
      ...(hasOtherKey ? [finding('server_key_differs', { host })] : []),
      ...(hasOtherPrices ? [finding('server_deployment_differs', { host })] : []),
      ...(version === own ? [] : [finding('server_version_differs', { host, version })]),
      ...(Math.abs(Number(clockAheadMs)) < CLOCK_MS
        ? []
        : [finding('server_clock_off', { host, seconds })]),
    ];
  });
  const count = servers.length;
  return found.length === 0 && count > 0 ? [finding('servers_ok', { count })] : found;
}

/** Seeds a database with a ledger of any size, directly into the tables. */
import { DatabaseSync } from 'node:sqlite';
import { OPENING_CREDITS } from './accounts.ts';
import { query } from './postgres.ts';
import { type DatabaseKind, newWorkspace, openWorkspace, type Workspace } from './workspaces.ts';

export interface LedgerSize {
  readonly accounts: number;
  /** Per account: first grants, then charges with their holds and messages. */
  readonly grants: number;
  readonly charges: number;
  /** The time of the first transfer and the interval between transfers; see `BEGINNING_MS`. */
  readonly pace?: { readonly beginsAtMs: number; readonly everyMs: number };
}

/** The distance between ids of users who sign up one per millisecond. */
export const ID_STEP = 4_096;
const GRANT_CREDITS = 100;
const PRICE_CREDITS = 100;
/** 2026-01-01; by default there is one transfer per millisecond from then on. */
const BEGINNING_MS = 1_767_225_600_000;
const PRICE_TEXT =
  '{"perMessage":100,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}';
const LEASE = '019b7600-0000-7000-8000-000000000000';

/** SQL that differs between the two databases. */
const FLAVOURS = {
  sqlite: { hex: (value: string, digits: number) => `printf('%0${digits}x', ${value})` },
  postgres: { hex: (value: string, digits: number) => `lpad(to_hex(${value}), ${digits}, '0')` },
} as const;

/** The ids of `count` accounts, spread evenly over a ledger. */
export function spreadIds({ accounts }: LedgerSize, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    return (1 + Math.floor((index * accounts) / count)) * ID_STEP;
  });
}

/** A new workspace with a ledger of this size that passes `chit ledger verify`. */
export async function seedWorkspace(
  kind: DatabaseKind,
  size: LedgerSize,
  onStep: (step: number, steps: number) => void = () => undefined,
): Promise<Workspace> {
  const workspace = await newWorkspace(kind);
  await (await openWorkspace(workspace)).close();
  const statements = statementsFor(kind, size);
  const run = runnerOn(workspace);
  try {
    for (const [index, statement] of statements.entries()) {
      onStep(index + 1, statements.length);
      await run.statement(statement);
    }
  } finally {
    await run.close();
  }
  return workspace;
}

/** Runs statements on a database as a seed does. */
export interface Runner {
  statement(sql: string): Promise<void>;
  close(): Promise<void>;
}

/** Runs statements whose rows are valid by construction: foreign keys are not checked. */
export function runnerOn({ kind, database }: Workspace): Runner {
  if (kind === 'postgres') {
    const settings = ['SET session_replication_role = replica', 'SET synchronous_commit = off'];
    return {
      statement: async (sql) => void (await query(database, ...settings, sql)),
      // As autovacuum would in time; and no pending checkpoint disturbs the measurement.
      close: async () => void (await query(database, 'VACUUM ANALYZE', 'CHECKPOINT')),
    };
  }
  const db = new DatabaseSync(database);
  db.exec('PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000');
  return {
    statement: async (sql) => db.exec(sql),
    close: async () => {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}

function statementsFor(kind: DatabaseKind, size: LedgerSize): string[] {
  const { accounts, grants, charges } = size;
  const posted = balanceAfter(size, grants + charges);
  const numbers = Array.from({ length: grants + charges }, (_, index) => index + 1);
  // Accounts alternate, as in real use. Several rounds share a statement if it stays small.
  const rounds: number[][] = [];
  const perStatement = Math.max(1, Math.floor(1_000_000 / accounts));
  for (const number of numbers) {
    const last = rounds.at(-1);
    const isSameKind = last && (last[0] as number) <= grants === number <= grants;
    if (last && isSameKind && last.length < perStatement) last.push(number);
    else rounds.push([number]);
  }
  const everyone = `WITH RECURSIVE people (i) AS (
    SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM people WHERE i < ${accounts})`;
  return [
    `INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at,
       refresh_cutoff_at)
     ${everyone} SELECT i * ${ID_STEP}, 'person-' || i, '-', 1, 0, 0, ${BEGINNING_MS} + i, 0
     FROM people`,
    `INSERT INTO accounts (id, kind, posted, held, expiring, transfer_count, has_limits, renewed_at)
     ${everyone} SELECT i * ${ID_STEP}, 'personal', ${posted}, 0, 0, ${numbers.length}, 0, 0
     FROM people`,
    ...rounds.flatMap((round) => statementsOfRounds(kind, size, round)),
  ];
}

/** The next transfers of every account: either all grants or all charges. */
function statementsOfRounds(kind: DatabaseKind, size: LedgerSize, rounds: number[]): string[] {
  const [from, to] = [rounds[0] as number, rounds.at(-1) as number];
  const { beginsAtMs, everyMs } = size.pace ?? { beginsAtMs: BEGINNING_MS, everyMs: 1 };
  const rows = `WITH RECURSIVE
    people (i) AS (
      SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM people WHERE i < ${size.accounts}
    ),
    rounds (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM rounds WHERE n < ${to}),
    times (n, account, at) AS (
      SELECT n, i * ${ID_STEP}, ${beginsAtMs} + ((n - 1) * ${size.accounts} + i) * ${everyMs}
      FROM rounds, people),
    made (n, account, at, id) AS (SELECT n, account, at, ${idSql(kind)} FROM times)`;
  const insert = (table: string, columns: string, values: string) =>
    `INSERT INTO ${table} (${columns}) ${rows} SELECT ${values} FROM made ORDER BY at`;
  const common = 'id, account_id, number, kind, credits, balance_after, actor, shortfall';
  if (from <= size.grants) {
    const credits = `CASE n WHEN 1 THEN ${OPENING_CREDITS} ELSE ${GRANT_CREDITS} END`;
    const after = `${OPENING_CREDITS} + (n - 1) * ${GRANT_CREDITS}`;
    return [
      insert(
        'transfers',
        `${common}, reason, created_at`,
        `id, account, n, 'grant', ${credits}, ${after}, 'system', 0, 'Seeded', at`,
      ),
    ];
  }
  const after = `${balanceAfter(size, size.grants)} - (n - ${size.grants}) * ${PRICE_CREDITS}`;
  const about = `'dummy', '${PRICE_TEXT}'`;
  return [
    insert(
      'holds',
      `id, account_id, user_id, credits, state, lease_id, model, price, input_tokens, created_at,
        ended_at`,
      `id, account, account, ${PRICE_CREDITS}, 'settled', '${LEASE}', ${about}, 0, at, at`,
    ),
    insert(
      'messages',
      'id, user_id, model, content, reply, status, created_at, ended_at',
      `id, account, 'dummy', 'What does it cost?', 'A hundred.', 'complete', at, at`,
    ),
    insert(
      'transfers',
      `${common}, model, price, usage_source, created_at`,
      `id, account, n, 'charge', -${PRICE_CREDITS}, ${after}, 'system', 0, ${about}, 'flat', at`,
    ),
  ];
}

/** A UUID version 7 whose random part is derived from its time as well. */
function idSql(kind: DatabaseKind): string {
  const { hex } = FLAVOURS[kind];
  const time = hex('at', 12);
  const tail = hex('(at * 7919) % 281474976710656', 12);
  const middle = hex('at % 4096', 3);
  return `substr(${time}, 1, 8) || '-' || substr(${time}, 9) || '-7' || ${middle} || '-8000-'
    || ${tail}`;
}

/** The balance of an account after a number of transfers. */
export function balanceAfter({ grants }: LedgerSize, transfers: number): number {
  const given = OPENING_CREDITS + (Math.min(transfers, grants) - 1) * GRANT_CREDITS;
  return given - Math.max(0, transfers - grants) * PRICE_CREDITS;
}

/** Seeds a database in which the allowance of every account renews at the same moment. */
import { ID_STEP, runnerOn } from './seed.ts';
import { type DatabaseKind, newWorkspace, openWorkspace, type Workspace } from './workspaces.ts';

/** Enough for all chats of a run. */
export const ALLOWANCE_CREDITS = 10_000_000;
const DAY_MS = 86_400_000;
const PLAN = { id: 'plan-of-all', calendar: 'month 1 UTC' } as const;

/** As `renewalTransferId` has them, for a transfer that each account has one of. */
const FIRST_IDS = {
  sqlite: `'019b7600-0000-7003-8' || substr(printf('%015x', i * ${ID_STEP}), 1, 3) || '-'
    || substr(printf('%015x', i * ${ID_STEP}), 4)`,
  postgres: `'019b7600-0000-7003-8' || substr(lpad(to_hex(i * ${ID_STEP}), 15, '0'), 1, 3) || '-'
    || substr(lpad(to_hex(i * ${ID_STEP}), 15, '0'), 4)`,
} as const;

/** Gives everybody there an address, and the wish to be told of renewals. */
export async function seedMail(workspace: Workspace, accounts: number): Promise<void> {
  const everyone = `WITH RECURSIVE people (i) AS (
    SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM people WHERE i < ${accounts})`;
  const toldAtMs = Date.now();
  const run = runnerOn(workspace);
  try {
    for (const statement of [
      `INSERT INTO user_emails (user_id, email, email_key, verified_at)
       ${everyone} SELECT i * ${ID_STEP}, 'person-' || i || '@example.org',
         'person-' || i || '@example.org', 1 FROM people`,
      `INSERT INTO mail_settings (user_id, language, tells_renewal, renewal_told_at)
       ${everyone} SELECT i * ${ID_STEP}, 'de', 1, ${toldAtMs} FROM people`,
    ]) {
      await run.statement(statement);
    }
  } finally {
    await run.close();
  }
}

/**
 * A new workspace with accounts that all have one plan.
 * @param renewsAtMs when all of them renew
 */
export async function seedRenewals(
  kind: DatabaseKind,
  accounts: number,
  renewsAtMs: number,
): Promise<Workspace> {
  const workspace = await newWorkspace(kind);
  await (await openWorkspace(workspace)).close();
  const everyone = `WITH RECURSIVE people (i) AS (
    SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM people WHERE i < ${accounts})`;
  const begunAtMs = renewsAtMs - 30 * DAY_MS;
  const run = runnerOn(workspace);
  try {
    for (const statement of [
      `INSERT INTO calendar_periods (calendar, starts_at, ends_at)
       VALUES ('${PLAN.calendar}', ${begunAtMs}, ${renewsAtMs}),
         ('${PLAN.calendar}', ${renewsAtMs}, ${renewsAtMs + 30 * DAY_MS})`,
      `INSERT INTO plans (id, name, allowance, calendar, created_at)
       VALUES ('${PLAN.id}', 'Everybody', ${ALLOWANCE_CREDITS}, '${PLAN.calendar}', 0)`,
      `INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser,
         joined_at, refresh_cutoff_at)
       ${everyone} SELECT i * ${ID_STEP}, 'person-' || i, '-', 1, 0, 0, ${begunAtMs}, 0
       FROM people`,
      `INSERT INTO accounts (id, kind, posted, held, expiring, transfer_count, has_limits, plan_id,
         renews_at, renewed_at)
       ${everyone} SELECT i * ${ID_STEP}, 'personal', ${ALLOWANCE_CREDITS}, 0,
         ${ALLOWANCE_CREDITS}, 1, 1, '${PLAN.id}', ${renewsAtMs}, ${begunAtMs}
       FROM people`,
      `INSERT INTO transfers (id, account_id, number, kind, credits, balance_after,
         expiring_after, actor, reason, shortfall, created_at)
       ${everyone} SELECT ${FIRST_IDS[kind]}, i * ${ID_STEP}, 1, 'allowance',
         ${ALLOWANCE_CREDITS}, ${ALLOWANCE_CREDITS}, ${ALLOWANCE_CREDITS}, 'system', 'Everybody',
         0, ${begunAtMs}
       FROM people`,
    ]) {
      await run.statement(statement);
    }
  } finally {
    await run.close();
  }
  return workspace;
}

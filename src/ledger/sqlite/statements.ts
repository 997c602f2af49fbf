import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { BudgetColumns, BudgetKind } from '../../core/budget.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';

/** The SQL of the SQLite engine. Parameters are positional. */
export const SQLITE_LEDGER_SQL = {
  readAccount: `SELECT posted, held, expiring, plan_id, next_plan_id, plan_ends_at, renews_at,
     renewed_at
    FROM accounts WHERE id = ?`,
  readActiveUser: 'SELECT 1 FROM users WHERE id = ? AND is_active = 1',

  readKey: 'SELECT body_hash, made_id FROM idempotency_keys WHERE scope = ? AND key = ?',
  insertKey: `INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
    VALUES (?, ?, ?, ?, ?)`,
  deleteKey: 'DELETE FROM idempotency_keys WHERE scope = ? AND key = ?',

  ownerOfName: 'SELECT id FROM users WHERE username = ?',
  insertUser: `INSERT INTO users
    (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at)
    VALUES (?, ?, ?, 1, ?, ?, ?, 0)`,
  insertAccount: 'INSERT INTO accounts (id, posted, held, transfer_count) VALUES (?, 0, 0, 0)',

  // Checks the balance in the statement that changes it; returns no row if it refuses.
  addPosted: `UPDATE accounts SET posted = posted + ?1, expiring = min(expiring, posted + ?1),
      transfer_count = transfer_count + 1
    WHERE id = ?2 AND posted + ?1 <= ?3 AND posted + ?1 >= held
    RETURNING posted, expiring, transfer_count AS number`,
  // The same with what ends with its allowance.
  addExpiring: `UPDATE accounts SET posted = posted + ?1, expiring = expiring + ?1,
      transfer_count = transfer_count + 1
    WHERE id = ?2 AND posted + ?1 <= ?3 AND posted + ?1 >= held AND expiring + ?1 >= 0
    RETURNING posted, expiring, transfer_count AS number`,
  charge: `UPDATE accounts
    SET posted = posted - ?1, held = held - ?2, expiring = max(0, expiring - ?1),
      transfer_count = transfer_count + 1
    WHERE id = ?3
    RETURNING posted, expiring, transfer_count AS number`,

  readTransfer: `SELECT account_id, kind, credits, shortfall, balance_after, refund_of
    FROM transfers WHERE id = ?`,
  readRefundOf: 'SELECT id FROM transfers WHERE refund_of = ?',
  insertTransfer: `INSERT INTO transfers (id, account_id, number, kind, credits, balance_after,
     expiring_after, actor, reason, refund_of, shortfall, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
  insertCharge: `INSERT INTO transfers (id, account_id, number, kind, credits, balance_after,
     expiring_after, user_id, actor, model, price, usage_input, usage_cached_input, usage_output,
     usage, unpriced, usage_source, shortfall, created_at)
    VALUES (?, ?, ?, 'charge', ?, ?, ?, ?, 'system', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,

  // Opens a hold for which only the balance counts, and checks it in the same statement; returns
  // no row if it refuses, or if other limits count as well.
  insertHold: `INSERT INTO holds (id, account_id, credits, state, lease_id, model, price,
     input_tokens, idempotency_key, created_at, user_id)
    SELECT ?1, ?2, min(?3, posted - held), 'open', ?5, ?6, ?7, ?8, ?9, ?10, ?2
    FROM accounts
    WHERE id = ?2 AND has_limits = 0 AND posted - held >= ?4
      AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = ?1)
      AND EXISTS (SELECT 1 FROM users WHERE id = ?2 AND is_active = 1)
    ON CONFLICT DO NOTHING
    RETURNING credits`,
  insertLimitedHold: `INSERT INTO holds (id, account_id, credits, state, lease_id, model, price,
     input_tokens, idempotency_key, created_at, user_id, api_key_id, budgets)
    VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  readConversation: 'SELECT 1 FROM conversations WHERE id = ? AND user_id = ?',
  // An earlier hold with this id (?1), and whether the user (?2) and the key (?3) are there.
  readForHold: `SELECT h.account_id, h.user_id, h.credits, h.state,
     EXISTS (SELECT 1 FROM transfers WHERE id = ?1) AS is_transfer,
     EXISTS (SELECT 1 FROM users WHERE id = ?2 AND is_active = 1)
       AND EXISTS (SELECT 1 FROM accounts WHERE id = ?2) AS is_user_known,
     ?3 IS NULL OR EXISTS (SELECT 1 FROM api_keys
       WHERE id = ?3 AND user_id = ?2 AND ended_at IS NULL) AS is_key_known
    FROM (SELECT 1) LEFT JOIN holds h ON h.id = ?1`,
  readMembership: `SELECT 1 FROM groups g JOIN group_members m ON m.group_id = g.id
    WHERE g.id = ? AND g.pool_id = ? AND g.ended_at IS NULL AND m.user_id = ?`,
  // The budgets of an API key (?1), a group (?2), a plan (?3) and a user (?4), with what the user,
  // or the account that pays (?5), has spent of them, and the window of a calendar used last.
  readBudgets: `SELECT b.id, b.kind, coalesce(c.credits, b.credits) AS credits, b.hours, b.calendar,
     c.spent, c.held, c.window_start, c.window_start AS starts_at, c.window_end AS ends_at
    FROM (
      SELECT * FROM budgets WHERE kind = 'key' AND scope = ?1 AND ended_at IS NULL
      UNION ALL SELECT * FROM budgets WHERE kind = 'member' AND scope = ?2 AND ended_at IS NULL
      UNION ALL SELECT * FROM budgets WHERE kind = 'plan' AND scope = ?3 AND ended_at IS NULL
      UNION ALL SELECT * FROM budgets WHERE kind = 'user' AND scope = ?4 AND ended_at IS NULL
      UNION ALL SELECT * FROM budgets WHERE kind = 'own' AND scope = ?4 AND ended_at IS NULL
    ) b
    LEFT JOIN budget_counters c ON c.budget_id = b.id
      AND c.subject = CASE b.kind WHEN 'plan' THEN ?5 ELSE CAST(?4 AS integer) END`,
  // The period of a calendar that began last at a time.
  readPeriod: `SELECT starts_at, ends_at FROM calendar_periods
    WHERE calendar = ? AND starts_at <= ? ORDER BY starts_at DESC LIMIT 1`,
  // Checks the limit (?5, if there is one) in the statement that takes the room. Another window
  // than before empties the counter.
  takeRoom: `INSERT INTO budget_counters (budget_id, subject, spent, held, window_start, window_end)
    VALUES (?1, ?2, 0, ?3, ?4, ?6)
    ON CONFLICT (budget_id, subject) DO UPDATE SET
      spent = CASE WHEN window_start = ?4 THEN spent ELSE 0 END,
      held = CASE WHEN window_start = ?4 THEN held ELSE 0 END + ?3,
      window_start = ?4, window_end = ?6
    WHERE ?4 >= window_start AND (?5 IS NULL OR ?3 = 0
      OR CASE WHEN window_start = ?4 THEN spent + held ELSE 0 END + ?3 <= ?5)`,
  giveBack: `UPDATE budget_counters SET held = held - ?1, spent = spent + ?2
    WHERE budget_id = ?3 AND subject = ?4 AND window_start = ?5`,

  // A plan, with the period of its calendar that began last before ?2, and when the next begins.
  readPlan: `SELECT plan.id, plan.name, plan.allowance, p.starts_at, p.ends_at,
     (SELECT min(starts_at) FROM calendar_periods
      WHERE calendar = plan.calendar AND starts_at > ?2) AS next_start
    FROM plans plan LEFT JOIN calendar_periods p ON p.calendar = plan.calendar AND p.starts_at = (
      SELECT max(starts_at) FROM calendar_periods
      WHERE calendar = plan.calendar AND starts_at <= ?2)
    WHERE plan.id = ?1`,
  changePlan: `UPDATE accounts SET plan_id = ?, next_plan_id = ?, plan_ends_at = ?, renews_at = ?,
      renewed_at = ?, has_limits = 1
    WHERE id = ?`,

  readRedemption: 'SELECT code_hash, batch_id, user_id FROM voucher_redemptions WHERE id = ?',
  readVoucher: `SELECT v.uses, b.id, b.name, b.credits, b.plan_id, b.plan_for_ms, b.expires_at,
     b.uses_per_code, b.uses_per_user,
     (SELECT count(*) FROM voucher_redemptions r WHERE r.batch_id = b.id AND r.user_id = ?2)
       AS uses_of_user
    FROM vouchers v JOIN voucher_batches b ON b.id = v.batch_id AND b.ended_at IS NULL
    WHERE v.code_hash = ?1`,
  readBatch: 'SELECT credits, plan_id FROM voucher_batches WHERE id = ?',
  useVoucher: 'UPDATE vouchers SET uses = uses + 1 WHERE code_hash = ? AND uses < ?',
  insertRedemption: `INSERT INTO voucher_redemptions
     (id, code_hash, batch_id, user_id, redeemed_at)
    VALUES (?, ?, ?, ?, ?)`,

  addHeld: 'UPDATE accounts SET held = held + ?1 WHERE id = ?2 AND posted - held >= ?1',
  readHold: 'SELECT account_id, user_id, credits, state FROM holds WHERE id = ?',
  endHold: `UPDATE holds SET state = ?, ended_at = ?
    WHERE id = ? AND user_id = ? AND state = 'open'
    RETURNING account_id, credits, model, price, idempotency_key, budgets,
      EXISTS (SELECT 1 FROM journal WHERE generation_id = holds.id) AS is_journaled`,
  insertReleased: `INSERT INTO holds (id, account_id, user_id, credits, state, created_at, ended_at)
    VALUES (?1, ?2, ?2, 0, 'released', ?3, ?3)`,
  subtractHeld: 'UPDATE accounts SET held = held - ? WHERE id = ?',

  insertPiece: `INSERT INTO journal (generation_id, piece, text, non_reply_output)
    SELECT ?1, ?3, ?4, ?5 FROM holds WHERE id = ?1 AND user_id = ?2 AND state = 'open'
    ON CONFLICT (generation_id, piece) DO UPDATE SET piece = piece
    RETURNING piece`,
  deletePieces: 'DELETE FROM journal WHERE generation_id = ?',

  insertMessage: `INSERT INTO messages (id, user_id, model, content, status, created_at,
     conversation_id, parent_id, is_relayed)
    VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?)`,
  // A message that was erased while the model was answering stays erased.
  endMessage: `UPDATE messages SET reply = CASE WHEN erased_at IS NULL OR ?1 IS NULL THEN ?1
      ELSE '' END, status = ?2, failure = ?3, ended_at = ?4 WHERE id = ?5`,
  storeThinking: `UPDATE messages SET thinking = ?, thinking_ms = ?, thinking_tokens = ?
    WHERE id = ? AND erased_at IS NULL`,
  readEnd: 'SELECT status, failure FROM messages WHERE id = ?',
  insertResponse: `INSERT INTO idempotent_responses (id, content_type, body, created_at)
    VALUES (?, ?, ?, ?)`,
  insertAudit: `INSERT INTO audit_log
    (id, at, actor, address, action, target, reason, before, after)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
    WHERE NOT EXISTS (SELECT 1 FROM audit_log WHERE id = ?1)`,
} as const;

export type SqliteStatements = Readonly<Record<keyof typeof SQLITE_LEDGER_SQL, StatementSync>>;

/** Prepares all statements of the engine; the schema must be up to date. */
export function prepareStatements(prepare: (sql: string) => StatementSync): SqliteStatements {
  const prepared = Object.entries(SQLITE_LEDGER_SQL).map(([name, sql]) => [name, prepare(sql)]);
  return Object.fromEntries(prepared) as SqliteStatements;
}

export interface AccountRow {
  readonly posted: number;
  readonly held: number;
  readonly expiring: number;
  readonly plan_id: string | null;
  readonly next_plan_id: string | null;
  readonly plan_ends_at: number | null;
  readonly renews_at: number | null;
  readonly renewed_at: number;
}

export interface BookedRow {
  readonly posted: number;
  readonly expiring: number;
  readonly number: number;
}

export interface PlanRow {
  readonly id: string;
  readonly name: string;
  readonly allowance: number;
  readonly starts_at: number | null;
  readonly ends_at: number | null;
  readonly next_start: number | null;
}

export interface BudgetRow extends BudgetColumns {
  readonly id: string;
  readonly kind: BudgetKind;
  /** The limit; null if spending is only counted. */
  readonly credits: number | null;
}

export type PeriodRow = Pick<BudgetColumns, 'starts_at' | 'ends_at'>;

export interface VoucherRow {
  readonly uses: number;
  /** Of its batch, as what follows. */
  readonly id: string;
  readonly name: string;
  readonly credits: number;
  readonly plan_id: string | null;
  readonly plan_for_ms: number;
  readonly expires_at: number | null;
  readonly uses_per_code: number;
  readonly uses_per_user: number;
  readonly uses_of_user: number;
}

export interface RedemptionRow {
  readonly code_hash: string;
  readonly batch_id: string;
  readonly user_id: number;
}

export interface TransferRow {
  readonly account_id: number;
  readonly kind: string;
  readonly credits: number;
  readonly shortfall: number;
  readonly balance_after: number;
  readonly refund_of: string | null;
}

export interface HoldRow {
  /** The account that pays. */
  readonly account_id: number;
  readonly user_id: number;
  readonly credits: number;
  readonly state: 'open' | 'settled' | 'released';
}

/** What a hold looks at before its limits; the columns of the earlier hold are null if none. */
export interface BeforeHoldRow {
  readonly account_id: number | null;
  readonly user_id: number | null;
  readonly credits: number | null;
  readonly state: HoldRow['state'] | null;
  readonly is_transfer: 0 | 1;
  readonly is_user_known: 0 | 1;
  readonly is_key_known: 0 | 1;
}

export interface EndedHoldRow {
  readonly account_id: number;
  readonly credits: number;
  readonly model: string;
  readonly price: string;
  readonly idempotency_key: string | null;
  readonly budgets: string | null;
  readonly is_journaled: 0 | 1;
}

export interface EndedMessageRow {
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  readonly failure: ReplyFailure | null;
}

export interface KeyRow {
  readonly body_hash: string;
  readonly made_id: string;
}

/** The first row of a statement, or undefined. Its type is what the caller says. */
export function first<Row>(
  statement: StatementSync,
  ...parameters: readonly SQLInputValue[]
): Row | undefined {
  return statement.get(...parameters) as Row | undefined;
}

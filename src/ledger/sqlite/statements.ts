import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { ReplyFailure } from '../../core/reply-failure.ts';

/** The SQL of the SQLite engine. Parameters are positional. */
export const SQLITE_LEDGER_SQL = {
  readAccount: 'SELECT posted, held FROM accounts WHERE id = ?',
  // The account of an active user.
  readPayingAccount: `SELECT posted, held FROM accounts
    WHERE id = ?1 AND EXISTS (SELECT 1 FROM users WHERE id = ?1 AND is_active = 1)`,

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
  addPosted: `UPDATE accounts SET posted = posted + ?1, transfer_count = transfer_count + 1
    WHERE id = ?2 AND posted + ?1 <= ?3 AND posted + ?1 >= held
    RETURNING posted, transfer_count AS number`,
  charge: `UPDATE accounts
    SET posted = posted - ?1, held = held - ?2, transfer_count = transfer_count + 1
    WHERE id = ?3
    RETURNING posted, transfer_count AS number`,

  readTransfer: `SELECT account_id, kind, credits, shortfall, balance_after, refund_of
    FROM transfers WHERE id = ?`,
  readRefundOf: 'SELECT id FROM transfers WHERE refund_of = ?',
  insertTransfer: `INSERT INTO transfers (id, account_id, number, kind, credits, balance_after,
     actor, reason, refund_of, shortfall, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
  insertCharge: `INSERT INTO transfers (id, account_id, number, kind, credits, balance_after,
     actor, model, price, usage_input, usage_cached_input, usage_output, usage, unpriced,
     usage_source, shortfall, created_at)
    VALUES (?, ?, ?, 'charge', ?, ?, 'system', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,

  // Checks the balance in the statement that opens the hold; returns no row if it refuses.
  insertHold: `INSERT INTO holds (id, account_id, credits, state, lease_id, model, price,
     input_tokens, idempotency_key, created_at)
    SELECT ?1, ?2, min(?3, posted - held), 'open', ?5, ?6, ?7, ?8, ?9, ?10
    FROM accounts
    WHERE id = ?2 AND posted - held >= ?4 AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = ?1)
      AND EXISTS (SELECT 1 FROM users WHERE id = ?2 AND is_active = 1)
    ON CONFLICT DO NOTHING
    RETURNING credits`,
  // As insertHold, where the budget of an API key must have room as well.
  insertHoldOfApiKey: `INSERT INTO holds (id, account_id, credits, state, lease_id, model, price,
     input_tokens, idempotency_key, created_at, api_key_id)
    SELECT ?1, ?2, min(?3, posted - a.held, coalesce(budget - spent - k.held, ?3)), 'open', ?5, ?6,
      ?7, ?8, ?9, ?10, ?11
    FROM accounts a JOIN api_keys k ON k.user_id = a.id
    WHERE a.id = ?2 AND k.id = ?11 AND k.ended_at IS NULL AND posted - a.held >= ?4
      AND coalesce(budget - spent - k.held, ?4) >= ?4
      AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = ?1)
      AND EXISTS (SELECT 1 FROM users WHERE id = ?2 AND is_active = 1)
    ON CONFLICT DO NOTHING
    RETURNING credits`,
  readConversation: 'SELECT 1 FROM conversations WHERE id = ? AND user_id = ?',
  readApiKey: `SELECT budget - spent - held AS left FROM api_keys
    WHERE id = ? AND user_id = ? AND ended_at IS NULL`,
  changeApiKey: 'UPDATE api_keys SET held = held + ?, spent = spent + ? WHERE id = ?',
  addHeld: 'UPDATE accounts SET held = held + ?1 WHERE id = ?2 AND posted - held >= ?1',
  readHold: 'SELECT account_id, credits, state FROM holds WHERE id = ?',
  endHold: `UPDATE holds SET state = ?, ended_at = ?
    WHERE id = ? AND account_id = ? AND state = 'open'
    RETURNING credits, model, price, idempotency_key, api_key_id,
      EXISTS (SELECT 1 FROM journal WHERE generation_id = holds.id) AS is_journaled`,
  insertReleased: `INSERT INTO holds (id, account_id, credits, state, created_at, ended_at)
    VALUES (?, ?, 0, 'released', ?, ?)`,
  subtractHeld: 'UPDATE accounts SET held = held - ? WHERE id = ?',

  insertPiece: `INSERT INTO journal (generation_id, piece, text, non_reply_output)
    SELECT ?1, ?3, ?4, ?5 FROM holds WHERE id = ?1 AND account_id = ?2 AND state = 'open'
    ON CONFLICT (generation_id, piece) DO UPDATE SET piece = piece
    RETURNING piece`,
  deletePieces: 'DELETE FROM journal WHERE generation_id = ?',

  insertMessage: `INSERT INTO messages (id, user_id, model, content, status, created_at,
     conversation_id, parent_id, is_relayed)
    VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?)`,
  // A message that was erased while the model was answering stays erased.
  endMessage: `UPDATE messages SET reply = CASE WHEN erased_at IS NULL OR ?1 IS NULL THEN ?1
      ELSE '' END, status = ?2, failure = ?3, ended_at = ?4 WHERE id = ?5`,
  readEnd: 'SELECT status, failure FROM messages WHERE id = ?',
  insertResponse: `INSERT INTO idempotent_responses (id, content_type, body, created_at)
    VALUES (?, ?, ?, ?)`,
  insertAudit: `INSERT INTO audit_log
    (id, at, actor, address, action, target, reason, before, after)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
}

export interface BookedRow {
  readonly posted: number;
  readonly number: number;
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
  readonly account_id: number;
  readonly credits: number;
  readonly state: 'open' | 'settled' | 'released';
}

export interface EndedHoldRow {
  readonly credits: number;
  readonly model: string;
  readonly price: string;
  readonly idempotency_key: string | null;
  readonly api_key_id: string | null;
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

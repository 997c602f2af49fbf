import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Plans, groups, budgets and vouchers. An account may be the pool of a group, a transfer may book
 * an allowance, and the budgets of API keys become budgets like others.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    ...plans(flavour),
    ...budgets(flavour),
    ...(flavour.database === 'SQLite' ? rebuiltTables(flavour) : changedTables(flavour)),
    ...groups(flavour),
    ...vouchers(flavour),
    'CREATE INDEX accounts_to_renew ON accounts (renews_at, id) WHERE renews_at IS NOT NULL',
    'CREATE INDEX accounts_by_plan ON accounts (plan_id, id) WHERE plan_id IS NOT NULL',
    'CREATE INDEX transfers_unpriced ON transfers (id) WHERE unpriced IS NOT NULL',
    heldBudgets(flavour),
    ...flavour.ledgerFunctions('0007'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

function plans({ integer, id, strict, clustered }: SqlFlavour): string[] {
  return [
    `CREATE TABLE plans (
      id ${id} PRIMARY KEY,
      name text NOT NULL,
      allowance ${integer} NOT NULL CHECK (allowance BETWEEN 1 AND 1000000000000000),
      calendar ${id} NOT NULL,
      models text,
      requests_per_minute ${integer} CHECK (requests_per_minute > 0),
      usage_per_minute ${integer} CHECK (usage_per_minute > 0),
      created_at ${integer} NOT NULL,
      ended_at ${integer}
    )${strict}`,
    'CREATE UNIQUE INDEX plans_by_name ON plans (lower(name)) WHERE ended_at IS NULL',
    // Filled ahead by the program, since databases differ in what they know of time zones.
    `CREATE TABLE calendar_periods (
      calendar ${id} NOT NULL,
      starts_at ${integer} NOT NULL,
      ends_at ${integer} NOT NULL,
      PRIMARY KEY (calendar, starts_at),
      CHECK (starts_at < ends_at)
    )${clustered}`,
  ];
}

function budgets({ integer, id, strict, clustered }: SqlFlavour): string[] {
  return [
    `CREATE TABLE budgets (
      id ${id} PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('key', 'member', 'plan', 'user', 'own')),
      scope ${id} NOT NULL,
      credits ${integer} CHECK (credits BETWEEN 0 AND 1000000000000000),
      hours ${integer} CHECK (hours > 0),
      calendar ${id},
      created_at ${integer} NOT NULL,
      ended_at ${integer},
      CHECK (hours IS NULL OR calendar IS NULL)
    )${strict}`,
    'CREATE INDEX budgets_by_scope ON budgets (kind, scope) WHERE ended_at IS NULL',
    `CREATE TABLE budget_counters (
      budget_id ${id} NOT NULL REFERENCES budgets (id),
      subject ${integer} NOT NULL,
      credits ${integer} CHECK (credits BETWEEN 0 AND 1000000000000000),
      spent ${integer} NOT NULL CHECK (spent >= 0),
      held ${integer} NOT NULL CHECK (held >= 0),
      window_start ${integer} NOT NULL,
      PRIMARY KEY (budget_id, subject)
    )${clustered}`,
    // The budget of an API key has the id of the key.
    `INSERT INTO budgets (id, kind, scope, credits, created_at, ended_at)
      SELECT id, 'key', id, budget, created_at, NULL FROM api_keys`,
    `INSERT INTO budget_counters (budget_id, subject, spent, held, window_start)
      SELECT id, user_id, spent, held, 0 FROM api_keys`,
    `ALTER TABLE holds ADD COLUMN user_id ${integer} REFERENCES users (id)`,
    'ALTER TABLE holds ADD COLUMN budgets text',
    'UPDATE holds SET user_id = account_id',
    `UPDATE holds SET budgets = '[["' || api_key_id || '",' || account_id || ',0]]'
      WHERE api_key_id IS NOT NULL`,
  ];
}

/** The budgets of holds as rows. */
function heldBudgets({ database }: SqlFlavour): string {
  return database === 'SQLite'
    ? `CREATE VIEW held_budgets AS
      SELECT h.id AS hold_id, b.value ->> 0 AS budget_id, b.value ->> 1 AS subject,
        b.value ->> 2 AS window_start
      FROM holds h, json_each(h.budgets) b WHERE h.budgets IS NOT NULL`
    : `CREATE VIEW held_budgets AS
      SELECT h.id AS hold_id, b.value ->> 0 AS budget_id, (b.value ->> 1)::bigint AS subject,
        (b.value ->> 2)::bigint AS window_start
      FROM holds h, json_array_elements(h.budgets::json) AS b (value)
      WHERE h.budgets IS NOT NULL`;
}

const KINDS = "'grant', 'adjustment', 'charge', 'refund', 'allowance', 'expiry', 'voucher'";
const SIGN_OF_CREDITS = `CASE kind WHEN 'charge' THEN credits <= 0
        WHEN 'adjustment' THEN credits < 0 WHEN 'expiry' THEN credits < 0 ELSE credits > 0 END`;

/**
 * SQLite cannot change constraints, so three tables are copied
 * (https://sqlite.org/lang_altertable.html).
 */
function rebuiltTables(flavour: SqlFlavour): string[] {
  const { integer, id, strict, clustered } = flavour;
  return [
    `CREATE TABLE new_accounts (
      id ${integer} PRIMARY KEY,
      kind text NOT NULL DEFAULT 'personal' CHECK (kind IN ('personal', 'pool')),
      posted ${integer} NOT NULL CHECK (posted <= 1000000000000000),
      held ${integer} NOT NULL,
      expiring ${integer} NOT NULL DEFAULT 0,
      transfer_count ${integer} NOT NULL,
      has_limits ${integer} NOT NULL DEFAULT 0 CHECK (has_limits IN (0, 1)),
      plan_id ${id} REFERENCES plans (id),
      next_plan_id ${id} REFERENCES plans (id),
      plan_ends_at ${integer},
      renews_at ${integer},
      renewed_at ${integer} NOT NULL DEFAULT 0,
      CHECK (0 <= held AND held <= posted),
      CHECK (0 <= expiring AND expiring <= posted),
      CHECK (plan_id IS NOT NULL OR renews_at IS NULL)
    )${strict}`,
    `INSERT INTO new_accounts (id, posted, held, transfer_count)
      SELECT id, posted, held, transfer_count FROM accounts`,
    'DROP TABLE accounts',
    'ALTER TABLE new_accounts RENAME TO accounts',
    'CREATE INDEX accounts_by_balance ON accounts (posted, id)',
    `CREATE TABLE new_transfers (
      id ${id} PRIMARY KEY,
      account_id ${integer} NOT NULL REFERENCES accounts (id),
      number ${integer} NOT NULL CHECK (number >= 1),
      kind text NOT NULL CHECK (kind IN (${KINDS})),
      credits ${integer} NOT NULL,
      balance_after ${integer} NOT NULL CHECK (balance_after >= 0),
      expiring_after ${integer} NOT NULL DEFAULT 0,
      actor text NOT NULL,
      reason text,
      refund_of ${id} REFERENCES transfers (id),
      user_id ${integer} REFERENCES users (id),
      model text,
      usage_input ${integer},
      usage_cached_input ${integer},
      usage_output ${integer},
      usage text,
      unpriced text,
      usage_source text CHECK (usage_source IN ('provider', 'counted', 'flat')),
      price text,
      shortfall ${integer} NOT NULL CHECK (shortfall >= 0),
      created_at ${integer} NOT NULL,
      CHECK ((kind = 'charge') = (reason IS NULL)),
      CHECK ((kind = 'charge') = (model IS NOT NULL AND price IS NOT NULL
        AND usage_source IS NOT NULL)),
      CHECK ((kind = 'refund') = (refund_of IS NOT NULL)),
      CHECK (kind = 'charge' OR user_id IS NULL),
      CHECK (0 <= expiring_after AND expiring_after <= balance_after),
      CHECK (${SIGN_OF_CREDITS})
    )${clustered}`,
    `INSERT INTO new_transfers (id, account_id, number, kind, credits, balance_after, actor, reason,
        refund_of, model, usage_input, usage_cached_input, usage_output, usage, unpriced,
        usage_source, price, shortfall, created_at)
      SELECT id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model,
        usage_input, usage_cached_input, usage_output, usage, unpriced, usage_source, price,
        shortfall, created_at
      FROM transfers ORDER BY id`,
    'DROP TABLE transfers',
    'ALTER TABLE new_transfers RENAME TO transfers',
    'CREATE UNIQUE INDEX transfers_by_account ON transfers (account_id, number)',
    'CREATE UNIQUE INDEX transfers_by_refund ON transfers (refund_of) WHERE refund_of IS NOT NULL',
    ...flavour.refuseChanges('transfers', [['id'], ['account_id', 'number'], ['refund_of']]),
    `CREATE TABLE new_api_keys (
      id ${id} PRIMARY KEY REFERENCES budgets (id),
      user_id ${integer} NOT NULL REFERENCES users (id),
      name text NOT NULL,
      prefix text NOT NULL,
      secret_hash ${id} NOT NULL UNIQUE,
      models text,
      group_id ${id} REFERENCES groups (id),
      created_at ${integer} NOT NULL,
      expires_at ${integer},
      last_used_at ${integer},
      ended_at ${integer}
    )${strict}`,
    `INSERT INTO new_api_keys (id, user_id, name, prefix, secret_hash, models, created_at,
        expires_at, last_used_at, ended_at)
      SELECT id, user_id, name, prefix, secret_hash, models, created_at, expires_at, last_used_at,
        ended_at
      FROM api_keys`,
    'DROP TABLE api_keys',
    'ALTER TABLE new_api_keys RENAME TO api_keys',
    'CREATE INDEX api_keys_by_user ON api_keys (user_id)',
  ];
}

function changedTables({ integer, id }: SqlFlavour): string[] {
  return [
    'ALTER TABLE accounts DROP CONSTRAINT accounts_id_fkey',
    `ALTER TABLE accounts
      ADD COLUMN kind text NOT NULL DEFAULT 'personal' CHECK (kind IN ('personal', 'pool')),
      ADD COLUMN expiring ${integer} NOT NULL DEFAULT 0,
      ADD COLUMN has_limits ${integer} NOT NULL DEFAULT 0 CHECK (has_limits IN (0, 1)),
      ADD COLUMN plan_id ${id} REFERENCES plans (id),
      ADD COLUMN next_plan_id ${id} REFERENCES plans (id),
      ADD COLUMN plan_ends_at ${integer},
      ADD COLUMN renews_at ${integer},
      ADD COLUMN renewed_at ${integer} NOT NULL DEFAULT 0,
      ADD CHECK (0 <= expiring AND expiring <= posted),
      ADD CHECK (plan_id IS NOT NULL OR renews_at IS NULL)`,
    // The names that PostgreSQL gave to the constraints of 0001.
    'ALTER TABLE transfers DROP CONSTRAINT transfers_kind_check',
    'ALTER TABLE transfers DROP CONSTRAINT transfers_check3',
    `ALTER TABLE transfers
      ADD COLUMN expiring_after ${integer} NOT NULL DEFAULT 0,
      ADD COLUMN user_id ${integer} REFERENCES users (id),
      ADD CONSTRAINT transfers_kind_check CHECK (kind IN (${KINDS})),
      ADD CONSTRAINT transfers_sign_check CHECK (${SIGN_OF_CREDITS}),
      ADD CHECK (kind = 'charge' OR user_id IS NULL),
      ADD CHECK (0 <= expiring_after AND expiring_after <= balance_after)`,
    `ALTER TABLE api_keys DROP COLUMN budget, DROP COLUMN spent, DROP COLUMN held,
      ADD COLUMN group_id ${id}`,
    'ALTER TABLE api_keys ADD FOREIGN KEY (id) REFERENCES budgets (id)',
  ];
}

function groups({ integer, id, strict, clustered, database }: SqlFlavour): string[] {
  return [
    `CREATE TABLE groups (
      id ${id} PRIMARY KEY,
      name text NOT NULL,
      pool_id ${integer} UNIQUE REFERENCES accounts (id),
      models text,
      created_at ${integer} NOT NULL,
      ended_at ${integer}
    )${strict}`,
    'CREATE UNIQUE INDEX groups_by_name ON groups (lower(name)) WHERE ended_at IS NULL',
    `CREATE TABLE group_members (
      group_id ${id} NOT NULL REFERENCES groups (id),
      user_id ${integer} NOT NULL REFERENCES users (id),
      is_manager ${integer} NOT NULL CHECK (is_manager IN (0, 1)),
      joined_at ${integer} NOT NULL,
      PRIMARY KEY (group_id, user_id)
    )${clustered}`,
    'CREATE INDEX group_members_by_user ON group_members (user_id, joined_at, group_id)',
    // In SQLite the column refers to it already.
    ...(database === 'PostgreSQL'
      ? ['ALTER TABLE api_keys ADD FOREIGN KEY (group_id) REFERENCES groups (id)']
      : []),
  ];
}

function vouchers({ integer, id, strict, clustered }: SqlFlavour): string[] {
  return [
    `CREATE TABLE voucher_batches (
      id ${id} PRIMARY KEY,
      name text NOT NULL,
      credits ${integer} NOT NULL CHECK (credits BETWEEN 0 AND 1000000000000000),
      plan_id ${id} REFERENCES plans (id),
      plan_for_ms ${integer} NOT NULL CHECK (plan_for_ms >= 0),
      expires_at ${integer},
      uses_per_code ${integer} NOT NULL CHECK (uses_per_code > 0),
      uses_per_user ${integer} NOT NULL CHECK (uses_per_user > 0),
      codes ${integer} NOT NULL CHECK (codes > 0),
      made_by text NOT NULL,
      created_at ${integer} NOT NULL,
      ended_at ${integer},
      CHECK ((credits > 0) <> (plan_id IS NOT NULL)),
      CHECK ((plan_for_ms > 0) = (plan_id IS NOT NULL))
    )${strict}`,
    // Codes are made from the secret key, so that a copy of the database has none to redeem.
    `CREATE TABLE vouchers (
      code_hash ${id} PRIMARY KEY,
      batch_id ${id} NOT NULL REFERENCES voucher_batches (id),
      number ${integer} NOT NULL,
      uses ${integer} NOT NULL CHECK (uses >= 0)
    )${clustered}`,
    'CREATE UNIQUE INDEX vouchers_by_batch ON vouchers (batch_id, number)',
    `CREATE TABLE voucher_redemptions (
      id ${id} PRIMARY KEY,
      code_hash ${id} NOT NULL REFERENCES vouchers (code_hash),
      batch_id ${id} NOT NULL REFERENCES voucher_batches (id),
      user_id ${integer} NOT NULL REFERENCES users (id),
      redeemed_at ${integer} NOT NULL
    )${clustered}`,
    `CREATE INDEX voucher_redemptions_by_user ON voucher_redemptions (batch_id, user_id)`,
    `CREATE INDEX voucher_redemptions_of_user ON voucher_redemptions (user_id, id)`,
  ];
}

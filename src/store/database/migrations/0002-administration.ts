import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/** What operators need: the audit log, one-time links, sorted lists of users, sums of usage. */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [...log(flavour), ...LISTS, ...usage(flavour)];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

function log({ integer, id, strict, refuseChanges }: SqlFlavour): string[] {
  return [
    `CREATE TABLE audit_log (
      id ${id} PRIMARY KEY,
      at ${integer} NOT NULL,
      actor ${id} NOT NULL,
      address text,
      action ${id} NOT NULL,
      target ${id} NOT NULL,
      reason text,
      before text,
      after text
    )${strict}`,
    'CREATE INDEX audit_log_by_actor ON audit_log (actor, id)',
    'CREATE INDEX audit_log_by_action ON audit_log (action, id)',
    'CREATE INDEX audit_log_by_target ON audit_log (target, id)',
    ...refuseChanges('audit_log', [['id']]),
    `CREATE TABLE one_time_links (
      token_hash ${id} PRIMARY KEY,
      purpose text NOT NULL CHECK (purpose IN ('setup', 'password')),
      user_id ${integer} REFERENCES users (id),
      expires_at ${integer} NOT NULL,
      CHECK ((purpose = 'setup') = (user_id IS NULL))
    )${strict}`,
    'CREATE UNIQUE INDEX one_time_links_by_user ON one_time_links (user_id)',
    `CREATE UNIQUE INDEX one_time_links_setup ON one_time_links (purpose)
      WHERE purpose = 'setup'`,
  ];
}

/** One index for each order in which users are listed; the id breaks ties. */
const LISTS = [
  'CREATE INDEX users_by_name ON users (lower(username), id)',
  'CREATE INDEX users_by_joining ON users (joined_at, id)',
  'CREATE INDEX users_by_last_seen ON users (last_seen_at, id)',
  `CREATE INDEX users_disabled ON users (lower(username), id)
    WHERE is_active = 0 AND deleted_at IS NULL`,
  `CREATE INDEX users_staff ON users (lower(username), id)
    WHERE is_staff = 1 AND deleted_at IS NULL`,
  'CREATE INDEX accounts_by_balance ON accounts (posted, id)',
];

function usage({ integer, id, strict, clustered }: SqlFlavour): string[] {
  return [
    `CREATE TABLE usage_models (
      step text NOT NULL CHECK (step IN ('hour', 'day', 'month')),
      period ${id} NOT NULL,
      model ${id} NOT NULL,
      messages ${integer} NOT NULL,
      failed ${integer} NOT NULL,
      charged ${integer} NOT NULL,
      shortfall ${integer} NOT NULL,
      refunded ${integer} NOT NULL,
      usage_input ${integer} NOT NULL,
      usage_cached_input ${integer} NOT NULL,
      usage_output ${integer} NOT NULL,
      durations text NOT NULL,
      PRIMARY KEY (step, period, model)
    )${clustered}`,
    `CREATE TABLE usage_users (
      user_id ${integer} NOT NULL,
      period ${id} NOT NULL,
      messages ${integer} NOT NULL,
      failed ${integer} NOT NULL,
      charged ${integer} NOT NULL,
      usage_input ${integer} NOT NULL,
      usage_output ${integer} NOT NULL,
      PRIMARY KEY (user_id, period)
    )${clustered}`,
    // For hours only the number of active users is read, not who they were.
    `CREATE INDEX usage_users_by_charge ON usage_users (period, charged, user_id)
      WHERE length(period) < 13`,
    `CREATE TABLE usage_active (
      period ${id} PRIMARY KEY,
      users ${integer} NOT NULL
    )${strict}`,
    `CREATE TABLE usage_progress (
      id ${integer} PRIMARY KEY CHECK (id = 1),
      until_at ${integer} NOT NULL
    )${strict}`,
    'INSERT INTO usage_progress (id, until_at) VALUES (1, 0)',
  ];
}

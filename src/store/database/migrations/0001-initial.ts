import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Accounts, the ledger (transfers, holds), messages and refresh tokens. The rules of balances in
 * `core/ledger.ts` are enforced here as well, by CHECKs and triggers, so that neither another
 * program nor a bug of ours can break them.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    ...users(flavour),
    ...ledger(flavour),
    ...holds(flavour),
    ...messages(flavour),
    ...flavour.refuseChanges('transfers', [['id'], ['account_id', 'number'], ['refund_of']]),
    ...flavour.ledgerFunctions('0001'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

function users({ integer, id, strict }: SqlFlavour): string[] {
  return [
    `CREATE TABLE users (
      id ${integer} PRIMARY KEY,
      username ${id} UNIQUE,
      password_hash text NOT NULL,
      is_active ${integer} NOT NULL CHECK (is_active IN (0, 1)),
      is_staff ${integer} NOT NULL CHECK (is_staff IN (0, 1)),
      is_superuser ${integer} NOT NULL CHECK (is_superuser IN (0, 1)),
      joined_at ${integer} NOT NULL,
      refresh_cutoff_at ${integer} NOT NULL,
      access_cutoff_at ${integer} NOT NULL DEFAULT 0,
      last_seen_at ${integer} NOT NULL DEFAULT 0,
      deleted_at ${integer}
    )${strict}`,
    `CREATE TABLE refresh_tokens (
      jti ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      issued_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL,
      revoked_at ${integer}
    )${strict}`,
    'CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id)',
    `CREATE TABLE api_keys (
      id ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      name text NOT NULL,
      prefix text NOT NULL,
      secret_hash ${id} NOT NULL UNIQUE,
      models text,
      budget ${integer},
      spent ${integer} NOT NULL CHECK (spent >= 0),
      held ${integer} NOT NULL CHECK (held >= 0),
      created_at ${integer} NOT NULL,
      expires_at ${integer},
      last_used_at ${integer},
      ended_at ${integer},
      CHECK (budget IS NULL OR spent + held <= budget)
    )${strict}`,
    'CREATE INDEX api_keys_by_user ON api_keys (user_id)',
  ];
}

function ledger({ integer, id, strict, clustered }: SqlFlavour): string[] {
  return [
    `CREATE TABLE accounts (
      id ${integer} PRIMARY KEY REFERENCES users (id),
      posted ${integer} NOT NULL CHECK (posted <= 1000000000000000),
      held ${integer} NOT NULL,
      transfer_count ${integer} NOT NULL,
      CHECK (0 <= held AND held <= posted)
    )${strict}`,
    `CREATE TABLE transfers (
      id ${id} PRIMARY KEY,
      account_id ${integer} NOT NULL REFERENCES accounts (id),
      number ${integer} NOT NULL CHECK (number >= 1),
      kind text NOT NULL CHECK (kind IN ('grant', 'adjustment', 'charge', 'refund')),
      credits ${integer} NOT NULL,
      balance_after ${integer} NOT NULL CHECK (balance_after >= 0),
      actor text NOT NULL,
      reason text,
      refund_of ${id} REFERENCES transfers (id),
      model text,
      usage_input ${integer},
      usage_cached_input ${integer},
      usage_output ${integer},
      usage_source text CHECK (usage_source IN ('provider', 'counted', 'flat')),
      price text,
      shortfall ${integer} NOT NULL CHECK (shortfall >= 0),
      created_at ${integer} NOT NULL,
      CHECK ((kind = 'charge') = (reason IS NULL)),
      CHECK ((kind = 'charge') = (model IS NOT NULL AND price IS NOT NULL
        AND usage_source IS NOT NULL)),
      CHECK ((kind = 'refund') = (refund_of IS NOT NULL)),
      CHECK (CASE kind WHEN 'charge' THEN credits <= 0 WHEN 'adjustment' THEN credits < 0
        ELSE credits > 0 END)
    )${clustered}`,
    'CREATE UNIQUE INDEX transfers_by_account ON transfers (account_id, number)',
    'CREATE UNIQUE INDEX transfers_by_refund ON transfers (refund_of) WHERE refund_of IS NOT NULL',
  ];
}

function holds({ integer, id, strict, clustered }: SqlFlavour): string[] {
  return [
    `CREATE TABLE leases (
      id ${id} PRIMARY KEY,
      expires_at ${integer} NOT NULL
    )${strict}`,
    `CREATE TABLE holds (
      id ${id} PRIMARY KEY,
      account_id ${integer} NOT NULL REFERENCES accounts (id),
      credits ${integer} NOT NULL CHECK (credits >= 0),
      state text NOT NULL CHECK (state IN ('open', 'settled', 'released')),
      lease_id text,
      model text,
      price text,
      input_tokens ${integer},
      idempotency_key text,
      api_key_id ${id} REFERENCES api_keys (id),
      stop_asked_at ${integer},
      created_at ${integer} NOT NULL,
      ended_at ${integer},
      CHECK ((state = 'open') = (ended_at IS NULL)),
      CHECK (state = 'released' OR (lease_id IS NOT NULL AND model IS NOT NULL
        AND price IS NOT NULL AND input_tokens IS NOT NULL))
    )${clustered}`,
    "CREATE INDEX holds_open ON holds (lease_id) WHERE state = 'open'",
    `CREATE INDEX holds_to_stop ON holds (id)
      WHERE stop_asked_at IS NOT NULL AND state = 'open'`,
    'CREATE INDEX holds_by_api_key ON holds (api_key_id) WHERE api_key_id IS NOT NULL',
    `CREATE TABLE journal (
      generation_id ${id} NOT NULL REFERENCES holds (id),
      piece ${integer} NOT NULL,
      text text NOT NULL,
      aside text NOT NULL,
      PRIMARY KEY (generation_id, piece)
    )${clustered}`,
    `CREATE TABLE idempotency_keys (
      scope ${id} NOT NULL,
      key ${id} NOT NULL,
      body_hash text NOT NULL,
      made_id text NOT NULL,
      created_at ${integer} NOT NULL,
      PRIMARY KEY (scope, key)
    )${clustered}`,
    'CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)',
    `CREATE TABLE kept_answers (
      id ${id} PRIMARY KEY REFERENCES holds (id),
      content_type text NOT NULL,
      body text NOT NULL,
      created_at ${integer} NOT NULL
    )${strict}`,
    'CREATE INDEX kept_answers_by_age ON kept_answers (created_at)',
  ];
}

function messages({ integer, id, strict }: SqlFlavour): string[] {
  return [
    `CREATE TABLE conversations (
      id ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      title text NOT NULL,
      model text,
      system_prompt text NOT NULL,
      leaf_id ${id},
      share_token ${id} UNIQUE,
      is_loose ${integer} NOT NULL CHECK (is_loose IN (0, 1)),
      created_at ${integer} NOT NULL,
      updated_at ${integer} NOT NULL
    )${strict}`,
    'CREATE INDEX conversations_by_use ON conversations (user_id, updated_at, id)',
    'CREATE UNIQUE INDEX conversations_loose ON conversations (user_id) WHERE is_loose = 1',
    `CREATE TABLE messages (
      id ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      conversation_id ${id} REFERENCES conversations (id),
      parent_id ${id},
      is_relayed ${integer} NOT NULL DEFAULT 0 CHECK (is_relayed IN (0, 1)),
      model text NOT NULL,
      content text NOT NULL,
      reply text,
      status text NOT NULL CHECK (status IN
        ('pending', 'complete', 'incomplete', 'failed', 'imported')),
      failure text,
      created_at ${integer} NOT NULL,
      ended_at ${integer},
      erased_at ${integer}
    )${strict}`,
    `CREATE INDEX messages_by_conversation ON messages (conversation_id, id)
      WHERE conversation_id IS NOT NULL`,
    `CREATE INDEX messages_alone ON messages (user_id, is_relayed, id)
      WHERE conversation_id IS NULL AND erased_at IS NULL`,
  ];
}

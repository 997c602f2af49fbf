import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Accounts, the book (transfers, holds), messages and refresh tokens. What `core/ledger.ts`
 * promises of a balance stands here a second time, as CHECKs and triggers, so that no other
 * program and no slip of ours can break it.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    ...people(flavour),
    ...book(flavour),
    ...messages(flavour),
    ...flavour.refuseChanges('transfers'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

function people({ integer, strict }: SqlFlavour): string[] {
  return [
    `CREATE TABLE users (
      id ${integer} PRIMARY KEY,
      username text UNIQUE,
      password_hash text NOT NULL,
      is_active ${integer} NOT NULL CHECK (is_active IN (0, 1)),
      is_staff ${integer} NOT NULL CHECK (is_staff IN (0, 1)),
      is_superuser ${integer} NOT NULL CHECK (is_superuser IN (0, 1)),
      joined_at ${integer} NOT NULL,
      refresh_cutoff_at ${integer} NOT NULL,
      deleted_at ${integer}
    )${strict}`,
    `CREATE TABLE refresh_tokens (
      jti text PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      issued_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL,
      revoked_at ${integer}
    )${strict}`,
    'CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id)',
    'CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at)',
  ];
}

function book({ integer, strict, clustered }: SqlFlavour): string[] {
  return [
    `CREATE TABLE accounts (
      id ${integer} PRIMARY KEY REFERENCES users (id),
      posted ${integer} NOT NULL CHECK (posted <= 1000000000000000),
      held ${integer} NOT NULL,
      CHECK (0 <= held AND held <= posted)
    )${strict}`,
    `CREATE TABLE transfers (
      id text PRIMARY KEY,
      account_id ${integer} NOT NULL REFERENCES accounts (id),
      kind text NOT NULL CHECK (kind IN ('grant', 'charge')),
      credits ${integer} NOT NULL,
      balance_after ${integer} NOT NULL CHECK (balance_after >= 0),
      actor text NOT NULL,
      reason text,
      model text,
      usage_input ${integer},
      usage_cached_input ${integer},
      usage_output ${integer},
      usage_source text CHECK (usage_source IN ('provider', 'counted', 'flat')),
      price text,
      shortfall ${integer} NOT NULL CHECK (shortfall >= 0),
      created_at ${integer} NOT NULL,
      CHECK (kind <> 'grant' OR (credits > 0 AND reason IS NOT NULL)),
      CHECK (kind <> 'charge' OR (credits <= 0 AND model IS NOT NULL AND price IS NOT NULL
        AND usage_source IS NOT NULL))
    )${clustered}`,
    'CREATE INDEX transfers_by_account ON transfers (account_id, id)',
    `CREATE TABLE holds (
      id text PRIMARY KEY,
      account_id ${integer} NOT NULL REFERENCES accounts (id),
      credits ${integer} NOT NULL CHECK (credits >= 0),
      state text NOT NULL CHECK (state IN ('open', 'settled', 'released')),
      model text NOT NULL,
      created_at ${integer} NOT NULL,
      ended_at ${integer},
      CHECK ((state = 'open') = (ended_at IS NULL))
    )${clustered}`,
    "CREATE INDEX holds_open ON holds (account_id) WHERE state = 'open'",
  ];
}

function messages({ integer, strict }: SqlFlavour): string[] {
  return [
    `CREATE TABLE messages (
      id text PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      model text NOT NULL,
      content text NOT NULL,
      reply text,
      status text NOT NULL CHECK (status IN ('pending', 'complete', 'incomplete', 'failed')),
      failure text,
      created_at ${integer} NOT NULL,
      ended_at ${integer}
    )${strict}`,
    'CREATE INDEX messages_by_user ON messages (user_id, id)',
  ];
}

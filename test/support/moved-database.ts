/** A database with rows in every table, to be moved. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { loadDump } from './database-dump.ts';
import { type DatabaseName, openMigrated } from './databases.ts';

const FIXTURES = join(import.meta.dirname, '../store/upgrade');
/** 2 MB: of two rows with it, each is a batch. */
const LONG = 'ä🙂 '.repeat(310_000);

/** Rows for tables that are newer than the fixture. `1` and `2` are ids of its users. */
const ROWS: readonly string[] = [
  `INSERT INTO plans (id, name, allowance, calendar, created_at)
    VALUES ('plan-1', 'Monthly', 500, 'month UTC', 1)`,
  `INSERT INTO plan_changes (id, plan_id, starts, actor, accounts, after_id, changed, untouched,
    expired, given, claimed_until, created_at, ended_at)
    VALUES ('change-1', 'plan-1', 'now', 'cli:test', 1, 1, 1, 0, 0, 0, 0, 1, 2)`,
  'INSERT INTO retention (id, audit_log_before) VALUES (1, 5)',
  "INSERT INTO calendar_periods (calendar, starts_at, ends_at) VALUES ('month UTC', 0, 2678400000)",
  "INSERT INTO groups (id, name, models, created_at) VALUES ('group-1', '4b', '[\"flat\"]', 1)",
  `INSERT INTO group_members (group_id, user_id, is_manager, joined_at)
    SELECT 'group-1', min(id), 1, 7 FROM users`,
  `INSERT INTO voucher_batches (id, name, credits, plan_for_ms, uses_per_code, uses_per_user, codes,
    made_by, created_at) VALUES ('batch-1', 'Fair', 5, 0, 1, 1, 1, 'cli:test', 1)`,
  "INSERT INTO vouchers (code_hash, batch_id, number, uses) VALUES ('hash', 'batch-1', 1, 1)",
  `INSERT INTO voucher_redemptions (id, code_hash, batch_id, user_id, redeemed_at)
    SELECT 'redeemed', 'hash', 'batch-1', min(id), 9 FROM users`,
  `INSERT INTO invitations (id, batch_id, number, name, username, email, email_key, plan_id,
    credits, code_hash, mail_hash, invited_by, created_at, last_invited_at, expires_at,
    opening, grant_id)
    VALUES ('invited', 'invited-batch', 1, 'Grace', 'grace.b', 'Grace@b.example',
    'grace@b.example', 'plan-1', 5, 'code', 'mail', 'cli:test', 1, 2, 3, 'ldap:1', 'grant-1')`,
  "INSERT INTO invitation_groups (invitation_id, group_id) VALUES ('invited', 'group-1')",
  `INSERT INTO username_keys (key, username, claimed_at, invitation_id)
    VALUES ('grace.b', 'grace.b', 1, 'invited')`,
  `INSERT INTO folders (id, user_id, name, created_at) SELECT 'folder-1', min(id), 'Work', 1
    FROM users`,
  "UPDATE conversations SET pinned_at = 3, archived_at = 4, folder_id = 'folder-1'",
  "UPDATE conversations SET assistant = 'Tutor'",
  `INSERT INTO default_instructions (user_id, content) SELECT min(id), 'Be brief.' FROM users`,
  `INSERT INTO prompts (id, kind, user_id, title, content, created_at, updated_at)
    SELECT 'prompt-1', 'prompt', min(id), 'Letter', 'To {{name}}', 6, 7 FROM users`,
  `INSERT INTO tool_loops (message_id, conversation_id, user_id, state, lease_id, model, tools,
    rounds, created_at) SELECT 'looped', min(id), 1, 'ended', 'lease', 'small', '["web"]', 8, 1
    FROM conversations`,
  `INSERT INTO tool_rounds (generation_id, message_id, number, text_end)
    VALUES ('looped', 'looped', 1, 12)`,
  `INSERT INTO tool_calls (message_id, round, number, call_id, tool, name, arguments, state, result,
    price, asked_at, ended_at) VALUES ('looped', 1, 0, 'r01c00000', 'web', 'web__search', '{}',
    'done', 'Found.', '[7,1]', 1, 2)`,
  `INSERT INTO title_generations (id, conversation_id, user_id, created_at)
    SELECT 'title-1', 'conversation-1', min(id), 5 FROM users`,
  `INSERT INTO shares (conversation_id, token, is_snapshot, leaf_id, title, shows_name, expires_at,
    created_at) SELECT min(id), 'shared', 1, NULL, 'Then', 1, 99, 5 FROM conversations`,
  "INSERT INTO attempts (key, attempts, expires_at) VALUES ('login:Ada', 3, 9007199254740993)",
  `INSERT INTO files (id, user_id, hash, name, kind, media_type, size, is_stored, created_at)
    SELECT 'file-1', min(id), 'hash', 'ä.png', 'picture', 'image/png', 4, 1, 1 FROM users`,
  "INSERT INTO message_files SELECT min(id), 0, 'file-1', 'ä.png' FROM messages",
  `INSERT INTO prompts (id, kind, title, content, created_at, updated_at)
    VALUES ('assistant-1', 'assistant', 'Tutor', 'Ask.', 6, 7)`,
  `INSERT INTO files (id, hash, name, kind, media_type, size, is_stored, created_at)
    VALUES ('file-2', 'hash', 'ü.txt', 'text', 'text/plain', 4, 1, 1)`,
  "INSERT INTO prompt_files VALUES ('assistant-1', 0, 'file-2', 'ü.txt')",
  "INSERT INTO conversation_files SELECT min(id), 0, 'file-2', 'ü.txt' FROM conversations",
  "UPDATE tool_rounds SET thinking_blocks = '[]'",
  "INSERT INTO allowed_users (name_hash, user_id) SELECT 'hash', min(id) FROM users",
  `INSERT INTO admin_keys (id, user_id, name, prefix, secret_hash, scopes, created_at, expires_at,
    proved_by) SELECT 'key-1', min(id), 'nightly', 'chit_admin_a', 'hash', '["users:read"]', 1, 2,
      'factor' FROM users`,
  `INSERT INTO user_emails (user_id, email, email_key, verified_at, confirmed_by)
    SELECT min(id), 'Ada@b.example', 'ada@b.example', 4, 'user' FROM users`,
  `INSERT INTO identities (key, issuer, subject, provider, user_id, created_at, last_used_at)
    SELECT 'identity', 'https://id.example', 'ada', 'school', min(id), 1, 2 FROM users`,
  `INSERT INTO sign_in_attempts (state_hash, browser_hash, provider, nonce, verifier, return_to,
    expires_at, invitation_id, invitation_secret) VALUES ('state', 'browser', 'school', 'nonce',
    'verifier', '/', 9, 'invited', 'code')`,
  `INSERT INTO provider_sessions (jti, session, id_token, expires_at)
    VALUES ('jti', 'session', 'sealed', 9)`,
  `INSERT INTO provider_sign_outs (key, session, issued_at, expires_at)
    VALUES ('sign-out', 'session', 8, 9)`,
  `INSERT INTO sign_in_trials (state_hash, id, browser_hash, provider, nonce, verifier, user_id,
    expires_at) SELECT 'state', 'trial', 'browser', 'school', 'nonce', 'verifier', min(id), 9
    FROM users`,
  `INSERT INTO scim_tokens (id, name, prefix, secret_hash, made_by, created_at)
    VALUES ('scim-1', 'Entra', 'chit_scim_a', 'hash', 'cli:test', 1)`,
  `INSERT INTO scim_users (user_id, user_name, user_name_key, profile, is_made, created_at,
    changed_at) SELECT min(id), 'Ada', 'ada', '{}', 1, 1, 2 FROM users`,
  "INSERT INTO scim_groups (group_id, created_at, changed_at) VALUES ('group-1', 1, 2)",
  "INSERT INTO ldap_users (user_id, subject, linked_at) SELECT min(id), 'entry', 1 FROM users",
  `INSERT INTO user_totp (user_id, secret, last_step, created_at)
    SELECT min(id), 'sealed', 5, 1 FROM users`,
  `INSERT INTO recovery_codes (user_id, selector, code_hash, created_at)
    SELECT min(id), 'ab', 'hash', 1 FROM users`,
  `INSERT INTO passkeys (id, user_id, name, credential_id, user_handle, public_key, sign_count,
    created_at)
    SELECT 'passkey-1', min(id), 'Phone', 'credential', 'handle', 'key', 3, 1 FROM users`,
  "INSERT INTO used_tickets (id, expires_at) VALUES ('ticket', 9)",
  `INSERT INTO notices (id, audience, kind, user_id, data, created_at)
    SELECT 'notice-1', 'user', 'key.new', min(id), '{}', 1 FROM users`,
  `INSERT INTO webhooks (id, name, url, kinds, secret, created_at)
    VALUES ('webhook-1', 'Chat', 'https://hook.example', '["backup.failed"]', 'sealed', 1)`,
  `INSERT INTO deliveries (id, notice_id, webhook_id, state, next_at, created_at)
    VALUES ('delivery-1', 'notice-1', 'webhook-1', 'waiting', 5, 1)`,
  "INSERT INTO alerts (key, since, seen_at) VALUES ('disk', 1, 2)",
  'INSERT INTO low_balances (account_id, since) SELECT min(id), 1 FROM users',
  "INSERT INTO mail_settings (user_id, language) SELECT min(id), 'de' FROM users",
  `INSERT INTO email_links (user_id, email, token_hash, expires_at)
    SELECT min(id), 'new@b.example', 'hash', 9 FROM users`,
  `INSERT INTO site_appearance (id, content, changed_at) VALUES (1, '{"name":"Schule"}', 5)`,
];

/** Fills a new database with rows in every table; its ledger has no faults. */
export async function fillEveryTable(url: string, name: DatabaseName): Promise<void> {
  const fixture = join(FIXTURES, `0.2.0-${name.toLowerCase()}.sql`);
  await loadDump(url, readFileSync(fixture, 'utf8'));
  const { kysely, close } = await openMigrated(url);
  for (const statement of ROWS) await sql.raw(statement).execute(kysely);
  const data = Buffer.from('00ff0a27', 'hex');
  const piece = { file_id: 'file-1', part: 0, piece: 0, data } as const;
  await kysely.insertInto('file_pieces').values(piece).execute();
  await kysely
    .insertInto('site_logos')
    .values({ hash: 'hash', media_type: 'image/png', data })
    .execute();
  const text = { title: 'O\'Brien\t"\\u0000"\r\n{NULL}, \u{1F642} é', system_prompt: LONG };
  await kysely.updateTable('conversations').set(text).execute();
  await close();
}

/** The state of a ledger, from a database and from the reference, in the same form. */
import { sql } from 'kysely';
import type { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { API_KEYS, CONVERSATIONS } from './commands.ts';

/** Everything that the reference ledger has as well, as rows in a fixed order. */
export async function stateOf({ kysely }: OpenDatabase): Promise<unknown> {
  const accounts = await kysely.selectFrom('accounts').selectAll().orderBy('id').execute();
  const users = await kysely.selectFrom('users').select(['id', 'username']).orderBy('id').execute();
  const transfers = await kysely
    .selectFrom('transfers')
    .select(['id', 'account_id', 'number', 'kind', 'credits'])
    .select(['balance_after', 'shortfall', 'refund_of'])
    .orderBy('id')
    .execute();
  const holds = await kysely
    .selectFrom('holds')
    .select(['id', 'account_id', 'credits', 'state', 'idempotency_key', 'api_key_id'])
    .orderBy('id')
    .execute();
  const messages = await kysely
    .selectFrom('messages')
    .select(['id', 'conversation_id', 'status', 'reply', 'failure'])
    .orderBy('id')
    .execute();
  const journal = await kysely
    .selectFrom('journal')
    .selectAll()
    .orderBy('generation_id')
    .orderBy('piece')
    .execute();
  const keys = await kysely
    .selectFrom('idempotency_keys')
    .select(['scope', 'key', 'body_hash', 'made_id'])
    .execute();
  const apiKeys = await kysely
    .selectFrom('api_keys')
    .select(['id', 'spent', 'held'])
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  const responses = await kysely
    .selectFrom('idempotent_responses')
    .select(['id', 'content_type', 'body'])
    .orderBy('id')
    .execute();
  const rows = { accounts, users, transfers, holds, messages, responses, journal, apiKeys };
  return plain({ ...rows, keys: sorted(keys) });
}

/** Creates the API keys of existing accounts, in the database and in the reference. */
export async function giveApiKeys(
  { kysely }: OpenDatabase,
  reference: ReferenceLedger,
): Promise<void> {
  for (const { id, accountId, budgetCredits, isEnded } of API_KEYS) {
    if (!reference.accounts.has(accountId)) continue;
    await kysely
      .insertInto('api_keys')
      .values({
        id,
        user_id: accountId,
        name: id,
        prefix: id,
        secret_hash: id,
        models: null,
        budget: budgetCredits ?? null,
        spent: 0,
        held: 0,
        created_at: 0,
        expires_at: null,
        last_used_at: null,
        ended_at: isEnded ? 1 : null,
      })
      .execute();
    if (isEnded) continue;
    reference.apiKeys.set(id, { accountId, budgetCredits, spentCredits: 0, heldCredits: 0 });
  }
}

/** Creates the conversations of existing accounts, in the database and in the reference. */
export async function giveConversations(
  { kysely }: OpenDatabase,
  reference: ReferenceLedger,
): Promise<void> {
  const owned = CONVERSATIONS.filter(({ accountId }) => reference.accounts.has(accountId));
  if (owned.length === 0) return;
  const rows = owned.map(({ id, accountId }) => ({
    id,
    user_id: accountId,
    title: '',
    model: null,
    system_prompt: '',
    leaf_id: null,
    share_token: null,
    adopts_orphans: 0 as const,
    created_at: 0,
    updated_at: 0,
  }));
  await kysely.insertInto('conversations').values(rows).execute();
  for (const { id, accountId } of owned) reference.conversations.set(id, accountId);
}

/** Disables these users and enables all others, in the database and in the reference. */
export async function disableOnly(
  { kysely }: OpenDatabase,
  reference: ReferenceLedger,
  accountIds: readonly number[],
): Promise<void> {
  const disabled = accountIds.filter((id) => reference.accounts.has(id));
  if (disabled.length === 0 && reference.disabled.size === 0) return;
  const isActive = sql<0 | 1>`CASE WHEN id IN (${sql.join([0, ...disabled])}) THEN 0 ELSE 1 END`;
  await kysely.updateTable('users').set({ is_active: isActive }).execute();
  reference.disabled.clear();
  for (const id of disabled) reference.disabled.add(id);
}

/** The state of the reference ledger, in the same form. */
export function stateOfReference(reference: ReferenceLedger): unknown {
  const transfers = [...reference.transfers.values()];
  return plain({
    accounts: byId(reference.accounts).map(([id, account]) => ({
      id,
      posted: account.postedCredits,
      held: account.heldCredits,
      transfer_count: transfers.filter(({ accountId }) => accountId === id).length,
    })),
    users: byId(new Map([...reference.usernames].map(([name, id]) => [id, name]))).map(
      ([id, username]) => ({ id, username }),
    ),
    transfers: byId(reference.transfers).map(([id, it]) => ({
      id,
      account_id: it.accountId,
      number: it.number,
      kind: it.kind,
      credits: it.credits,
      balance_after: it.balanceCredits,
      shortfall: it.shortfallCredits,
      refund_of: it.refundOf,
    })),
    holds: byId(reference.holds).map(([id, it]) => ({
      id,
      account_id: it.accountId,
      credits: it.credits,
      state: it.state,
      idempotency_key: it.key ?? null,
      api_key_id: it.apiKeyId ?? null,
    })),
    messages: byId(reference.messages).map(([id, it]) => ({
      id,
      conversation_id: it.conversationId ?? null,
      status: it.status,
      reply: it.reply,
      failure: it.failure ?? null,
    })),
    responses: byId(reference.responses).map(([id, { contentType, body }]) => ({
      id,
      content_type: contentType,
      body,
    })),
    journal: byId(reference.journal).flatMap(([generation_id, pieces]) =>
      [...pieces.entries()].flatMap(([piece, stored]) =>
        stored === undefined
          ? []
          : [{ generation_id, piece, text: stored.text, non_reply_output: stored.nonReplyOutput }],
      ),
    ),
    apiKeys: byId(reference.apiKeys).map(([id, { spentCredits: spent, heldCredits: held }]) => ({
      id,
      spent,
      held,
    })),
    keys: sorted(
      [...reference.keys].map(([name, { bodyHash, madeId }]) => {
        const [scope, key] = name.split(' ');
        return { scope, key, body_hash: bodyHash, made_id: String(madeId) };
      }),
    ),
  });
}

function byId<K extends string | number, V>(map: Map<K, V>): [K, V][] {
  return [...map].sort(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1));
}

function sorted<T>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Rows of node:sqlite have no prototype, which deepEqual would report as a difference. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

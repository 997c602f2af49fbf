/** The state of a ledger, from a database and from the reference, in the same form. */
import { sql } from 'kysely';
import type { AccountPlan } from '../../src/core/allowance.ts';
import type { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import type { HeldBudget } from '../../src/core/reference-state.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { CONVERSATIONS } from './commands.ts';

/** Everything that the reference ledger has as well, as rows in a fixed order. */
export async function stateOf({ kysely }: OpenDatabase): Promise<unknown> {
  const [accounts, users, transfers, holds, messages] = await Promise.all([
    kysely
      .selectFrom('accounts')
      .select(['id', 'posted', 'held', 'expiring', 'transfer_count'])
      .select(['plan_id', 'next_plan_id', 'plan_ends_at', 'renews_at', 'renewed_at'])
      .orderBy('id')
      .execute(),
    kysely.selectFrom('users').select(['id', 'username']).orderBy('id').execute(),
    kysely
      .selectFrom('transfers')
      .select(['id', 'account_id', 'number', 'kind', 'credits'])
      .select(['balance_after', 'expiring_after', 'shortfall', 'refund_of', 'user_id'])
      .orderBy('id')
      .execute(),
    kysely
      .selectFrom('holds')
      .select(['id', 'account_id', 'user_id', 'credits', 'state', 'idempotency_key', 'api_key_id'])
      .select('budgets')
      .orderBy('id')
      .execute(),
    kysely
      .selectFrom('messages')
      .select(['id', 'conversation_id', 'status', 'reply', 'failure'])
      .select(['thinking', 'thinking_ms', 'thinking_tokens'])
      .orderBy('id')
      .execute(),
  ]);
  const [journal, keys, counters, redemptions, responses] = await Promise.all([
    kysely.selectFrom('journal').selectAll().orderBy('generation_id').orderBy('piece').execute(),
    kysely
      .selectFrom('idempotency_keys')
      .select(['scope', 'key', 'body_hash', 'made_id'])
      .execute(),
    kysely
      .selectFrom('budget_counters')
      .select(['budget_id', 'subject', 'credits', 'spent', 'held', 'window_start'])
      .orderBy('budget_id')
      .orderBy('subject')
      .execute(),
    kysely
      .selectFrom('voucher_redemptions')
      .select(['id', 'code_hash', 'batch_id', 'user_id'])
      .orderBy('id')
      .execute(),
    kysely
      .selectFrom('idempotent_responses')
      .select(['id', 'content_type', 'body'])
      .orderBy('id')
      .execute(),
  ]);
  const rows = { accounts, users, transfers, holds, messages, responses, journal, counters };
  return plain({ ...rows, redemptions, keys: sorted(keys) });
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
      expiring: account.expiringCredits,
      transfer_count: transfers.filter(({ accountId }) => accountId === id).length,
      ...planColumns(reference.planOf(id)),
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
      expiring_after: it.expiringCredits,
      shortfall: it.shortfallCredits,
      refund_of: it.refundOf,
      user_id: it.userId,
    })),
    holds: byId(reference.holds).map(([id, it]) => ({
      id,
      account_id: it.accountId,
      user_id: it.userId,
      credits: it.credits,
      state: it.state,
      idempotency_key: it.key ?? null,
      api_key_id: it.apiKeyId ?? null,
      budgets: it.budgets.length === 0 ? null : budgetsText(it.budgets),
    })),
    messages: byId(reference.messages).map(([id, it]) => ({
      id,
      conversation_id: it.conversationId ?? null,
      status: it.status,
      reply: it.reply,
      failure: it.failure ?? null,
      thinking: it.thinking?.text ?? null,
      thinking_ms: it.thinking?.ms ?? null,
      thinking_tokens: it.thinking?.tokens ?? null,
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
    counters: byCounter(reference.counters),
    redemptions: byId(reference.redemptions).map(([id, it]) => ({
      id,
      code_hash: it.codeHash,
      batch_id: it.batchId,
      user_id: it.accountId,
    })),
    keys: sorted(
      [...reference.keys].map(([name, { bodyHash, madeId }]) => {
        const [scope, key] = name.split(' ');
        return { scope, key, body_hash: bodyHash, made_id: String(madeId) };
      }),
    ),
  });
}

function planColumns(plan: AccountPlan): object {
  return {
    plan_id: plan.planId ?? null,
    next_plan_id: plan.nextPlanId ?? null,
    plan_ends_at: plan.planEndsAtMs ?? null,
    renews_at: plan.renewsAtMs ?? null,
    renewed_at: plan.renewedAtMs,
  };
}

function budgetsText(budgets: readonly HeldBudget[]): string {
  return JSON.stringify(
    budgets.map(({ budgetId, subject, windowStartMs }) => [budgetId, subject, windowStartMs]),
  );
}

function byCounter(counters: ReferenceLedger['counters']): object[] {
  const rows = [...counters].map(([key, it]) => {
    const [budgetId, subject] = key.split(' ');
    return {
      budget_id: budgetId as string,
      subject: Number(subject),
      credits: it.limitCredits ?? null,
      spent: it.spentCredits,
      held: it.heldCredits,
      window_start: it.windowStartMs,
    };
  });
  return rows.toSorted((a, b) => {
    if (a.budget_id === b.budget_id) return a.subject - b.subject;
    return a.budget_id < b.budget_id ? -1 : 1;
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

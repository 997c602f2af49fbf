/** The state of a ledger, from a database and from the reference, in the same form. */
import type { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { API_KEYS } from './commands.ts';

/** Everything that the reference ledger knows too, as rows in a fixed order. */
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
    .select(['id', 'status', 'reply'])
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
  const rows = { accounts, users, transfers, holds, messages, journal, apiKeys };
  return plain({ ...rows, keys: sorted(keys) });
}

/** Makes those of the API keys whose accounts are there, in the database and in the reference. */
export async function giveApiKeys(
  { kysely }: OpenDatabase,
  reference: ReferenceLedger,
): Promise<void> {
  for (const { id, accountId, budgetCredits, isEnded } of API_KEYS) {
    if (!reference.accounts.has(accountId)) continue;
    const naming = { id, user_id: accountId, name: id, prefix: id, secret_hash: id };
    const spending = {
      budget: budgetCredits ?? null,
      spent: 0,
      held: 0,
      ended_at: isEnded ? 1 : null,
    };
    const times = { created_at: 0, expires_at: null, last_used_at: null };
    const row = { ...naming, ...spending, ...times, models: null };
    await kysely.insertInto('api_keys').values(row).execute();
    if (isEnded) continue;
    reference.apiKeys.set(id, { accountId, budgetCredits, spentCredits: 0, heldCredits: 0 });
  }
}

/** The same, of the reference. */
export function stateOfReference(reference: ReferenceLedger): unknown {
  const numbers = [...reference.transfers.values()];
  return plain({
    accounts: byId(reference.accounts).map(([id, account]) => ({
      id,
      posted: account.postedCredits,
      held: account.heldCredits,
      transfer_count: numbers.filter(({ accountId }) => accountId === id).length,
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
    messages: byId(reference.messages).map(([id, { status, reply }]) => ({ id, status, reply })),
    journal: byId(reference.journal).flatMap(([generation_id, pieces]) =>
      [...pieces.entries()].flatMap(([piece, said]) =>
        said === undefined
          ? []
          : [{ generation_id, piece, text: said.text, non_reply_output: said.nonReplyOutput }],
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

/** Rows of node:sqlite have no prototype, which deepEqual would call a difference. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

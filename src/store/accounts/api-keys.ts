import type { Kysely, Selectable } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import type { Notice } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import { addBudget } from '../credits/budgets.ts';
import type { ApiKeyRow, Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';
import { lockActiveUser } from './users.ts';

/** An API key, without its secret, of which only a hash is stored. */
export interface ApiKey {
  readonly id: string;
  readonly userId: number;
  readonly name: string;
  /** The first characters of the key, by which its owner knows it. */
  readonly prefix: string;
  /** The models that it can use; undefined for all. */
  readonly models: readonly string[] | undefined;
  /** The most that can be charged through it; undefined if only the balance is the limit. */
  readonly budgetCredits: Credits | undefined;
  readonly spentCredits: Credits;
  readonly heldCredits: Credits;
  /** The group whose pool alone pays for it; undefined if any account of its owner may. */
  readonly groupId: string | undefined;
  readonly groupName: string | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly lastUsedAtMs: number | undefined;
}

/** Keys of the API under `/v1/`. They are looked up by the hash of the whole key. */
export class ApiKeyStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * @param notices what its user is told of it
   * @param passwordVersion of the session that asks for the key; undefined if none does
   * @returns false, with nothing added, if its user is disabled or has another password by now
   */
  add(
    key: ApiKey,
    secretHash: string,
    notices: readonly Notice[],
    passwordVersion?: number,
  ): Promise<boolean> {
    const { id, userId, name, prefix, models, budgetCredits, groupId } = key;
    const { createdAtMs, expiresAtMs } = key;
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId, passwordVersion))) return false;
      await addBudget(transaction, {
        id,
        kind: 'key',
        scope: id,
        limitCredits: budgetCredits,
        window: { kind: 'none' },
        createdAtMs,
      });
      await transaction
        .insertInto('api_keys')
        .values({
          id,
          user_id: userId,
          name,
          prefix,
          secret_hash: secretHash,
          models: models ? JSON.stringify(models) : null,
          group_id: groupId ?? null,
          created_at: createdAtMs,
          expires_at: expiresAtMs ?? null,
          last_used_at: null,
        })
        .execute();
      await addNotices(transaction, notices);
      return true;
    });
  }

  /** The keys of a user, newest first. */
  async of(userId: number): Promise<ApiKey[]> {
    const rows = await this.#withBudgets()
      .where('user_id', '=', userId)
      .where('k.ended_at', 'is', null)
      .orderBy('k.id', 'desc')
      .execute();
    return rows.map(toApiKey);
  }

  /** All keys of a user that there ever were, newest first. */
  async allOf(userId: number): Promise<ApiKey[]> {
    const rows = await this.#withBudgets()
      .where('user_id', '=', userId)
      .orderBy('k.id', 'desc')
      .execute();
    return rows.map(toApiKey);
  }

  async byHash(secretHash: string): Promise<ApiKey | undefined> {
    const row = await this.#withBudgets()
      .where('secret_hash', '=', secretHash)
      .where('k.ended_at', 'is', null)
      .executeTakeFirst();
    return row && toApiKey(row);
  }

  /** A key of a user that is not revoked; undefined if there is none. */
  async find(userId: number, id: string): Promise<ApiKey | undefined> {
    const row = await this.#withBudgets()
      .where('k.id', '=', id)
      .where('user_id', '=', userId)
      .where('k.ended_at', 'is', null)
      .executeTakeFirst();
    return row && toApiKey(row);
  }

  #withBudgets() {
    return this.#db
      .selectFrom('api_keys as k')
      .innerJoin('budgets as b', 'b.id', 'k.id')
      .leftJoin('budget_counters as c', (join) =>
        join.onRef('c.budget_id', '=', 'k.id').onRef('c.subject', '=', 'k.user_id'),
      )
      .leftJoin('groups as g', 'g.id', 'k.group_id')
      .selectAll('k')
      .select(['b.credits as budget', 'c.spent', 'c.held', 'g.name as group_name']);
  }

  /**
   * Revokes a key of a user; false if there is no such key. Its charges still refer to it.
   * @param entry the audit event, if somebody other than the owner revokes it
   */
  end(userId: number, id: string, atMs: number, entry?: AuditEntry): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('api_keys')
        .set({ ended_at: atMs })
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      const isRevoked = numUpdatedRows > 0n;
      if (isRevoked && entry) await addToAuditLog(transaction, entry);
      return isRevoked;
    });
  }

  /** Those of these keys that are revoked, or have expired at a time. */
  async filterEnded(ids: readonly string[], atMs: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('api_keys')
      .select('id')
      .where('id', 'in', ids)
      .where((is) => is.or([is('ended_at', 'is not', null), is('expires_at', '<=', atMs)]))
      .execute();
    return rows.map(({ id }) => id);
  }

  async noteUse(id: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('api_keys')
      .set({ last_used_at: atMs })
      .where('id', '=', id)
      .execute();
  }
}

type RowWithBudget = Selectable<ApiKeyRow> & {
  readonly budget: number | null;
  readonly spent: number | null;
  readonly held: number | null;
  readonly group_name: string | null;
};

function toApiKey(row: RowWithBudget): ApiKey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    prefix: row.prefix,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    budgetCredits: row.budget ?? undefined,
    spentCredits: row.spent ?? 0,
    heldCredits: row.held ?? 0,
    groupId: row.group_id ?? undefined,
    groupName: row.group_name ?? undefined,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at ?? undefined,
    lastUsedAtMs: row.last_used_at ?? undefined,
  };
}

/** Which accounts have which plan, as the ledger wrote it. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { AccountPlan, RenewableBalance } from '../../core/allowance.ts';
import type { AccountId } from '../../core/ledger.ts';
import type { AccountRow, Database } from '../database/schema.ts';

/** An account with what matters for its plan. */
export interface PlannedAccount extends AccountPlan, RenewableBalance {
  readonly id: AccountId;
  /** The group whose pool it is; undefined for the account of a user. */
  readonly groupId: string | undefined;
  /** Whether that group has ended. */
  readonly isOfEndedGroup: boolean;
}

/** An account that is to be renewed. */
export interface DueAccount {
  readonly id: AccountId;
  readonly renewsAtMs: number;
}

/** Rows per statement. */
const CHUNK = 1_000;
/** Accounts that are looked at in one go for a plan that follows. */
const NEXT_CHUNK = 5_000;

const COLUMNS = [
  'accounts.id',
  'accounts.posted',
  'accounts.held',
  'accounts.expiring',
  'accounts.plan_id',
  'accounts.next_plan_id',
  'accounts.plan_ends_at',
  'accounts.renews_at',
  'accounts.renewed_at',
] as const;

/** Reads the plans of accounts. */
export class AccountPlanStore {
  readonly #db: Kysely<Database>;
  readonly #forLongWork: Kysely<Database>;

  constructor(db: Kysely<Database>, forLongWork: Kysely<Database>) {
    this.#db = db;
    this.#forLongWork = forLongWork;
  }

  async find(id: AccountId): Promise<PlannedAccount | undefined> {
    return (await this.among([id]))[0];
  }

  /** When an account renews, in milliseconds since 1970 UTC; undefined for never. */
  async renewalOf(id: AccountId): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('accounts')
      .select('renews_at')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.renews_at ?? undefined;
  }

  /** Those of these accounts that exist, in the order of their ids. */
  async among(ids: readonly AccountId[]): Promise<PlannedAccount[]> {
    const found: PlannedAccount[] = [];
    const sorted = ids.toSorted((a, b) => a - b);
    for (let from = 0; from < sorted.length; from += CHUNK) {
      const rows = await this.#select()
        .where('accounts.id', 'in', sorted.slice(from, from + CHUNK))
        .orderBy('accounts.id')
        .execute();
      found.push(...rows.map(toAccount));
    }
    return found;
  }

  /** A page of the accounts that have a plan, in the order of their ids. */
  async withPlan(
    planId: string,
    page: { readonly afterId: AccountId; readonly limit: number },
  ): Promise<PlannedAccount[]> {
    const rows = await this.#select()
      .where('accounts.plan_id', '=', planId)
      .where('accounts.id', '>', page.afterId)
      .orderBy('accounts.id')
      .limit(page.limit)
      .execute();
    return rows.map(toAccount);
  }

  /** Accounts whose renewal is due, the longest due first, after one of them. */
  async due(
    atMs: number,
    page: {
      readonly after?: DueAccount | undefined;
      readonly offset: number;
      readonly limit: number;
    },
  ): Promise<DueAccount[]> {
    const { after, offset, limit } = page;
    // What was renewed is not walked through again, which takes PostgreSQL long until a vacuum.
    const further = after
      ? sql`AND (renews_at, id) >
          (CAST(${after.renewsAtMs} AS bigint), CAST(${after.id} AS bigint))`
      : sql``;
    const { rows } = await sql<{ id: number; renews_at: number }>`
      SELECT id, renews_at FROM accounts WHERE renews_at <= ${atMs} ${further}
      ORDER BY renews_at, id LIMIT ${limit} OFFSET ${offset}`.execute(this.#db);
    return rows.map(({ id, renews_at: renewsAtMs }) => ({ id, renewsAtMs }));
  }

  /**
   * Accounts that have an ended plan for ever, since they got it while it was ended, or its end did
   * not come to them.
   */
  async withEndedPlan(limit: number): Promise<PlannedAccount[]> {
    const rows = await this.#select()
      .innerJoin('plans', 'plans.id', 'accounts.plan_id')
      .where('plans.ended_at', 'is not', null)
      .where('accounts.plan_ends_at', 'is', null)
      // Those that are being changed get what they are to get.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('plan_changes as c')
              .select('c.id')
              .whereRef('c.plan_id', '=', 'plans.id')
              .where('c.ended_at', 'is', null),
          ),
        ),
      )
      .limit(limit)
      .execute();
    return rows.map(toAccount);
  }

  /** Lets a plan follow no other any more; in small steps, since all accounts are looked at. */
  async clearNext(planId: string): Promise<void> {
    for (let afterId = -1; ; ) {
      const ids = await this.#forLongWork
        .selectFrom('accounts')
        .select('id')
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(NEXT_CHUNK)
        .execute();
      const lastId = ids.at(-1)?.id;
      if (lastId === undefined) return;
      await this.#forLongWork
        .updateTable('accounts')
        .set({ next_plan_id: null })
        .where('id', '>', afterId)
        .where('id', '<=', lastId)
        .where('next_plan_id', '=', planId)
        .execute();
      afterId = lastId;
    }
  }

  #select() {
    return this.#db
      .selectFrom('accounts')
      .leftJoin('groups', (join) =>
        join.onRef('groups.pool_id', '=', 'accounts.id').on('accounts.kind', '=', 'pool'),
      )
      .select(COLUMNS)
      .select(['groups.id as group_id', 'groups.ended_at as group_ended_at']);
  }
}

function toAccount(
  row: Omit<Selectable<AccountRow>, 'kind' | 'transfer_count' | 'has_limits'> & {
    readonly group_id: string | null;
    readonly group_ended_at: number | null;
  },
): PlannedAccount {
  return {
    id: row.id,
    groupId: row.group_id ?? undefined,
    isOfEndedGroup: row.group_ended_at !== null,
    postedCredits: row.posted,
    heldCredits: row.held,
    expiringCredits: row.expiring,
    planId: row.plan_id ?? undefined,
    nextPlanId: row.next_plan_id ?? undefined,
    planEndsAtMs: row.plan_ends_at ?? undefined,
    renewsAtMs: row.renews_at ?? undefined,
    renewedAtMs: row.renewed_at,
  };
}

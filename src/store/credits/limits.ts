import { type Kysely, sql, type Transaction } from 'kysely';
import {
  type BudgetColumns,
  type BudgetCounter,
  type BudgetKind,
  type BudgetWindow,
  counterFrom,
  windowFrom,
} from '../../core/budget.ts';
import type { Credits } from '../../core/credits.ts';
import type { Database } from '../database/schema.ts';

/** An account that may pay for a user. */
export interface AccountState {
  readonly accountId: number;
  /** The group whose pool it is; undefined for the personal account. */
  readonly group: { readonly id: string; readonly name: string } | undefined;
  readonly postedCredits: Credits;
  readonly heldCredits: Credits;
  /** The part that ends with the allowance. */
  readonly expiringCredits: Credits;
  readonly plan:
    | {
        readonly id: string;
        readonly name: string;
        readonly allowanceCredits: Credits;
        /** As `calendarText` writes it. */
        readonly calendar: string;
      }
    | undefined;
  /** When the plan ends, and the name of the one that follows. */
  readonly planEndsAtMs: number | undefined;
  readonly nextPlanName: string | undefined;
  readonly renewsAtMs: number | undefined;
  /** As those of a `PayingAccount`. */
  readonly modelLists: readonly (readonly string[])[];
}

/** A budget that applies to a user, and what is spent and held of it by one subject. */
export interface BudgetState {
  readonly id: string;
  readonly kind: BudgetKind;
  /** The id of the API key, group, plan or user that it is about. */
  readonly scope: string;
  /** A user; for the budget of a plan, an account. */
  readonly subject: number;
  readonly limitCredits: Credits;
  readonly counter: BudgetCounter;
  readonly window: BudgetWindow;
  /** As `calendarText` writes it, if it has one. */
  readonly calendar: string | undefined;
}

/** Everything that limits a user, at one moment. */
export interface LimitState {
  /** The pools of the user's groups in the order of joining, then the personal account. */
  readonly accounts: readonly AccountState[];
  readonly budgets: readonly BudgetState[];
  /** The API keys with a budget, by id. */
  readonly keyNames: ReadonlyMap<string, string>;
}

/** A personal account, if it is known to be all that limits its user. */
export interface PlainBalance {
  readonly availableCredits: Credits;
  /** Whether a plan or a budget may apply. */
  readonly hasLimits: boolean;
}

/** Reads accounts and budgets as a hold would find them; the ledger changes them. */
export class LimitStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The balance of a personal account; undefined if there is no such account. */
  async plainBalance(userId: number): Promise<PlainBalance | undefined> {
    const row = await this.#db
      .selectFrom('accounts')
      .select(['posted', 'held', 'has_limits'])
      .where('id', '=', userId)
      .executeTakeFirst();
    return row && { availableCredits: row.posted - row.held, hasLimits: row.has_limits === 1 };
  }

  /** The pool of a group, also of one that has ended; undefined if it has none. */
  async poolOf(groupId: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('groups')
      .select('pool_id')
      .where('id', '=', groupId)
      .executeTakeFirst();
    return row?.pool_id ?? undefined;
  }

  /**
   * The accounts that may pay for a user and the budgets that apply, all at the same moment.
   * @param atMs the time, which decides on windows
   */
  read(userId: number, atMs: number): Promise<LimitState> {
    return this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        const accounts = await accountsOf(transaction, userId);
        const keys = await keysWithBudget(transaction, userId);
        const subjects = [
          ...keys.map(({ id }) => ({ kind: 'key', scope: id, subject: userId }) as const),
          ...accounts.flatMap((it) => subjectsOf(it, userId)),
          { kind: 'user', scope: String(userId), subject: userId } as const,
          { kind: 'own', scope: String(userId), subject: userId } as const,
        ];
        const budgets = await budgetsOf(transaction, subjects, atMs);
        return { accounts, budgets, keyNames: new Map(keys.map(({ id, name }) => [id, name])) };
      });
  }
}

/** Whose spending is looked at: all budgets of a kind and a scope, and a subject of them. */
interface Subject {
  readonly kind: BudgetKind;
  readonly scope: string;
  readonly subject: number;
}

function subjectsOf({ accountId, group, plan }: AccountState, userId: number): Subject[] {
  return [
    ...(group ? [{ kind: 'member', scope: group.id, subject: userId } as const] : []),
    ...(plan ? [{ kind: 'plan', scope: plan.id, subject: accountId } as const] : []),
  ];
}

interface AccountStateRow {
  readonly id: number;
  readonly group_id: string | null;
  readonly group_name: string | null;
  readonly posted: number;
  readonly held: number;
  readonly expiring: number;
  readonly plan_id: string | null;
  readonly plan_name: string | null;
  readonly allowance: number | null;
  readonly calendar: string | null;
  readonly next_plan: string | null;
  readonly plan_ends_at: number | null;
  readonly renews_at: number | null;
  readonly plan_models: string | null;
  readonly group_models: string | null;
}

async function accountsOf(db: Transaction<Database>, userId: number): Promise<AccountState[]> {
  const columns = sql`a.id, a.posted, a.held, a.expiring, a.plan_id, a.plan_ends_at, a.renews_at,
    p.name AS plan_name, p.models AS plan_models, p.allowance, p.calendar, n.name AS next_plan`;
  const plans = sql`LEFT JOIN plans p ON p.id = a.plan_id
    LEFT JOIN plans n ON n.id = a.next_plan_id`;
  const { rows } = await sql<AccountStateRow>`
    SELECT ${columns}, g.id AS group_id, g.name AS group_name, g.models AS group_models,
      0 AS is_personal, m.joined_at
    FROM group_members m
    JOIN groups g ON g.id = m.group_id AND g.ended_at IS NULL
    JOIN accounts a ON a.id = g.pool_id ${plans}
    WHERE m.user_id = ${userId}
    UNION ALL
    SELECT ${columns}, NULL, NULL, NULL, 1, 0 FROM accounts a ${plans} WHERE a.id = ${userId}
    ORDER BY is_personal, joined_at, group_id`.execute(db);
  return rows.map((row) => ({
    accountId: row.id,
    group: row.group_id === null ? undefined : { id: row.group_id, name: row.group_name ?? '' },
    postedCredits: row.posted,
    heldCredits: row.held,
    expiringCredits: row.expiring,
    plan:
      row.plan_id === null
        ? undefined
        : {
            id: row.plan_id,
            name: row.plan_name ?? '',
            allowanceCredits: row.allowance ?? 0,
            calendar: row.calendar ?? '',
          },
    planEndsAtMs: row.plan_ends_at ?? undefined,
    nextPlanName: row.next_plan ?? undefined,
    renewsAtMs: row.renews_at ?? undefined,
    modelLists: [row.group_models, row.plan_models]
      .filter((it) => it !== null)
      .map((it) => JSON.parse(it) as string[]),
  }));
}

function keysWithBudget(db: Transaction<Database>, userId: number) {
  return db
    .selectFrom('api_keys as k')
    .innerJoin('budgets as b', 'b.id', 'k.id')
    .select(['k.id', 'k.name'])
    .where('k.user_id', '=', userId)
    .where('k.ended_at', 'is', null)
    .where('b.credits', 'is not', null)
    .orderBy('k.id', 'desc')
    .execute();
}

interface BudgetStateRow extends BudgetColumns {
  readonly id: string;
  readonly kind: BudgetKind;
  readonly scope: string;
  readonly subject: number;
  readonly credits: number;
}

/** The budgets with a limit, with their calendar's period as a hold would find it. */
async function budgetsOf(
  db: Transaction<Database>,
  subjects: readonly Subject[],
  atMs: number,
): Promise<BudgetState[]> {
  const values = subjects.map(
    ({ kind, scope, subject }) =>
      sql`(CAST(${kind} AS text), CAST(${scope} AS text), CAST(${subject} AS bigint))`,
  );
  const { rows } = await sql<BudgetStateRow>`
    SELECT b.id, b.kind, b.scope, s.subject, coalesce(c.credits, b.credits) AS credits, b.hours,
      b.calendar, c.spent, c.held, c.window_start, p.starts_at, p.ends_at
    FROM (
      SELECT column1 AS kind, column2 AS scope, column3 AS subject
      FROM (VALUES ${sql.join(values)}) AS v
    ) AS s
    JOIN budgets b ON b.kind = s.kind AND b.scope = s.scope AND b.ended_at IS NULL
    LEFT JOIN budget_counters c ON c.budget_id = b.id AND c.subject = s.subject
    LEFT JOIN calendar_periods p ON p.calendar = b.calendar AND p.starts_at = (
      SELECT max(starts_at) FROM calendar_periods
      WHERE calendar = b.calendar AND starts_at <=
        CASE WHEN c.window_start > ${atMs} THEN c.window_start ELSE ${atMs} END)
    WHERE coalesce(c.credits, b.credits) IS NOT NULL
    ORDER BY b.created_at, CASE WHEN b.hours IS NOT NULL THEN b.hours
      WHEN b.calendar LIKE 'day %' THEN 24 WHEN b.calendar LIKE 'week %' THEN 168
      WHEN b.calendar LIKE 'month %' THEN 672 ELSE 100000 END, b.id, s.subject`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    scope: row.scope,
    subject: row.subject,
    limitCredits: row.credits,
    counter: counterFrom(row),
    window: windowFrom(row),
    calendar: row.calendar ?? undefined,
  }));
}

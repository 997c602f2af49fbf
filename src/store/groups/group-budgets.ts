/** Budgets of kind `member`: what each member of a group may spend from its pool. */
import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { type BudgetWindow, counterAt, leftOf, renewalOf, UNUSED } from '../../core/budget.ts';
import type { Credits } from '../../core/credits.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import {
  addBudget,
  endBudgets,
  type StoredWindow,
  setBudgetLimit,
  storedWindowIn,
} from '../credits/budgets.ts';
import { storedPeriodsAround } from '../credits/calendars.ts';
import type { Database } from '../database/schema.ts';
import { lockGroup } from './groups.ts';

/** A budget of a group. */
export interface GroupBudget {
  readonly id: string;
  /** Of each member who has no other one. */
  readonly limitCredits: Credits;
  readonly window: StoredWindow;
}

/** What one member has left of a budget. */
export interface MemberBudget {
  readonly budget: GroupBudget;
  readonly limitCredits: Credits;
  /** Whether the limit is of this member alone. */
  readonly isOwn: boolean;
  readonly spentCredits: Credits;
  readonly heldCredits: Credits;
  readonly leftCredits: Credits;
  /** In milliseconds since 1970 UTC; undefined for never, or if it is unused. */
  readonly renewsAtMs: number | undefined;
}

/** Both databases limit a statement to some tens of thousands of parameters. */
const CHUNK = 1_000;

/** What members of groups may spend; only the ledger writes what they have spent. */
export class GroupBudgetStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Adds a budget to a group.
   * @returns `ended` if there is no such group, or it has ended; `too_many` if it has `most`
   */
  add(
    groupId: string,
    { id, limitCredits, window }: GroupBudget,
    { most, entry }: { readonly most: number; readonly entry: AuditEntry },
  ): Promise<'added' | 'ended' | 'too_many'> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockGroup(transaction, groupId))) return 'ended';
      if ((await budgetsOf(transaction, [groupId])).length >= most) return 'too_many';
      const createdAtMs = entry.atMs;
      const about = { id, kind: 'member', scope: groupId, limitCredits, window } as const;
      await addBudget(transaction, { ...about, createdAtMs });
      await addToAuditLog(transaction, entry);
      return 'added';
    });
  }

  /** Sets the limit of a budget; false if the group has no such budget. */
  setLimit(
    groupId: string,
    id: string,
    limitCredits: Credits,
    entryOf: (before: GroupBudget) => AuditEntry,
  ): Promise<boolean> {
    return this.#changing(groupId, id, async (transaction, before) => {
      await setBudgetLimit(transaction, id, limitCredits);
      await addToAuditLog(transaction, entryOf(before));
    });
  }

  /** Ends a budget; false if the group has no such budget. */
  end(groupId: string, id: string, entryOf: (before: GroupBudget) => AuditEntry): Promise<boolean> {
    return this.#changing(groupId, id, async (transaction, before) => {
      const entry = entryOf(before);
      await endBudgets(transaction, [id], entry.atMs);
      await addToAuditLog(transaction, entry);
    });
  }

  /**
   * Gives one member another limit.
   * @param limitCredits undefined for that of the budget
   * @param entryOf the audit event, with the member's own limit before
   * @returns false if the group has no such budget
   */
  setMemberLimit(
    groupId: string,
    { id, userId }: { readonly id: string; readonly userId: number },
    limitCredits: Credits | undefined,
    entryOf: (before: Credits | undefined) => AuditEntry,
  ): Promise<boolean> {
    return this.#changing(groupId, id, async (transaction) => {
      const credits = limitCredits ?? null;
      const before = await transaction
        .selectFrom('budget_counters')
        .select('credits')
        .where('budget_id', '=', id)
        .where('subject', '=', userId)
        .executeTakeFirst();
      await transaction
        .insertInto('budget_counters')
        .values({ budget_id: id, subject: userId, credits, spent: 0, held: 0, window_start: 0 })
        .onConflict((conflict) =>
          conflict.columns(['budget_id', 'subject']).doUpdateSet({ credits }),
        )
        .execute();
      await addToAuditLog(transaction, entryOf(before?.credits ?? undefined));
    });
  }

  #changing(
    groupId: string,
    id: string,
    change: (transaction: Kysely<Database>, before: GroupBudget) => Promise<void>,
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      // Locks it, so that two changes log what they really changed. A key would wait for this.
      await sql`UPDATE budgets SET kind = kind WHERE id = ${id}
        AND kind = 'member' AND scope = ${groupId}`.execute(transaction);
      const all = await budgetsOf(transaction, [groupId]);
      const before = all.find(({ budget }) => budget.id === id)?.budget;
      if (!before) return false;
      await change(transaction, before);
      return true;
    });
  }

  /** The budgets of groups, by group, in the order in which they were made. */
  async of(groupIds: readonly string[]): Promise<Map<string, GroupBudget[]>> {
    const found = new Map<string, GroupBudget[]>(groupIds.map((id) => [id, []]));
    for (const { groupId, budget } of await budgetsOf(this.#db, groupIds)) {
      found.get(groupId)?.push(budget);
    }
    return found;
  }

  /** What users have left of budgets at a time, in the order of the budgets. */
  async leftOf(
    budgets: readonly GroupBudget[],
    userIds: readonly number[],
    atMs: number,
  ): Promise<Map<number, MemberBudget[]>> {
    const windows = new Map<string, BudgetWindow>();
    for (const { id, window } of budgets) {
      windows.set(id, await this.#windowAt(window, atMs));
    }
    const counters = await this.#counters(
      budgets.map(({ id }) => id),
      userIds,
    );
    return new Map(
      userIds.map((userId) => [
        userId,
        budgets.map((budget) => {
          const window = windows.get(budget.id) ?? { kind: 'none' };
          return leftAt({ budget, window }, counters.get(`${budget.id} ${userId}`), atMs);
        }),
      ]),
    );
  }

  async #windowAt(window: StoredWindow, atMs: number): Promise<BudgetWindow> {
    if (window.kind !== 'calendar') return window;
    const periods = await storedPeriodsAround(this.#db, window.calendar, atMs);
    return { kind: 'calendar', periods };
  }

  async #counters(budgetIds: readonly string[], userIds: readonly number[]) {
    const found = new Map<string, CounterRow>();
    if (budgetIds.length === 0) return found;
    for (let from = 0; from < userIds.length; from += CHUNK) {
      const rows = await this.#db
        .selectFrom('budget_counters')
        .selectAll()
        .where('budget_id', 'in', budgetIds)
        .where('subject', 'in', userIds.slice(from, from + CHUNK))
        .execute();
      for (const row of rows) found.set(`${row.budget_id} ${row.subject}`, row);
    }
    return found;
  }
}

interface CounterRow {
  readonly credits: number | null;
  readonly spent: number;
  readonly held: number;
  readonly window_start: number;
}

function leftAt(
  { budget, window }: { readonly budget: GroupBudget; readonly window: BudgetWindow },
  row: CounterRow | undefined,
  atMs: number,
): MemberBudget {
  const limitCredits = row?.credits ?? budget.limitCredits;
  const counter = row
    ? { spentCredits: row.spent, heldCredits: row.held, windowStartMs: row.window_start }
    : UNUSED;
  const present = counterAt(window, counter, atMs);
  return {
    budget,
    limitCredits,
    isOwn: row !== undefined && row.credits !== null,
    spentCredits: present.spentCredits,
    heldCredits: present.heldCredits,
    leftCredits: leftOf(limitCredits, present),
    renewsAtMs: renewalOf(window, counter, atMs),
  };
}

async function budgetsOf(
  db: Kysely<Database>,
  groupIds: readonly string[],
): Promise<{ groupId: string; budget: GroupBudget }[]> {
  if (groupIds.length === 0) return [];
  const rows = await db
    .selectFrom('budgets')
    .selectAll()
    .where('kind', '=', 'member')
    .where('scope', 'in', groupIds)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => {
    const { id, scope, credits } = row;
    const budget = { id, limitCredits: credits ?? 0, window: storedWindowIn(row) };
    return { groupId: scope, budget };
  });
}

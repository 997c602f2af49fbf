/** The ceilings of users: one that staff set and one that a user sets, at most one of each. */
import type { Kysely, Transaction } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import {
  addBudget,
  endBudgets,
  type StoredWindow,
  setBudgetLimit,
  storedWindowIn,
} from './budgets.ts';

/** Who set it: staff (`user`) or the user (`own`). */
export type UserLimitKind = 'user' | 'own';

/** A ceiling as it is stored. */
export interface UserLimit {
  readonly id: string;
  readonly limitCredits: Credits;
  readonly window: StoredWindow;
}

export interface UserLimitChange {
  readonly kind: UserLimitKind;
  readonly userId: number;
  /** For a new one. */
  readonly id: string;
  readonly limitCredits: Credits;
  readonly window: StoredWindow;
  readonly atMs: number;
  /**
   * Looks at the present ceilings, inside of the transaction.
   * @returns the audit entry, if it is to be logged
   * @throws what it refuses by; then nothing is changed
   */
  readonly check: (
    present: Readonly<Record<UserLimitKind, UserLimit | undefined>>,
  ) => AuditEntry | undefined;
}

/** Sets and ends ceilings; what is spent of them stays with the ledger. */
export class UserLimitStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Sets a ceiling. With the same window as before, what was spent counts on; another window
   * begins anew.
   * @returns false if there is no such user
   * @throws what `check` throws
   */
  set(change: UserLimitChange): Promise<boolean> {
    const { kind, userId, id, limitCredits, window, atMs, check } = change;
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockUser(transaction, userId))) return false;
      const present = await presentOf(transaction, userId);
      const entry = check(present);
      const before = present[kind];
      if (before && isSameWindow(before.window, window)) {
        await setBudgetLimit(transaction, before.id, limitCredits);
      } else {
        if (before) await endBudgets(transaction, [before.id], atMs);
        const scope = String(userId);
        const made = { id, kind, scope, limitCredits, window, createdAtMs: atMs };
        await addBudget(transaction, made);
      }
      if (entry) await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /**
   * Ends a ceiling.
   * @param entryFor makes the audit entry, if it is to be logged
   * @returns false, with nothing changed, if there is none
   */
  end(
    { kind, userId, atMs }: Pick<UserLimitChange, 'kind' | 'userId' | 'atMs'>,
    entryFor: (before: UserLimit) => AuditEntry | undefined,
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockUser(transaction, userId))) return false;
      const before = (await presentOf(transaction, userId))[kind];
      if (!before) return false;
      await endBudgets(transaction, [before.id], atMs);
      const entry = entryFor(before);
      if (entry) await addToAuditLog(transaction, entry);
      return true;
    });
  }
}

/** Locks the row of a user, so that the ceilings of one user change one after the other. */
async function lockUser(db: Transaction<Database>, userId: number): Promise<boolean> {
  // Changes nothing; a write locks the row on either database.
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set((of) => ({ is_active: of.ref('is_active') }))
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function presentOf(db: Transaction<Database>, userId: number) {
  const rows = await db
    .selectFrom('budgets')
    .select(['id', 'kind', 'credits', 'hours', 'calendar'])
    .where('kind', 'in', ['user', 'own'])
    .where('scope', '=', String(userId))
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  const of = (kind: UserLimitKind): UserLimit | undefined => {
    const row = rows.find((it) => it.kind === kind);
    if (!row || row.credits === null) return undefined;
    return { id: row.id, limitCredits: row.credits, window: storedWindowIn(row) };
  };
  return { user: of('user'), own: of('own') };
}

function isSameWindow(a: StoredWindow, b: StoredWindow): boolean {
  if (a.kind === 'calendar') return b.kind === 'calendar' && a.calendar === b.calendar;
  if (a.kind === 'hours') return b.kind === 'hours' && a.hours === b.hours;
  return b.kind === 'none';
}

/** Finds the account and the budgets that have room for a hold, on SQLite. */
import {
  BUDGET_KINDS,
  counterAt,
  counterFrom,
  isTighter,
  leftOf,
  type Room,
  windowEndOf,
  windowFrom,
} from '../../core/budget.ts';
import type { Credits } from '../../core/credits.ts';
import {
  type AccountId,
  type HoldCommand,
  isNearer,
  type Payer,
  type Shortage,
} from '../../core/ledger.ts';
import { isDue, renewDue } from './plans.ts';
import {
  type AccountRow,
  type BudgetRow,
  first,
  type PeriodRow,
  type SqliteStatements,
} from './statements.ts';

/** A budget in which a hold takes room. */
export interface HeldBudget {
  readonly id: string;
  /** A user; for the budget of a plan, an account. */
  readonly subject: number;
  readonly windowStartMs: number;
  /** The end of a period of a calendar. */
  readonly windowEndMs: number | null;
  /** Undefined if spending is only counted. */
  readonly limitCredits: Credits | undefined;
}

/** Where a hold finds room. */
export interface FoundRoom {
  readonly payerId: AccountId;
  readonly credits: Credits;
  readonly budgets: readonly HeldBudget[];
}

/** As `roomFor` of the reference ledger. */
export function roomFor(
  statements: SqliteStatements,
  command: HoldCommand,
): FoundRoom | Shortage | undefined {
  let nearest: Shortage | undefined;
  for (const payer of command.payers ?? [{ accountId: command.accountId }]) {
    const room = roomAt(statements, payer, command);
    if (room === undefined) continue;
    if (!('outcome' in room)) return room;
    if (!nearest || isNearer(room, nearest)) nearest = room;
  }
  return nearest;
}

function roomAt(
  statements: SqliteStatements,
  payer: Payer,
  command: HoldCommand,
): FoundRoom | Shortage | undefined {
  const { accountId: payerId, groupId } = payer;
  const { accountId: userId, atMs } = command;
  const mayPay =
    groupId === undefined
      ? payerId === userId
      : first(statements.readMembership, groupId, payerId, userId) !== undefined;
  let account = mayPay ? first<AccountRow>(statements.readAccount, payerId) : undefined;
  if (!account) return undefined;
  if (isDue(account, atMs)) account = renewDue(statements, payerId, account, atMs);
  const { leastCredits, mostCredits } = command;
  let tightest: Limit = {
    availableCredits: account.posted - account.held,
    unspentCredits: account.posted,
    budget: undefined,
    renewsAtMs: account.renews_at ?? undefined,
  };
  let { availableCredits } = tightest;
  const budgets: HeldBudget[] = [];
  for (const row of budgetsOf(statements, { payer, planId: account.plan_id, command })) {
    const { id, kind } = row;
    const columns = withPeriod(statements, row, atMs);
    const window = windowFrom(columns);
    const counter = counterAt(window, counterFrom(row), atMs);
    const { windowStartMs, spentCredits } = counter;
    const limitCredits = row.credits ?? undefined;
    const subject = kind === 'plan' ? payerId : userId;
    const renewsAtMs = windowEndOf(window, windowStartMs);
    const windowEndMs = row.calendar === null ? null : (renewsAtMs ?? null);
    budgets.push({ id, subject, windowStartMs, windowEndMs, limitCredits });
    if (limitCredits === undefined) continue;
    const limit: Limit = {
      availableCredits: leftOf(limitCredits, counter),
      unspentCredits: limitCredits - spentCredits,
      budget: { id, kind },
      renewsAtMs,
    };
    availableCredits = Math.min(availableCredits, limit.availableCredits);
    if (isTighter(limit, tightest, leastCredits)) tightest = limit;
  }
  if (availableCredits >= leastCredits) {
    return { payerId, credits: Math.min(mostCredits, availableCredits), budgets };
  }
  return {
    outcome: tightest.budget ? 'budget_exceeded' : 'insufficient_credits',
    availableCredits: tightest.availableCredits,
    isHeldByOthers: tightest.unspentCredits >= leastCredits,
    payerId,
    budget: tightest.budget,
    renewsAtMs: tightest.renewsAtMs,
  };
}

/** The account or a budget, as far as a hold needs room in it. */
interface Limit extends Room {
  readonly budget: Shortage['budget'];
  readonly renewsAtMs: number | undefined;
}

interface Applying {
  readonly payer: Payer;
  readonly planId: string | null;
  readonly command: HoldCommand;
}

/** The budgets in which a hold takes room, in the order in which they are named if it refuses. */
function budgetsOf(
  statements: SqliteStatements,
  { payer, planId, command: { apiKeyId, accountId } }: Applying,
): BudgetRow[] {
  const rows = statements.readBudgets.all(
    apiKeyId ?? null,
    payer.groupId ?? null,
    planId,
    String(accountId),
    payer.accountId,
  ) as unknown as BudgetRow[];
  return rows.length < 2 ? rows : rows.sort(inOrder);
}

/** The period of the calendar is that of the window that was used last, unless that is over. */
function withPeriod(statements: SqliteStatements, row: BudgetRow, atMs: number): BudgetRow {
  const { calendar, window_start: startMs, ends_at: endMs } = row;
  if (calendar === null || (endMs !== null && atMs < endMs)) return row;
  const period = first<PeriodRow>(statements.readPeriod, calendar, Math.max(atMs, startMs ?? 0));
  return { ...row, starts_at: period?.starts_at ?? null, ends_at: period?.ends_at ?? null };
}

function inOrder(a: BudgetRow, b: BudgetRow): number {
  if (a.kind === b.kind) return a.id < b.id ? -1 : 1;
  return BUDGET_KINDS.indexOf(a.kind) - BUDGET_KINDS.indexOf(b.kind);
}

/**
 * Takes room in budgets.
 * @returns their text for the hold, or null if there are none
 */
export function takeRoom(
  statements: SqliteStatements,
  budgets: readonly HeldBudget[],
  credits: Credits,
): string | null {
  for (const { id, subject, windowStartMs, windowEndMs, limitCredits } of budgets) {
    const limit = limitCredits ?? null;
    const { changes } = statements.takeRoom.run(
      ...[id, subject, credits, windowStartMs, limit, windowEndMs],
    );
    if (changes !== 1) {
      throw new Error(`Budget ${id} changed inside a transaction.`);
    }
  }
  if (budgets.length === 0) return null;
  return JSON.stringify(
    budgets.map(({ id, subject, windowStartMs }) => [id, subject, windowStartMs]),
  );
}

/** Gives the room of a hold back, and counts its charge, where the window is still the same. */
export function giveBack(
  statements: SqliteStatements,
  budgets: string | null,
  heldCredits: Credits,
  chargedCredits: Credits,
): void {
  if (budgets === null) return;
  for (const [id, subject, windowStartMs] of JSON.parse(budgets) as [string, number, number][]) {
    statements.giveBack.run(heldCredits, chargedCredits, id, subject, windowStartMs);
  }
}

/** Turns the rows of `ledger_apply` into results. */
import type { BudgetKind } from '../../core/budget.ts';
import type { Command, RefusedEntry, Result, Shortage } from '../../core/ledger.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';

/** One row of `ledger_apply`. The meaning of the numbers and of `detail` depends on the outcome. */
export interface ResultRow {
  /** The index of the command in its batch. */
  readonly batch_index: number;
  readonly outcome: string;
  readonly n1: number | null;
  readonly n2: number | null;
  readonly n3: number | null;
  readonly detail: string | null;
}

/** The result of a command from its row. Throws on an outcome that it does not know. */
export function resultOf(command: Command, row: ResultRow): Result {
  const { outcome, n1, n2, n3, detail } = row;
  switch (outcome) {
    case 'opened':
      return { outcome, accountId: Number(n1) };
    case 'granted':
      return { outcome, transferId: String(detail), balanceCredits: Number(n1) };
    case 'distributed':
      return { outcome, transferId: String(detail) };
    case 'refused':
      return { outcome, refusals: JSON.parse(String(detail)) as RefusedEntry[] };
    case 'refunded':
      return {
        outcome,
        accountId: Number(n1),
        credits: Number(n2),
        balanceCredits: Number(n3),
      };
    case 'held':
      return n2 === null
        ? { outcome, heldCredits: Number(n1) }
        : { outcome, heldCredits: Number(n1), payerId: Number(n2) };
    case 'insufficient_credits':
    case 'budget_exceeded':
      return shortageOf(command, outcome, row);
    case 'assigned':
      return {
        outcome,
        expiredCredits: Number(n1),
        allowedCredits: Number(n2),
        renewsAtMs: n3 === null ? undefined : Number(n3),
      };
    case 'renewed':
      return { outcome, accounts: Number(n1) };
    case 'redeemed':
      return { outcome, credits: Number(n1), planId: detail ?? undefined };
    case 'key_done':
      return { outcome, generationId: String(detail) };
    case 'settled':
      return {
        outcome,
        chargedCredits: Number(n1),
        shortfallCredits: Number(n2),
        balanceCredits: Number(n3),
        status: detail?.startsWith('complete') ? 'complete' : 'incomplete',
        failure: failureIn(detail),
      };
    case 'released':
      return { outcome, failure: failureIn(detail) };
    case 'username_taken':
    case 'id_taken':
    case 'key_reused':
    case 'account_unknown':
    case 'conversation_unknown':
    case 'api_key_unknown':
    case 'balance_limit':
    case 'transfer_unknown':
    case 'not_refundable':
    case 'refunded_already':
    case 'key_running':
    case 'journaled':
    case 'hold_ended':
    case 'hold_unknown':
    case 'plan_unknown':
    case 'voucher_unknown':
    case 'voucher_expired':
    case 'voucher_used_up':
    case 'voucher_limit':
      return { outcome };
    default:
      throw new Error(`The database answered "${outcome}" to "${command.kind}".`);
  }
}

/** A grant tells what is available; a hold also what was short, and whether waiting helps. */
function shortageOf(
  { kind }: Command,
  outcome: Shortage['outcome'],
  { n1, n2, n3, detail }: ResultRow,
): Result {
  const availableCredits = Number(n1);
  if (kind !== 'hold' && outcome === 'insufficient_credits') return { outcome, availableCredits };
  const [isHeld, budgetKind, ...id] = detail?.split(' ') ?? [];
  return {
    outcome,
    availableCredits,
    isHeldByOthers: isHeld === '1',
    payerId: Number(n2),
    budget:
      budgetKind === undefined ? undefined : { kind: budgetKind as BudgetKind, id: id.join(' ') },
    renewsAtMs: n3 === null ? undefined : Number(n3),
  };
}

/** The failure in the end of a message: its status and, unless it is complete, its failure. */
function failureIn(end: string | null): ReplyFailure | undefined {
  return end?.split(' ')[1] as ReplyFailure | undefined;
}

/** What happens when the reference ledger carries out commands: which branches are reached. */
import type { Command, Result } from '../../src/core/ledger.ts';
import type { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import type { ReferenceTransfer } from '../../src/core/reference-state.ts';

/** Carries out one command and names all that happened. */
export function reachedBy(reference: ReferenceLedger, command: Command): string[] {
  const before = snapshotOf(reference);
  const [result] = reference.apply([command]) as [Result];
  const reached = [`${command.kind} ${result.outcome}`];
  if (command.kind === 'hold') reached.push(...ofHold(command, result));
  for (const [id, plan] of before.plans) reached.push(...ofPlan(id, plan, before, reference));
  for (const [key, counter] of before.counters) {
    const now = reference.counters.get(key);
    if (!now || now.windowStartMs === counter.windowStartMs) continue;
    reached.push(counter.heldCredits > 0 ? 'window, held before' : 'window');
  }
  if (command.kind === 'settle' || command.kind === 'release') {
    reached.push(...ofEnd(command.generationId, before, reference));
  }
  if (command.kind === 'refund' && result.outcome === 'refunded') {
    const charge = reference.transfers.get(command.chargeId);
    if (charge?.userId !== null) reached.push('refund to a pool');
  }
  return reached;
}

function snapshotOf(reference: ReferenceLedger) {
  return {
    plans: new Map(reference.accountPlans),
    counters: new Map(reference.counters),
    accounts: new Map(reference.accounts),
    holds: new Map(reference.holds),
    transfers: reference.transfers.size,
  };
}

type Snapshot = ReturnType<typeof snapshotOf>;

function ofHold(command: Extract<Command, { kind: 'hold' }>, result: Result): string[] {
  switch (result.outcome) {
    case 'held': {
      if (!('heldCredits' in result)) return [];
      const { payerId } = result;
      const part = result.heldCredits < command.mostCredits ? ['held in part'] : [];
      const place = command.payers?.findIndex(
        (it) => it.accountId === (payerId ?? command.accountId),
      );
      return [...part, payerId === undefined ? 'paid by the user' : `paid by payer ${place}`];
    }
    case 'insufficient_credits':
    case 'budget_exceeded': {
      if (!('isHeldByOthers' in result)) return [];
      const what = `short: ${result.budget?.kind ?? 'account'}`;
      const renews = result.renewsAtMs === undefined ? 'never renews' : 'renews';
      return [what, `${what}, ${renews}`, ...(result.isHeldByOthers ? ['held by others'] : [])];
    }
    default:
      return [];
  }
}

function ofPlan(
  accountId: number,
  before: ReturnType<ReferenceLedger['planOf']>,
  snapshot: Snapshot,
  reference: ReferenceLedger,
): string[] {
  const now = reference.planOf(accountId);
  if (now === before) return [];
  const account = snapshot.accounts.get(accountId);
  const booked = [...reference.transfers.values()]
    .slice(snapshot.transfers)
    .filter((it) => it.accountId === accountId);
  const has = (kind: ReferenceTransfer['kind']) => booked.some((it) => it.kind === kind);
  const reached: string[] = [];
  if (has('expiry')) reached.push('expiry');
  if ((account?.heldCredits ?? 0) > 0 && booked.length > 0) reached.push('plan step, holds open');
  const left = reference.accounts.get(accountId)?.expiringCredits ?? 0;
  if (has('expiry') && !has('allowance') && left > 0) reached.push('held outlives its plan');
  if (before.planId !== undefined && now.planId === undefined) reached.push('plan ended');
  if (now.planId !== undefined && now.planId === before.nextPlanId) reached.push('next plan');
  if (now.planId !== undefined && !has('allowance') && booked.length > 0)
    reached.push('gap begins');
  const isLonger = (now.planEndsAtMs ?? 0) > (before.planEndsAtMs ?? 0);
  if (now.planId === before.planId && isLonger && booked.length === 0) reached.push('extended');
  if (now.nextPlanId !== undefined && now.nextPlanId !== before.nextPlanId)
    reached.push('has next');
  if (now.planId !== undefined && now.renewsAtMs === undefined) reached.push('last period');
  return reached;
}

function ofEnd(id: string, before: Snapshot, reference: ReferenceLedger): string[] {
  const hold = before.holds.get(id);
  if (hold?.state !== 'open' || reference.holds.get(id)?.state === 'open') return [];
  const places = hold.budgets.map(({ budgetId, subject, windowStartMs }) => {
    const counter = before.counters.get(`${budgetId} ${subject}`);
    return counter?.windowStartMs === windowStartMs ? 'window is the same' : 'window has passed';
  });
  const levels = hold.budgets.length > 3 ? ['four budgets or more'] : [];
  const isPool = hold.accountId !== hold.userId;
  return [...places, ...levels, isPool ? 'ended for a pool' : 'ended for a user'];
}

/** Plans: made, changed, replaced and ended by staff and the command line. */

import type { AuditedFacts } from '../../core/audit-log.ts';
import {
  type Calendar,
  type CalendarFault,
  calendarText,
  faultOfCalendar,
  periodsBetween,
} from '../../core/calendar.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { NewPlanChange, PlanProgress } from '../../store/credits/plan-changes.ts';
import type {
  OperationOutcome,
  PlanChange,
  PlanOperation,
  PlanStanding,
  PlanWindow,
  StoredPlan,
} from '../../store/credits/plans.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { idempotencyOf } from '../metering/idempotency.ts';
import { outcomeUnknownUnless } from '../metering/reply-error.ts';
import { type AuditEvent, auditEntry, type Principal } from '../principal.ts';
import { beginChange, effectSoFar } from './plan-changes.ts';
import { type From, NO_EFFECT, type PlanEffect } from './plan-work.ts';

/** A plan as it is to be made. */
export interface NewPlan extends PlanChange {
  readonly calendar: Calendar;
}

/** How an action on a plan is asked for. */
export interface PlanRequest {
  /** Whether only to tell what it would do. */
  readonly isDryRun: boolean;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Whether to wait until all accounts are changed, however many there are. */
  readonly isWaiting?: boolean;
}

/** A plan, what an action on it did or would do, and whether it was asked for before. */
export interface PlanOutcome {
  readonly plan: StoredPlan;
  readonly effect: PlanEffect;
  readonly isReplayed: boolean;
  /** How far it is, where its accounts are still being changed in the background. */
  readonly progress?: PlanProgress | undefined;
}

/**
 * A plan.
 * @throws ChitError `plan_not_found`
 */
export async function planWith(context: Context, id: string): Promise<StoredPlan> {
  const plan = await context.plans.find(id);
  if (!plan) throw new ChitError('plan_not_found', undefined);
  return plan;
}

/**
 * Makes a plan, which nobody has yet.
 * @throws ChitError `invalid_fields`, `plan_name_taken`, `idempotency_key_invalid`,
 *   `idempotency_key_reused`
 */
export async function createPlan(
  context: Context,
  principal: Principal,
  wanted: NewPlan,
  request: PlanRequest,
): Promise<PlanOutcome> {
  requireValid(context, wanted);
  const plan = planOf(context, newId(), wanted);
  const { firstRenewalMs } = nextRenewal(plan, context.now());
  const effect = { ...NO_EFFECT, firstRenewalMs, lastRenewalMs: firstRenewalMs };
  if (request.isDryRun) {
    const namesake = await context.plans.byName(plan.name);
    if (namesake) throw new ChitError('plan_name_taken', undefined);
    return { plan, effect, isReplayed: false };
  }
  const operation = operationOf(context, principal, request, ['create', wanted], {
    action: 'plan.create',
    target: `plan:${plan.id}`,
    after: factsOf(plan),
  });
  const outcome = await context.plans.add(plan, { ...operation, id: plan.id });
  requireDone(outcome);
  await context.plansInForce.refresh();
  const isReplayed = outcome.outcome === 'done_before';
  return { plan: isReplayed ? await planWith(context, outcome.id) : plan, effect, isReplayed };
}

/**
 * Changes a plan. Its limits change at once; the amount from each account's next renewal or now,
 * when what is left of the old amount expires and the new one is given.
 * @throws ChitError `plan_not_found`, `plan_ended`, `plan_name_taken`, `invalid_fields`,
 *   `idempotency_key_invalid`, `idempotency_key_reused`, `ledger_unavailable`
 */
export async function changePlan(
  context: Context,
  principal: Principal,
  id: string,
  request: PlanRequest & { readonly change: Partial<PlanChange>; readonly from: From },
): Promise<PlanOutcome> {
  const before = await planWith(context, id);
  if (before.endedAtMs !== undefined) throw new ChitError('plan_ended', undefined);
  const { from, change } = request;
  const plan: StoredPlan = { ...before, ...change };
  requireValid(context, plan);
  const isNow = from === 'now' && change.allowanceCredits !== undefined;
  if (request.isDryRun) {
    const standing = await standingOf(context, principal, id);
    const effect = isNow ? effectNow(context, standing, plan) : effectLater(standing);
    return { plan, effect, isReplayed: false };
  }
  const operation = operationOf(context, principal, request, ['change', id, change, from], {
    action: 'plan.change',
    target: `plan:${id}`,
    reason: request.reason,
    before: factsOf(before),
    after: { ...factsOf(plan), from },
  });
  const standing = await standingOf(context, principal, id);
  const all = { planId: id, givenPlanId: id, from, accounts: standing.accounts };
  const outcome = await context.plans.change(id, plan, {
    ...operation,
    ...(isNow ? { all: changeOfAll(operation, principal, all) } : {}),
  });
  return changedAccounts(context, outcome, { planId: id, standing, request });
}

/**
 * Ends a plan: nobody can be given it any more, and it ends for each account that has it at its
 * next renewal, or now, when what is left of the allowance expires. A plan that was to follow it
 * begins then.
 * @throws ChitError `plan_not_found`, `plan_ended`, `idempotency_key_invalid`,
 *   `idempotency_key_reused`, `ledger_unavailable`
 */
export async function endPlan(
  context: Context,
  principal: Principal,
  id: string,
  request: PlanRequest & { readonly from: From },
): Promise<PlanOutcome> {
  const plan = await planWith(context, id);
  const { from } = request;
  const standing = await standingOf(context, principal, id);
  // One that has ended can be ended again, for accounts that still have it.
  const isUnfinished = plan.endedAtMs !== undefined && standing.accounts > 0;
  if (request.isDryRun) {
    if (plan.endedAtMs !== undefined && !isUnfinished) throw new ChitError('plan_ended', undefined);
    const later = effectLater(standing);
    const effect = from === 'now' ? await effectOfEnd(context, standing, later) : later;
    return { plan, effect, isReplayed: false };
  }
  const operation = operationOf(context, principal, request, ['end', id, from], {
    action: 'plan.end',
    target: `plan:${id}`,
    reason: request.reason,
    before: { name: plan.name },
    after: { accounts: standing.accounts, from },
  });
  const all = { planId: id, givenPlanId: undefined, from, accounts: standing.accounts };
  const outcome = await context.plans.end(id, {
    ...operation,
    all: changeOfAll(operation, principal, all),
    mayHaveEnded: isUnfinished,
  });
  const ended = await changedAccounts(context, outcome, { planId: id, standing, request });
  return { ...ended, effect: renewalsOf(ended.effect, standing) };
}

/**
 * Ends a plan and makes another one in its place, such as one with another calendar, which all
 * accounts get that have it without an end.
 * @throws ChitError as `createPlan` and `endPlan`
 */
export async function replacePlan(
  context: Context,
  principal: Principal,
  id: string,
  request: PlanRequest & { readonly plan: NewPlan; readonly from: From },
): Promise<PlanOutcome> {
  const old = await planWith(context, id);
  const { from, plan: wanted } = request;
  requireValid(context, wanted);
  const made = planOf(context, newId(), wanted);
  const standing = await standingOf(context, principal, id);
  if (request.isDryRun) {
    if (old.endedAtMs !== undefined) throw new ChitError('plan_ended', undefined);
    const namesake = await context.plans.byName(made.name);
    if (namesake && namesake.id !== id) throw new ChitError('plan_name_taken', undefined);
    const later = { ...effectLater(standing), ...withoutEnd(standing) };
    const effect = from === 'now' ? effectNow(context, standing, made) : later;
    return { plan: made, effect, isReplayed: false };
  }
  const operation = operationOf(context, principal, request, ['replace', id, wanted, from], {
    action: 'plan.create',
    target: `plan:${made.id}`,
    after: factsOf(made),
  });
  const ended = auditEntry(principal, {
    action: 'plan.end',
    target: `plan:${id}`,
    reason: request.reason,
    before: { name: old.name },
    after: { accounts: standing.accounts, replaced_by: made.id, from },
  });
  const replaced = { id, entry: ended };
  const asMade = { ...operation, id: made.id };
  const all = { planId: id, givenPlanId: made.id, from, accounts: standing.accounts };
  const outcome = await context.plans.add(
    made,
    { ...asMade, all: changeOfAll(asMade, principal, all) },
    replaced,
  );
  return changedAccounts(context, outcome, { planId: outcome.id, standing, request });
}

function changeOfAll(
  { id, atMs }: PlanOperation,
  { actor }: Principal,
  all: Pick<NewPlanChange, 'planId' | 'givenPlanId' | 'from' | 'accounts'>,
): NewPlanChange {
  return { ...all, id, actor, createdAtMs: atMs };
}

/**
 * Changes the accounts of an operation that was carried out, now or when it was first asked for: at
 * once if they are few.
 */
async function changedAccounts(
  context: Context,
  outcome: OperationOutcome,
  of: {
    /** The plan that is told. */
    readonly planId: string;
    readonly standing: PlanStanding;
    readonly request: PlanRequest;
  },
): Promise<PlanOutcome> {
  requireDone(outcome);
  return outcomeUnknownUnless(changedSoFar(context, outcome, of));
}

async function changedSoFar(
  context: Context,
  outcome: OperationOutcome,
  { planId, standing, request }: Parameters<typeof changedAccounts>[2],
): Promise<PlanOutcome> {
  await context.plansInForce.refresh();
  const change = await beginChange(context, outcome.id, request.isWaiting ?? false);
  const isRunning = change && change.endedAtMs === undefined;
  const soFar = change ? effectSoFar(change) : effectLater(standing);
  return {
    plan: await planWith(context, planId),
    effect: isRunning ? { ...soFar, accounts: change.accounts } : soFar,
    isReplayed: outcome.outcome === 'done_before',
    progress: isRunning
      ? { accounts: change.accounts, done: change.changed + change.untouched }
      : undefined,
  };
}

/** The accounts that have a plan, which may be many. */
function standingOf(context: Context, { actor }: Principal, id: string): Promise<PlanStanding> {
  return context.heavyReads.run(actor, () => context.plans.standing(id));
}

function planOf(context: Context, id: string, wanted: NewPlan): StoredPlan {
  return { ...wanted, id, createdAtMs: context.now(), endedAtMs: undefined };
}

/** Where nothing is booked now. */
function effectLater(standing: PlanStanding): PlanEffect {
  const { accounts, firstRenewalMs, lastRenewalMs } = standing;
  return { ...NO_EFFECT, accounts, firstRenewalMs, lastRenewalMs };
}

/** Where what is left expires now and the amount of a plan is given, if a period is running. */
function effectNow(context: Context, standing: PlanStanding, plan: StoredPlan): PlanEffect {
  const { isInPeriod, firstRenewalMs } = nextRenewal(plan, context.now());
  const { accounts, untouched } = withoutEnd(standing);
  return {
    accounts,
    untouched,
    expiredCredits: standing.expirableCredits,
    givenCredits: isInPeriod ? accounts * plan.allowanceCredits : 0,
    firstRenewalMs,
    lastRenewalMs: firstRenewalMs,
  };
}

/** Where a plan ends now, and what was to follow it begins. */
async function effectOfEnd(
  context: Context,
  standing: PlanStanding,
  effect: PlanEffect,
): Promise<PlanEffect> {
  let givenCredits = 0;
  for (const [planId, accounts] of standing.following) {
    const next = await context.plans.find(planId);
    const isGiven = next && nextRenewal(next, context.now()).isInPeriod;
    if (isGiven) givenCredits += accounts * next.allowanceCredits;
  }
  return { ...effect, expiredCredits: standing.allExpirableCredits, givenCredits };
}

function withoutEnd({ accounts, accountsWithEnd }: PlanStanding) {
  return { accounts: accounts - accountsWithEnd, untouched: accountsWithEnd };
}

/** Of accounts whose plan has ended there are none; those that were there are told. */
function renewalsOf(effect: PlanEffect, standing: PlanStanding): PlanEffect {
  const { firstRenewalMs, lastRenewalMs } = standing;
  return { ...effect, firstRenewalMs, lastRenewalMs };
}

/** Whether a period of a plan is running, and when the next one begins. */
export function nextRenewal(
  { calendar }: Pick<StoredPlan, 'calendar'>,
  atMs: number,
): { readonly isInPeriod: boolean; readonly firstRenewalMs: number | undefined } {
  const untilMs = calendar.kind === 'term' ? Infinity : atMs + 1;
  const [period] = periodsBetween(calendar, atMs, untilMs);
  if (!period) return { isInPeriod: false, firstRenewalMs: undefined };
  const isInPeriod = period.startMs <= atMs;
  return { isInPeriod, firstRenewalMs: isInPeriod ? period.endMs : period.startMs };
}

const CALENDAR_FAULTS: Record<CalendarFault, string> = {
  time_zone: 'Give the name of a time zone, such as Europe/Berlin.',
  weekday: 'Give a weekday from 1, Monday, to 7, Sunday.',
  day: 'Give a day of the month from 1 to 31.',
  terms: 'Give up to 50 terms in order, each from its first to its last day, without overlaps.',
};

/** @throws ChitError `invalid_fields` */
function requireValid(context: Context, plan: NewPlan): void {
  requireCalendar('calendar', plan.calendar);
  if (nextRenewal(plan, context.now()).firstRenewalMs === undefined) {
    const message = 'All of these terms are over.';
    throw invalidField('calendar', message, { code: 'not_in_the_future' });
  }
  for (const [index, { window }] of plan.windows.entries()) {
    if (window.kind === 'calendar') requireCalendar(`windows/${index}`, window.calendar);
  }
  const unknown = plan.models?.find((it) => !context.catalogue.find(it));
  if (unknown !== undefined) {
    const message = `There is no model "${unknown}".`;
    throw invalidField('models', message, { code: 'unknown_model', model: unknown });
  }
}

function requireCalendar(field: string, calendar: Calendar): void {
  const fault = faultOfCalendar(calendar);
  if (fault) throw invalidField(field, CALENDAR_FAULTS[fault], { code: 'invalid' });
}

function operationOf(
  context: Context,
  principal: Principal,
  { idempotencyKey }: PlanRequest,
  body: readonly unknown[],
  event: AuditEvent,
): PlanOperation {
  const idempotency = idempotencyOf(idempotencyKey, body);
  return {
    id: newId(),
    claim: idempotency && { scope: `plans:${principal.actor}`, ...idempotency },
    entry: auditEntry(principal, event),
    atMs: context.now(),
  };
}

/** @throws ChitError `plan_name_taken`, `plan_ended`, `idempotency_key_reused` */
function requireDone({ outcome }: OperationOutcome): void {
  switch (outcome) {
    case 'done':
    case 'done_before':
      return;
    case 'name_taken':
      throw new ChitError('plan_name_taken', undefined);
    case 'plan_ended':
      throw new ChitError('plan_ended', undefined);
    case 'key_reused':
      throw new ChitError('idempotency_key_reused', undefined);
  }
}

function factsOf(plan: StoredPlan): AuditedFacts {
  return {
    name: plan.name,
    tokens: plan.allowanceCredits,
    calendar: calendarFact(plan.calendar),
    windows: plan.windows.map(windowFact).join(', ') || null,
    models: plan.models?.join(', ') ?? null,
    requests_per_minute: plan.requestsPerMinute ?? null,
    usage_per_minute: plan.usagePerMinute ?? null,
  };
}

function windowFact({ limitCredits, window }: PlanWindow): string {
  const time = window.kind === 'hours' ? `${window.hours} hours` : calendarFact(window.calendar);
  return `${limitCredits} in ${time}`;
}

/** As `calendarText`, which fits into the audit log. */
function calendarFact(calendar: Calendar): string {
  const { kind, timeZone } = calendar;
  if (kind !== 'term') return calendarText(calendar);
  const first = calendar.terms[0]?.firstDay ?? '';
  const last = calendar.terms.at(-1)?.lastDay ?? '';
  return `${calendar.terms.length} terms ${first}/${last} ${timeZone}`;
}

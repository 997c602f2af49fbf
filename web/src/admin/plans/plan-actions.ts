/** Actions on plans: each tells in numbers what it will do, and asks. */
import { call } from '../../api/client.ts';
import { dayIn } from '../../strings/strings.ts';
import { isDefinite, newKey } from '../credits/send-once.ts';
import type { PlanEffect } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { runAction, showError } from '../ui/toast.tsx';
import type { EffectWords } from '../words/en/plans.ts';
import { errorMessage } from '../words/errors.ts';
import { words } from '../words/words.ts';

/** The idempotency keys of requests without an answer. */
const unanswered = new Map<string, string>();

/** Sends an action so that it is carried out once, however often answers get lost. */
async function sendOnce<T>(method: string, address: string, body: object): Promise<T> {
  const text = JSON.stringify([method, address, body]);
  const key = unanswered.get(text) ?? newKey();
  unanswered.set(text, key);
  try {
    const answer = await call<T>(method, address, body, { 'idempotency-key': key });
    unanswered.delete(text);
    return answer;
  } catch (error) {
    if (isDefinite(error)) unanswered.delete(text);
    throw error;
  }
}

/** An action on a plan, or on the plan of an account. */
export interface PlanAction {
  readonly method: 'POST' | 'PATCH';
  readonly address: string;
  readonly body: { readonly from?: 'now' | 'renewal' };
  readonly title: string;
  /** The name of the action, on its button. */
  readonly label: string;
  readonly isDangerous?: boolean;
  /** In whose time zone days are told. */
  readonly timeZone: string;
  /** What is told when it is done. */
  readonly done: string;
}

/**
 * Asks the server what an action would do, tells it, and does it once it is confirmed.
 * @returns the server's answer; undefined if it was not done
 */
export async function confirmPlanAction<T extends PlanEffect>(
  action: PlanAction,
): Promise<T | undefined> {
  const { method, address, body, title, label, isDangerous = false, timeZone, done } = action;
  let effect: PlanEffect;
  try {
    effect = await call<PlanEffect>(method, address, { ...body, dry_run: true });
  } catch (error) {
    showError(errorMessage(error));
    return undefined;
  }
  const answer = await confirmAction({
    title,
    sentences: words.value.planEffect(effectWords(effect, body.from ?? 'renewal', timeZone)),
    label,
    isDangerous,
    hasReason: 'optional',
  });
  if (!answer) return undefined;
  const { reason } = answer;
  const whole = reason === '' ? body : { ...body, reason };
  let result: T | undefined;
  await runAction(
    async () => {
      result = await sendOnce<T>(method, address, whole);
      return result;
    },
    (it) => (it.done ? done : words.value.planGoesOn),
  );
  return result;
}

function effectWords(effect: PlanEffect, from: 'now' | 'renewal', timeZone: string): EffectWords {
  const { accounts, untouched, tokens_expired, tokens_given } = effect;
  const { first_renewal: first, last_renewal: last } = effect;
  return {
    accounts,
    untouched,
    from,
    expired: tokens_expired,
    given: tokens_given,
    first: first === null ? undefined : dayIn(first, timeZone),
    last: last === null ? undefined : dayIn(last, timeZone),
  };
}

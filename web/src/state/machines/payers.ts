/** Which account pays for the next message, and what is short, as pure functions. */
import type { Limits } from '../../api/types.ts';

export type PayingAccount = Limits['accounts'][number];
export type Limit = Limits['limits'][number];
export type LimitKind = Limit['kind'];
export type LimitWindow = Limit['window'];

/** Whether an account pays for a model. */
export function paysFor({ models }: PayingAccount, model: string | undefined): boolean {
  return models === null || model === undefined || models.includes(model);
}

/**
 * The account that was chosen, if it can still pay and pays for the model; undefined to leave it to
 * the server.
 */
export function chosenOf(
  limits: Limits | undefined,
  chosen: string,
  model: string | undefined,
): PayingAccount | undefined {
  return limits?.accounts.find((it) => it.id === chosen && paysFor(it, model));
}

/** The account that pays if none was chosen: the first for the model that has something left. */
export function firstPaying(
  { accounts, payer }: Limits,
  model: string | undefined,
): PayingAccount | undefined {
  const paying = accounts.filter((it) => paysFor(it, model));
  return (
    paying.find(({ tokens }) => tokens > 0) ??
    paying.find(({ id }) => id === payer) ??
    paying[0] ??
    accounts[0]
  );
}

/**
 * The account that pays for the next message.
 * @param model that answers it
 */
export function payingAccount(
  limits: Limits | undefined,
  chosen: string,
  model: string | undefined,
): PayingAccount | undefined {
  return chosenOf(limits, chosen, model) ?? (limits && firstPaying(limits, model));
}

/** What is in an account within its limits, with what is held for replies in progress. */
export function ownedIn({ tokens, held }: Pick<PayingAccount, 'tokens' | 'held'>): number {
  return tokens + held;
}

/** The limits on what an account pays for the page; those of API keys do not apply to it. */
export function limitsOn({ limits }: Limits, account: string): readonly Limit[] {
  const applies = (it: Limit) => it.account === null || it.account === account;
  return limits.filter((it) => it.kind !== 'key' && applies(it));
}

/** What keeps an account from paying more. */
export interface Shortage {
  /** `account`: its balance itself. */
  readonly kind: LimitKind | 'account';
  readonly left: number;
  readonly renewsAt: string | null;
  /** Where it renews. */
  readonly timeZone: string | null;
  /** Whether another account has more to spend. */
  readonly hasOther: boolean;
}

/** The account itself, or the limit that leaves the least of it. */
export function shortageOf(limits: Limits, account: PayingAccount): Shortage {
  const hasOther = limits.accounts.some(({ tokens }) => tokens > account.tokens);
  const { available: left, renews_at: renewsAt, plan } = account;
  const { time_zone: timeZone = null } = plan?.window ?? {};
  let least: Shortage = { kind: 'account', left, renewsAt, timeZone, hasOther };
  for (const it of limitsOn(limits, account.id)) {
    if (it.left >= least.left) continue;
    const { kind, window: time } = it;
    least = {
      kind,
      left: it.left,
      renewsAt: it.renews_at,
      timeZone: time.time_zone,
      hasOther,
    };
  }
  return least;
}

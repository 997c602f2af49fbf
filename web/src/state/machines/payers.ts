/** Which account pays for the next message, and what is short, as pure functions. */
import type { Limits } from '../../api/types.ts';

export type PayingAccount = Limits['accounts'][number];
export type Limit = Limits['limits'][number];
export type LimitKind = Limit['kind'];
export type LimitWindow = Limit['window'];

/** The account that was chosen, if it can still pay; undefined to leave it to the server. */
export function chosenOf(limits: Limits | undefined, chosen: string): PayingAccount | undefined {
  return limits?.accounts.find(({ id }) => id === chosen);
}

/** The account that pays for the next message. */
export function payingAccount(
  limits: Limits | undefined,
  chosen: string,
): PayingAccount | undefined {
  return chosenOf(limits, chosen) ?? limits?.accounts.find(({ id }) => id === limits.payer);
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
  /** Whether another account has more to spend. */
  readonly hasOther: boolean;
}

/** The account itself, or the limit that leaves the least of it. */
export function shortageOf(limits: Limits, account: PayingAccount): Shortage {
  const hasOther = limits.accounts.some(({ tokens }) => tokens > account.tokens);
  const { available: left, renews_at: renewsAt } = account;
  let least: Shortage = { kind: 'account', left, renewsAt, hasOther };
  for (const it of limitsOn(limits, account.id)) {
    if (it.left >= least.left) continue;
    least = { kind: it.kind, left: it.left, renewsAt: it.renews_at, hasOther };
  }
  return least;
}

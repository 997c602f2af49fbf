/** What clients and staff of the fleet keep of what they were told. */
import type { Account, Spending, Told } from './kinds.ts';
import type { Script } from './scripts.ts';

/** A request that spends, with all its tries. */
export interface Sent {
  readonly spending: Spending;
  readonly script: Script;
  readonly account: Account;
  /** What each try was told, in order. */
  readonly tries: Told[];
  /** In a conversation: what those were told who followed or stopped the reply, in order. */
  readonly follows: Followed[];
}

/** What somebody was told who followed a reply. */
export interface Followed {
  readonly told: Told;
  /** What they had read before. */
  readonly textBefore: string;
}

/** A grant or a refund. */
export interface StaffAction {
  readonly kind: 'grant' | 'refund';
  readonly via: 'http' | 'cli';
  readonly userId: number;
  readonly username: string;
  /** No two actions have the same. */
  readonly reason: string;
  /** The charge to refund; no two actions have the same. */
  readonly chargeId: string | undefined;
  /** `unknown` until somebody was told; then the last that was told. */
  told: 'unknown' | 'booked' | 'not booked' | 'refused';
  tries: number;
}

/** Whether a client has to ask again to know how its request ended. */
export function isUnresolved({ spending, tries, follows }: Sent): boolean {
  const last = tries.at(-1);
  if (!last) return false;
  if (last.messageId !== undefined && spending.kind === 'conversation') {
    const end = follows.at(-1)?.told.claim;
    return end === undefined || end === 'pending' || end === 'unknown' || end === 'silent';
  }
  if (spending.key === undefined) return false;
  return last.claim === 'unknown' || last.claim === 'running' || last.status === 503;
}

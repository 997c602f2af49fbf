/** The order of commands in a batch, and the scopes of idempotency keys. */
import type {
  Command,
  DistributeCommand,
  GrantCommand,
  HoldCommand,
  OpenCommand,
} from './ledger.ts';

/** Commands that may have an idempotency key. */
export type KeyedCommand = OpenCommand | GrantCommand | DistributeCommand | HoldCommand;

const BOOKING_ORDER: Record<Command['kind'], number> = {
  open: 0,
  grant: 1,
  distribute: 2,
  refund: 3,
  journal: 4,
  settle: 5,
  release: 6,
  hold: 7,
};

/**
 * Compares two commands of a batch, for sorting. They were sent at the same time, so any order is
 * correct; this one adds credits before taking any, and lets engines execute all commands of a kind
 * in one statement, and the holds of an account one after the other.
 */
export function inBookingOrder(a: Command, b: Command): number {
  if (a.kind === 'hold' && b.kind === 'hold') return a.accountId - b.accountId;
  return BOOKING_ORDER[a.kind] - BOOKING_ORDER[b.kind];
}

/** The scope of a key: keys of different scopes never conflict. */
export function keyScope(command: KeyedCommand): string {
  switch (command.kind) {
    case 'open':
      return 'signup';
    case 'grant':
      return `grant:${command.accountId}`;
    case 'distribute':
      return distributionScope(command.actor);
    case 'hold':
      return `chat:${command.accountId}`;
  }
}

/** The scope of the key of a distribution: the actor who requests it. */
export function distributionScope(actor: string): string {
  return `distribute:${actor}`;
}

/** The order of commands in a batch, and the scopes of their idempotency keys. */
import type {
  Command,
  DistributeCommand,
  GrantCommand,
  HoldCommand,
  OpenCommand,
} from './ledger.ts';

/** Commands that can have an idempotency key. */
export type KeyedCommand = OpenCommand | GrantCommand | DistributeCommand | HoldCommand;

const BOOKING_ORDER: Record<Command['kind'], number> = {
  open: 0,
  grant: 1,
  distribute: 2,
  refund: 3,
  assign_plan: 4,
  renew: 4,
  redeem: 4,
  journal: 5,
  settle: 6,
  release: 7,
  hold: 8,
};

/**
 * Compares two commands for sorting a batch. They were sent at the same time, so any order is
 * correct; this one books credits before it spends them, and lets an engine carry out all commands
 * of a kind in one statement, with the holds of each account together.
 */
export function inBookingOrder(a: Command, b: Command): number {
  if (a.kind === 'hold' && b.kind === 'hold') return a.accountId - b.accountId;
  return BOOKING_ORDER[a.kind] - BOOKING_ORDER[b.kind];
}

/** The scope in which the idempotency key of a command is unique. */
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

/** The scope of the idempotency keys of distributions: one for each actor. */
export function distributionScope(actor: string): string {
  return `distribute:${actor}`;
}

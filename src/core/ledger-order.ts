/** What holds of commands in a batch: their order, and where their keys count. */
import type {
  Command,
  DistributeCommand,
  GrantCommand,
  HoldCommand,
  OpenCommand,
} from './ledger.ts';

/** Commands that may carry a key. */
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
 * The order of two commands within a batch, for sorting. Commands of a batch were sent at the same
 * time, so any order is right; this one gives before it takes, and lets an engine carry out all
 * commands of a kind by one statement, and the holds of an account one after the other.
 */
export function inBookingOrder(a: Command, b: Command): number {
  if (a.kind === 'hold' && b.kind === 'hold') return a.accountId - b.accountId;
  return BOOKING_ORDER[a.kind] - BOOKING_ORDER[b.kind];
}

/** Where a key counts: keys of one scope never meet those of another. */
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

/** Where the key of a distribution counts: with whoever asks for it. */
export function distributionScope(actor: string): string {
  return `distribute:${actor}`;
}

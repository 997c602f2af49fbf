/** Why a balance is what it is: every transfer from the first on, each charge computed again. */
import type { Credits } from '../../core/credits.ts';
import type { TransferKind } from '../../core/ledger.ts';
import { costOf } from '../../core/pricing.ts';
import type { BookedTransfer } from '../../store/credits/booked-transfers.ts';
import type { Context } from '../context.ts';
import { renewIfDue } from './renewals.ts';

const PAGE = 500;
/** Bookings may go on meanwhile; after so many rounds what differs is a fault. */
const ROUNDS = 3;

/** What all transfers of a kind come to. */
export interface KindSum {
  readonly kind: TransferKind;
  readonly transfers: number;
  readonly credits: Credits;
}

export interface BalanceExplanation {
  readonly postedCredits: Credits;
  readonly heldCredits: Credits;
  readonly transfers: number;
  /** Their sum is the balance. */
  readonly kinds: readonly KindSum[];
  /** Replies that are running and hold tokens of any account that pays for the user. */
  readonly holds: Awaited<ReturnType<Context['holds']['openOf']>>;
  /** One sentence each; none if everything agrees. */
  readonly faults: readonly string[];
}

/**
 * Explains the balance of a personal account.
 * @param onTransfer is called for each transfer, oldest first
 */
export async function explainBalance(
  context: Context,
  accountId: number,
  onTransfer: (transfer: BookedTransfer) => void = () => undefined,
): Promise<BalanceExplanation> {
  await renewIfDue(context, accountId);
  const sums = new Map<TransferKind, { transfers: number; credits: Credits }>();
  const faults: string[] = [];
  let balance = 0;
  let number = 0;
  const add = (transfer: BookedTransfer) => {
    faults.push(...faultsOf(transfer, { number, balance }));
    const sum = sums.get(transfer.kind) ?? { transfers: 0, credits: 0 };
    sum.transfers += 1;
    sum.credits += transfer.credits;
    sums.set(transfer.kind, sum);
    balance += transfer.credits;
    number = transfer.number;
    onTransfer(transfer);
  };
  for (let round = 1; ; round += 1) {
    for (;;) {
      const page = { afterNumber: number, limit: PAGE };
      const transfers = await context.transfers.booked(accountId, page);
      transfers.forEach(add);
      if (transfers.length < PAGE) break;
    }
    const account = await context.ledger.account(accountId);
    const { postedCredits: posted = 0, heldCredits: held = 0 } = account ?? {};
    if (posted !== balance && round < ROUNDS) continue;
    if (posted !== balance) {
      faults.push(`The balance is ${posted}, but its transfers come to ${balance}.`);
    }
    return {
      postedCredits: posted,
      heldCredits: held,
      transfers: number,
      kinds: [...sums].map(([kind, sum]) => ({ kind, ...sum })),
      holds: await context.holds.openOf(accountId),
      faults,
    };
  }
}

function faultsOf(
  { id, number, credits, balanceAfterCredits, charge }: BookedTransfer,
  before: { readonly number: number; readonly balance: Credits },
): string[] {
  const name = `Transfer ${id}`;
  const isNext = number === before.number + 1;
  const after = before.balance + credits;
  const cost = charge && costOf(charge.price, charge.usage);
  const booked = charge && charge.shortfallCredits - credits;
  return [
    ...(isNext ? [] : [`${name} is number ${number}, after number ${before.number}.`]),
    ...(after === balanceAfterCredits
      ? []
      : [`${name} says that the balance was ${balanceAfterCredits} then, but it was ${after}.`]),
    ...(cost === booked
      ? []
      : [`${name} booked ${0 - credits} of ${booked}, but its usage costs ${cost}.`]),
  ];
}

import type { AccountId, Command, Result } from '../core/ledger.ts';

/**
 * What two batches at the same time must not share: an account, or a kind of command whose
 * accounts are unknown or whose idempotency keys belong to no account.
 */
export type Lane = AccountId | 'open' | 'distribute' | 'refund' | 'redeem';

/** A command whose caller waits for the result. */
export interface Waiting {
  /** undefined if the caller only wants to know whether batches get through. */
  readonly command: Command | undefined;
  readonly lanes: readonly Lane[];
  /** When the caller is told that the ledger does not answer; counted in turns of the clock. */
  readonly deadline: number;
  state: 'waiting' | 'sent' | 'done';
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

const NO_LANES: readonly Lane[] = [];

/** The lanes of a command. */
export function lanesOf(command: Command | undefined): readonly Lane[] {
  if (!command) return NO_LANES;
  switch (command.kind) {
    case 'open':
      return ['open', command.accountId];
    case 'refund':
      return ['refund'];
    case 'distribute':
      return ['distribute', ...command.entries.map(({ accountId }) => accountId)];
    case 'renew':
      return command.accountIds;
    case 'redeem':
      return ['redeem', command.accountId];
    case 'hold': {
      const { accountId, payers } = command;
      if (!payers) return [accountId];
      return [...new Set([accountId, ...payers.map((it) => it.accountId)])];
    }
    case 'settle':
    case 'release': {
      const { accountId, payerId = accountId } = command;
      return payerId === accountId ? [accountId] : [accountId, payerId];
    }
    default:
      return [command.accountId];
  }
}

/** The commands that wait for a batch, in the order in which they came. */
export class WaitingCommands {
  readonly #maxPerBatch: number;
  #waiting: Waiting[] = [];

  /** @param maxPerBatch how many lanes a batch has at most, or one command if that has more */
  constructor(maxPerBatch: number) {
    this.#maxPerBatch = maxPerBatch;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get all(): readonly Waiting[] {
    return this.#waiting;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** Puts commands back that were in a batch of which nothing was booked. */
  putBack(waiting: readonly Waiting[]): void {
    for (const it of waiting) if (it.state === 'sent') it.state = 'waiting';
    this.#waiting = waiting.concat(this.#waiting);
  }

  /** Forgets commands that are done, since their callers were told that there is no answer. */
  dropDone(): void {
    this.#waiting = this.#waiting.filter(({ state }) => state !== 'done');
  }

  /**
   * Takes the next batch. Commands of one account keep their order, and nobody waits behind an
   * account that is locked.
   * @param busy lanes of batches that are on their way
   * @param locked accounts that somebody else has locked
   */
  take(busy: ReadonlySet<Lane>, locked: ReadonlySet<Lane>): Waiting[] {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    // A command that waits for a lane keeps the others of its lanes free for itself, so that one
    // with many accounts gets its turn.
    const claimed = new Set<Lane>();
    let size = 0;
    let read = 0;
    for (; read < this.#waiting.length && size < this.#maxPerBatch; read += 1) {
      const it = this.#waiting[read] as Waiting;
      if (it.state === 'done') continue;
      const isOpen = busy.size + locked.size + claimed.size === 0;
      const isLocked = !isOpen && it.lanes.some((lane) => locked.has(lane));
      const isBlocked =
        !isOpen && !isLocked && it.lanes.some((lane) => busy.has(lane) || claimed.has(lane));
      const lanes = Math.max(it.lanes.length, 1);
      const isTooLarge = batch.length > 0 && size + lanes > this.#maxPerBatch;
      if (isBlocked || isTooLarge) for (const lane of it.lanes) claimed.add(lane);
      if (isLocked || isBlocked || isTooLarge) {
        rest.push(it);
        continue;
      }
      batch.push(it);
      size += lanes;
    }
    this.#waiting = rest.concat(this.#waiting.slice(read));
    return batch;
  }
}

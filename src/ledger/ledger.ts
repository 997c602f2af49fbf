import { setTimeout as sleep } from 'node:timers/promises';
import { ChitError, hasCode } from '../core/errors.ts';
import type { Account, AccountId, Command, Result, Results } from '../core/ledger.ts';
import { inBookingOrder } from '../core/ledger-order.ts';
import { storableCommand } from '../core/storable-text.ts';
import { BatchRefused, type LedgerEngine, OutcomeUnknown, RowsLocked } from './engine.ts';
import { type Lane, lanesOf, type Waiting, WaitingCommands } from './waiting-commands.ts';

/** Commands per transaction, at most. Larger batches are not faster. */
const MAX_BATCH = 512;
/** Commands that can wait, at most. More means that the disk cannot keep up, so refuse. */
const MAX_WAITING = 20_000;
/**
 * A batch that is on its way for this long no longer holds up the others: the next one begins
 * beside it, if the engine allows it. Batches one after another are larger and thus cheaper.
 */
const SLOW_BATCH_MS = 25;
/** How long a caller waits for a result, by default, and for that of a distribution. */
const ANSWER_MS = 4_500;
const DISTRIBUTION_MS = 60_000;
/** How long a caller waits to learn whether the ledger can book. */
const CHECK_MS = 3_000;
/** How often locked accounts and the patience of callers are looked at. */
const TURN_MS = 200;
/** How often a batch is sent without accounts that turn out to be locked. */
const MAX_LOCKED_ROUNDS = 3;
/** How long `submitUntilKnown` retries, and the delays between its attempts. */
const RETRY_FOR_MS = 30_000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;

/** A batch that was carried out, or was not. */
export interface EndedBatch {
  readonly commands: readonly Command[];
  /** One for each command; undefined if the batch failed and nothing was booked. */
  readonly results: readonly Result[] | undefined;
  readonly seconds: number;
}

/** A batch that is on its way. */
interface RunningBatch {
  readonly batch: readonly Waiting[];
  readonly ended: Promise<void>;
}

/**
 * The ledger as the program sees it: one command in, one durable result out. Behind it, commands
 * that arrive while a batch is being written form the next batch, because an fsync costs far more
 * than a command.
 */
export class Ledger {
  readonly #engine: LedgerEngine;
  readonly #answerMs: number;
  readonly #closing = new AbortController();
  readonly #waiting = new WaitingCommands(MAX_BATCH);
  /**
   * How many commands have no result yet. Not a set of them: one that changes with every command
   * keeps replacing its internal tables, and each old table delays the collection of newer objects.
   */
  #pending = 0;
  /** What batches on their way will change; empty where there is one at a time. */
  readonly #busy = new Set<Lane>();
  /** Accounts that somebody else has locked. Their commands wait without holding up others. */
  #locked = new Set<AccountId>();
  #running: readonly RunningBatch[] = [];
  #retrying = 0;
  /** Told of each batch that has commands, after it ended. */
  onBatch: ((batch: EndedBatch) => void) | undefined;
  #isScheduled = false;
  #isLookingAtLocks = false;
  #lastStartMs = 0;
  /** Counts turns of the clock, which stands still while this process does. */
  #turn = 0;
  #clock: NodeJS.Timeout | undefined;
  #slowBatch: NodeJS.Timeout | undefined;

  /** @param options `answerMs` is how long a caller waits for a result at most */
  constructor(engine: LedgerEngine, options: { readonly answerMs?: number } = {}) {
    this.#engine = engine;
    this.#answerMs = options.answerMs ?? ANSWER_MS;
  }

  /** What is to be written. */
  get queue(): { readonly waiting: number; readonly running: number; readonly retrying: number } {
    const { size: waiting } = this.#waiting;
    return { waiting, running: this.#pending - waiting, retrying: this.#retrying };
  }

  /**
   * Carries out one command and resolves when its result is durable.
   * @param command characters that no database can store are replaced (`storableText`)
   * @throws ChitError `ledger_unavailable` if it could not be written, or not in time.
   *   `isOutcomeUnknown` says whether it may have been carried out or may still be.
   * @throws BatchRefused if the database rejected it permanently: a bug on our side
   */
  submit<C extends Command>(command: C): Promise<Results[C['kind']]> {
    const withinMs = command.kind === 'distribute' ? DISTRIBUTION_MS : this.#answerMs;
    const result = this.#enqueue(storableCommand(command), withinMs);
    return result as Promise<Results[C['kind']]>;
  }

  /**
   * Whether commands are carried out at present: resolves once a batch without commands, which
   * only writes a probe, went the way of all others.
   * @throws ChitError `ledger_unavailable` within seconds if not
   */
  async check(): Promise<void> {
    await this.#enqueue(undefined, Math.min(CHECK_MS, this.#answerMs));
  }

  /**
   * As `submit`, but retries while the ledger cannot be written. Commands are idempotent, so this
   * is safe even if an earlier attempt was carried out.
   * @param options `giveUp: 'never'` retries until the program ends
   * @throws ChitError `ledger_unavailable` after 30 seconds, or when the program ends
   */
  async submitUntilKnown<C extends Command>(
    command: C,
    options: { readonly giveUp: 'after a while' | 'never' } = { giveUp: 'after a while' },
  ): Promise<Results[C['kind']]> {
    const startedMs = performance.now();
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      try {
        return await this.submit(command);
      } catch (error) {
        const isOver = options.giveUp !== 'never' && performance.now() - startedMs > RETRY_FOR_MS;
        const isClosing = this.#closing.signal.aborted;
        if (isOver || isClosing || !hasCode(error, 'ledger_unavailable')) throw error;
      }
      this.#retrying += 1;
      await sleep(delayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      this.#retrying -= 1;
    }
  }

  /**
   * The balance of an account; undefined if there is no such account.
   * @throws ChitError `ledger_unavailable`
   */
  async account(id: AccountId): Promise<Account | undefined> {
    try {
      return await this.#engine.account(id);
    } catch (cause) {
      throw new ChitError('ledger_unavailable', { isOutcomeUnknown: false }, { cause });
    }
  }

  /** Stops retrying, and resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#pending + this.#running.length > 0) {
      await Promise.race([...this.#running.map(({ ended }) => ended), sleep(TURN_MS)]);
    }
    clearTimeout(this.#slowBatch);
    clearInterval(this.#clock);
  }

  #enqueue(command: Command | undefined, withinMs: number): Promise<Result> {
    if (this.#waiting.size >= MAX_WAITING) {
      const isOutcomeUnknown = false;
      return Promise.reject(new ChitError('ledger_unavailable', { isOutcomeUnknown }));
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        command,
        lanes: lanesOf(command),
        deadline: this.#turn + Math.ceil(withinMs / TURN_MS),
        state: 'waiting',
        resolve,
        reject,
      };
      this.#pending += 1;
      this.#waiting.add(waiting);
      this.#clock ??= setInterval(() => this.#tick(), TURN_MS);
      this.#schedule();
    });
  }

  /** Waits one turn of the event loop, so that requests that have arrived join the batch. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startBatches();
    });
  }

  #startBatches(): void {
    while (this.#waiting.size > 0 && this.#mayStart()) {
      const batch = this.#waiting.take(this.#busy, this.#locked);
      if (batch.length === 0) return;
      this.#start(batch);
    }
  }

  #mayStart(): boolean {
    if (this.#running.length === 0) return true;
    const isSlow = performance.now() - this.#lastStartMs >= SLOW_BATCH_MS - 1;
    return isSlow && this.#running.length < this.#batchesAtOnce;
  }

  get #batchesAtOnce(): number {
    return this.#engine.batchesAtOnce ?? 1;
  }

  #start(batch: Waiting[]): void {
    batch.sort(inOrder);
    for (const it of batch) it.state = 'sent';
    this.#lastStartMs = performance.now();
    const lanes = this.#batchesAtOnce > 1 ? batch.flatMap((it) => it.lanes) : [];
    for (const lane of lanes) this.#busy.add(lane);
    if (this.#batchesAtOnce > 1) this.#watchSlowBatch();
    const ended = this.#apply(batch).finally(() => {
      for (const lane of lanes) this.#busy.delete(lane);
      this.#running = this.#running.filter((it) => it.ended !== ended);
      if (this.#waiting.size > 0) this.#schedule();
    });
    this.#running = [...this.#running, { batch, ended }];
  }

  #watchSlowBatch(): void {
    this.#slowBatch ??= setTimeout(() => {
      if (this.#running.length === 0) return;
      this.#startBatches();
      this.#slowBatch?.refresh();
    }, SLOW_BATCH_MS).unref();
    this.#slowBatch.refresh();
  }

  /**
   * A batch that the database refuses is split in halves and sent again, until the command at fault
   * is alone: one bad command must not fail those of others.
   */
  async #apply(batch: readonly Waiting[], lockedRounds = 0): Promise<void> {
    if (batch.length === 0) return;
    const commands = batch.flatMap(({ command }) => command ?? []);
    if (commands.length > 0 && commands.length < batch.length) {
      // A command may be refused without a write, and would prove nothing.
      await this.#apply(batch.filter(isCheck), lockedRounds);
      await this.#apply(
        batch.filter((it) => !isCheck(it)),
        lockedRounds,
      );
      return;
    }
    const startedMs = this.onBatch ? performance.now() : 0;
    const tell = (results?: readonly Result[]) => {
      if (commands.length === 0) return;
      this.onBatch?.({ commands, results, seconds: (performance.now() - startedMs) / 1_000 });
    };
    try {
      const lockWait = lockedRounds > 0 ? 'briefly' : 'as configured';
      const results = await this.#engine.apply(commands, lockWait);
      tell(results);
      let index = 0;
      for (const it of batch) {
        // A check has no result, and nobody reads it.
        this.#end(it).resolve(results[it.command ? index : -1] as Result);
        if (it.command) index += 1;
      }
    } catch (cause) {
      tell();
      if (cause instanceof RowsLocked && lockedRounds < MAX_LOCKED_ROUNDS) {
        const rest = await this.#setLockedAside(batch);
        if (rest.length < batch.length) {
          await this.#apply(rest, lockedRounds + 1);
          return;
        }
      }
      const isSplit = cause instanceof BatchRefused || cause instanceof RowsLocked;
      if (isSplit && batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        const rounds = cause instanceof RowsLocked ? MAX_LOCKED_ROUNDS : lockedRounds;
        await this.#apply(batch.slice(0, half), rounds);
        await this.#apply(batch.slice(half), rounds);
        return;
      }
      const error = cause instanceof BatchRefused ? cause : unavailable(cause);
      for (const it of batch) this.#end(it).reject(error);
    }
  }

  /** Takes the commands of locked accounts out of a batch; they wait until the lock is gone. */
  async #setLockedAside(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const ids = new Set(batch.flatMap(({ lanes }) => lanes.filter((it) => typeof it === 'number')));
    const locked = await this.#lockedAmong([...ids]);
    const isLocked = ({ lanes }: Waiting) => lanes.some((lane) => locked.has(lane as AccountId));
    for (const id of locked) this.#locked.add(id);
    this.#waiting.putBack(batch.filter(isLocked));
    return batch.filter((it) => !isLocked(it));
  }

  async #lockedAmong(ids: readonly AccountId[]): Promise<Set<AccountId>> {
    const locked = await this.#engine.lockedAmong?.(ids).catch(() => undefined);
    return new Set(locked);
  }

  /** One turn of the clock, while callers wait. */
  #tick(): void {
    this.#turn += 1;
    for (const it of [...this.#running.flatMap(({ batch }) => batch), ...this.#waiting.all]) {
      if (it.state === 'done' || it.deadline > this.#turn) continue;
      const isOutcomeUnknown = it.state === 'sent';
      this.#end(it).reject(new ChitError('ledger_unavailable', { isOutcomeUnknown }));
    }
    this.#waiting.dropDone();
    if (this.#locked.size > 0 && !this.#isLookingAtLocks) void this.#lookAtLocks();
    if (this.#pending > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  async #lookAtLocks(): Promise<void> {
    this.#isLookingAtLocks = true;
    const ids = [...this.#locked];
    const still = await this.#lockedAmong(ids);
    for (const id of ids) if (!still.has(id)) this.#locked.delete(id);
    this.#isLookingAtLocks = false;
    if (this.#waiting.size > 0) this.#schedule();
  }

  #end(waiting: Waiting): Waiting {
    if (waiting.state !== 'done') this.#pending -= 1;
    waiting.state = 'done';
    return waiting;
  }
}

function isCheck({ command }: Waiting): boolean {
  return command === undefined;
}

/** As `inBookingOrder`; checks, which have no command, come first. */
function inOrder(a: Waiting, b: Waiting): number {
  if (!a.command || !b.command) return Number(Boolean(a.command)) - Number(Boolean(b.command));
  return inBookingOrder(a.command, b.command);
}

function unavailable(cause: unknown): ChitError {
  const isOutcomeUnknown = cause instanceof OutcomeUnknown;
  return new ChitError('ledger_unavailable', { isOutcomeUnknown }, { cause });
}

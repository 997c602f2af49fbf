/**
 * Counts of what limits limit, in memory, and shared with other servers where there are any: units
 * are taken ahead from the database, in small leases, and given back if they are not used.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LimitRequest, LimitShare } from '../../store/metering/limit-counts.ts';

/** How long a window lasts. */
export const WINDOW_MS = 60_000;
/** What was taken ahead and has not been used for so long is given back. */
const KEEP_AHEAD_MS = 1_000;
/** How often that is looked at. Room for what goes on is given back each time. */
const GIVE_BACK_EVERY_MS = 50;
/** Where nothing was left, the database is not asked again before: others may give back. */
const ASK_AGAIN_MS = 1_000;
const SWEEP_EVERY_MS = 60_000;
const MAX_KEYS = 500;

/** Asks the database for units; gives the share of each request, in their order. */
export type ShareLimits = (requests: readonly LimitRequest[]) => Promise<readonly LimitShare[]>;

/** What is counted for one account or key. */
export class Count {
  readonly key: string;
  /** Whether it counts in windows, or what goes on at present. */
  readonly hasWindow: boolean;
  /** Units spent here in the window. */
  spent = 0;
  /** Those of others, as the database said last. */
  others = 0;
  /** Units that may be spent here, with those that were, while limits are shared. */
  mine = 0;
  /** Units spent after the window seems to have ended, until the database says which it was. */
  late = 0;
  /** What requests wait for. */
  needed = 0;
  /** What was taken ahead the last time. */
  ahead = 0;
  quota = 0;
  /** The window as the database names it; 0 if it is only known here. */
  window = 0;
  /** When the window ends, by the monotonic clock; 0 before the first unit. */
  endsAtMs = 0;
  usedAtMs = 0;
  refusedAtMs = Number.NEGATIVE_INFINITY;
  /** What is queued for the database; resolves when it has answered. */
  answer: PromiseWithResolvers<void> | undefined;

  constructor(key: string, hasWindow: boolean) {
    this.key = key;
    this.hasWindow = hasWindow;
  }

  hasEnded(nowMs: number): boolean {
    return this.endsAtMs !== 0 && nowMs >= this.endsAtMs;
  }

  /** Begins anew. */
  clear(): void {
    this.spent = 0;
    this.others = 0;
    this.mine = 0;
    this.late = 0;
    this.ahead = 0;
    this.window = 0;
    this.endsAtMs = 0;
    this.refusedAtMs = Number.NEGATIVE_INFINITY;
  }
}

/**
 * All counts of a server.
 *
 * Alone, or while the database is away, it counts in memory and asks nobody. Beside others it may
 * spend only what the database gave it, so that all together never spend more than a limit. It
 * asks for all keys that need some in one statement, and one at a time.
 */
export class SharedCounts {
  readonly #counts = new Map<string, Map<string | number, Count>>();
  readonly #share: ShareLimits | undefined;
  /** What requests wait for goes first. */
  readonly #wanted = new Set<Count>();
  readonly #reported = new Set<Count>();
  /** What may be given back. */
  readonly #loose = new Set<Count>();
  #hasOthers = false;
  #isAway = false;
  #isSending = false;
  #giveBackTimer: NodeJS.Timeout | undefined;
  #sweptAtMs = performance.now();
  /** Called when the database can no longer be asked, with its error, and when it can again. */
  onAway: (error: unknown) => void = () => undefined;
  onBack: () => void = () => undefined;

  /** @param share undefined if no other server can be on the database */
  constructor(share?: ShareLimits) {
    this.#share = share;
  }

  /** Whether units have to be taken from the database. */
  get isShared(): boolean {
    return this.#hasOthers && !this.#isAway && this.#share !== undefined;
  }

  /** The database was reached, and there are other servers or not. */
  noteServers(hasOthers: boolean): void {
    const wasShared = this.isShared;
    this.#hasOthers = hasOthers;
    if (this.#isAway) {
      this.#isAway = false;
      this.onBack();
    }
    if (!this.isShared || wasShared) return;
    // What was counted here alone becomes known to all.
    for (const counts of this.#counts.values()) {
      for (const count of counts.values()) {
        if (count.spent > 0 && count.quota > 0) void this.#queue(count);
      }
    }
  }

  /** The count of something, such as the requests of an account. */
  of(kind: string, id: string | number, hasWindow: boolean): Count {
    let counts = this.#counts.get(kind);
    if (!counts) {
      counts = new Map();
      this.#counts.set(kind, counts);
    }
    const known = counts.get(id);
    if (known) {
      if (!this.isShared && known.hasEnded(performance.now())) known.clear();
      return known;
    }
    this.#sweepSometimes();
    const count = new Count(`${kind}:${id}`, hasWindow);
    counts.set(id, count);
    return count;
  }

  /** How many units may be spent at once. */
  room(count: Count, quota: number): number {
    count.quota = quota;
    if (!this.isShared) return quota - count.spent - (count.hasWindow ? count.others : 0);
    if (count.hasEnded(performance.now())) return 0;
    return Math.min(count.mine, quota) - count.spent;
  }

  /** Whether it is worth asking for more. */
  mayAsk(count: Count): boolean {
    if (!this.isShared) return false;
    const nowMs = performance.now();
    return count.hasEnded(nowMs) || nowMs - count.refusedAtMs >= ASK_AGAIN_MS;
  }

  /** Asks for units; resolves when the database has answered, or cannot. */
  ask(count: Count, units: number): Promise<void> {
    count.needed += units;
    count.usedAtMs = performance.now();
    return this.#queue(count);
  }

  /** Counts units as spent, whether or not there is room. */
  spend(count: Count, units: number): void {
    const nowMs = performance.now();
    count.usedAtMs = nowMs;
    if (count.hasEnded(nowMs)) {
      if (this.isShared) count.late += units;
      else count.clear();
    }
    if (count.late === 0) count.spent += units;
    if (count.hasWindow && count.endsAtMs === 0) count.endsAtMs = nowMs + WINDOW_MS;
    // Without a limit there is nothing to share, such as what runs.
    if (!this.isShared || count.quota === 0) return;
    const left = count.mine - count.spent;
    if (left < 0 || count.late > 0) {
      void this.#queue(count);
    } else if (count.hasWindow && left > 0) {
      // More is taken before it is needed, so that nothing has to wait for it.
      if (count.ahead > 1 && left <= count.ahead / 2) {
        count.ahead = 0;
        void this.ask(count, 1);
      }
      this.#loosen(count);
    }
  }

  /** Something that went on has ended. */
  leave(count: Count): void {
    count.spent = Math.max(0, count.spent - 1);
    if (this.isShared && count.quota > 0) this.#loosen(count);
    else if (count.spent === 0) count.clear();
  }

  #queue(count: Count): Promise<void> {
    if (count.needed > 0) {
      this.#wanted.add(count);
      this.#reported.delete(count);
    } else {
      this.#reported.add(count);
    }
    count.answer ??= Promise.withResolvers();
    if (!this.#isSending) void this.#sendAll();
    return count.answer.promise;
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    await nextTurn();
    for (;;) {
      const counts = [...this.#wanted, ...this.#reported].slice(0, MAX_KEYS);
      if (counts.length === 0) break;
      const answers = counts.map((count) => {
        this.#wanted.delete(count);
        this.#reported.delete(count);
        const { answer } = count;
        count.answer = undefined;
        return answer;
      });
      try {
        await this.#send(counts);
      } catch (error) {
        if (!this.#isAway) this.onAway(error);
        this.#isAway = true;
      }
      for (const answer of answers) answer?.resolve();
    }
    this.#isSending = false;
  }

  async #send(counts: readonly Count[]): Promise<void> {
    const sentAtMs = performance.now();
    const requests = counts.map((count): LimitRequest => {
      const { key, quota, spent, needed, window } = count;
      // Nothing may be spent of what is given back while that is under way.
      if (needed === 0) count.mine = Math.min(count.mine, spent);
      count.needed = 0;
      const isOwn = window === 0 && count.endsAtMs !== 0;
      const ownLeftMs = Math.ceil(Math.max(1, count.endsAtMs - sentAtMs));
      const leftMs = count.hasWindow ? (isOwn ? ownLeftMs : WINDOW_MS) : 0;
      return { key, quota, spent, needed, window, leftMs };
    });
    const shares = (await this.#share?.(requests)) ?? [];
    for (const [index, count] of counts.entries()) {
      const [request, share] = [requests[index], shares[index]];
      if (request && share) this.#apply(count, { request, share, sentAtMs });
    }
  }

  #apply(
    count: Count,
    answer: {
      readonly request: LimitRequest;
      readonly share: LimitShare;
      readonly sentAtMs: number;
    },
  ): void {
    const { request, share, sentAtMs } = answer;
    count.mine = share.mine;
    count.others = share.others;
    let before = request.spent;
    if (count.hasWindow) {
      const isNext = request.window !== 0 && share.window !== request.window;
      if (isNext) {
        count.spent -= request.spent;
        before = 0;
      }
      count.spent += count.late;
      count.late = 0;
      count.window = share.window;
      // From the sending, so that it ends no later here than in the database.
      count.endsAtMs = sentAtMs + share.leftMs;
    }
    const given = share.mine - before;
    count.ahead = Math.max(0, given - request.needed);
    if (request.needed > given) count.refusedAtMs = performance.now();
    else if (request.needed > 0) count.refusedAtMs = Number.NEGATIVE_INFINITY;
    if (count.spent > count.mine) void this.#queue(count);
    else if (count.spent < count.mine) this.#loosen(count);
  }

  #loosen(count: Count): void {
    this.#loose.add(count);
    this.#giveBackTimer ??= setInterval(() => this.#giveBack(), GIVE_BACK_EVERY_MS).unref();
  }

  #giveBack(): void {
    const nowMs = performance.now();
    for (const count of this.#loose) {
      const isOver = !this.isShared || count.mine <= count.spent || count.hasEnded(nowMs);
      const isUnused = !count.hasWindow || nowMs - count.usedAtMs >= KEEP_AHEAD_MS;
      if (!isOver && !isUnused) continue;
      this.#loose.delete(count);
      if (!isOver) void this.#queue(count);
    }
    if (this.#loose.size > 0) return;
    clearInterval(this.#giveBackTimer);
    this.#giveBackTimer = undefined;
  }

  /** Forgets what is over, so that only active ones take memory. */
  #sweepSometimes(): void {
    const nowMs = performance.now();
    if (nowMs - this.#sweptAtMs < SWEEP_EVERY_MS) return;
    this.#sweptAtMs = nowMs;
    for (const counts of this.#counts.values()) {
      for (const [id, count] of counts) {
        const isIdle = count.hasWindow
          ? count.endsAtMs === 0 || nowMs >= count.endsAtMs + WINDOW_MS
          : count.spent === 0 && count.mine === 0;
        if (isIdle && !count.answer && nowMs - count.usedAtMs > WINDOW_MS) counts.delete(id);
      }
    }
  }
}

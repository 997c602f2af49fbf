import { performance } from 'node:perf_hooks';
import type { SearchIndex } from '../../store/chat/search-index.ts';
import { firstIdAt } from '../ids.ts';

/** Ids are given before their messages are stored, on every server with a clock of its own. */
const SETTLED_AFTER_MS = 60_000;
/** How long it works at a time if the server is otherwise idle, and if it is busy. */
const IDLE_BUDGET_MS = 300;
const BUSY_BUDGET_MS = 15;
const BUSY_FROM = 0.5;
/** How often what was erased is merged out of the index of SQLite, if anything was. */
const MERGE_EVERY_MS = 3_600_000;

/**
 * Adds messages to the index of searches, a little at a time: of a second at most a third, and of
 * a busy one the sixtieth part, so that requests hardly notice. Searches wait for none of it.
 */
export class MessageIndexer {
  readonly #index: SearchIndex;
  readonly #now: () => number;
  #load = performance.eventLoopUtilization();
  #mergedAtMs: number;

  constructor(index: SearchIndex, now: () => number) {
    this.#index = index;
    this.#now = now;
    this.#mergedAtMs = now();
  }

  /** To be called every second. @returns how many messages were added */
  async run(isStopping: () => boolean = () => false): Promise<number> {
    const load = performance.eventLoopUtilization(this.#load);
    this.#load = performance.eventLoopUtilization();
    const budgetMs = load.utilization > BUSY_FROM ? BUSY_BUDGET_MS : IDLE_BUDGET_MS;
    const added = await this.#addFor(budgetMs, isStopping);
    if (this.#now() - this.#mergedAtMs > MERGE_EVERY_MS) await this.#merge(isStopping);
    return added;
  }

  async #addFor(budgetMs: number, isStopping: () => boolean): Promise<number> {
    const untilMs = performance.now() + budgetMs;
    const beforeId = firstIdAt(this.#now() - SETTLED_AFTER_MS);
    let added = 0;
    while (!isStopping() && performance.now() < untilMs) {
      const step = await this.#index.step(beforeId);
      added += step.added;
      if (!step.hasMore) break;
      await new Promise(setImmediate);
    }
    return added;
  }

  /** A little at a time, with a turn of the event loop and of the connection between. */
  async #merge(isStopping: () => boolean): Promise<void> {
    this.#mergedAtMs = this.#now();
    let hasMore = await this.#index.merge({ isFirst: true });
    while (hasMore && !isStopping()) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      hasMore = await this.#index.merge({ isFirst: false });
    }
  }
}

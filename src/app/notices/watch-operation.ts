/**
 * Tells operators of models that fail, fallbacks, usage without a price, shortfalls, disks and
 * backups. What a server sees is kept in its memory until its next look, so that no request waits
 * for it; a server that crashes in between has not told of what it saw last.
 */
import { hostname } from 'node:os';
import type { OperatorNotice } from '../../core/notices.ts';
import type { EndedBatch } from '../../ledger/ledger.ts';
import type { Context } from '../context.ts';
import { checkDisk, type FreeBytes } from '../operations/doctor/check-disk.ts';
import { operatorNotice } from './new-notice.ts';

/** A state that nobody has seen for so long is over. */
const OVER_AFTER_MS = 15 * 60_000;
/** What came between two looks; more of it is the same trouble. */
const MOST_SEEN = 100;

/** What one server watches for operators. */
export class OperationWatch {
  readonly #context: Context;
  readonly #freeBytes: FreeBytes | undefined;
  readonly #seen = new Map<string, OperatorNotice>();

  /**
   * Listens from now on, as well as whoever listens already.
   * @param freeBytes in place of asking the system, in tests
   */
  constructor(context: Context, freeBytes?: FreeBytes) {
    this.#context = context;
    this.#freeBytes = freeBytes;
    this.#listen();
  }

  /** Tells of what was seen, and of models and backups that fail now. */
  async look(): Promise<void> {
    const { watches, now } = this.#context;
    for (const model of this.#context.catalogue.all) this.#lookAtModel(model.name);
    this.#lookAtBackups();
    for (const [key, notice] of [...this.#seen]) {
      await watches.raise(key, notice, now());
      // What the database did not take is told of at the next look.
      if (this.#seen.get(key) === notice) this.#seen.delete(key);
    }
    await watches.endAlerts(now() - OVER_AFTER_MS);
  }

  /** Tells of disks that are nearly full. */
  async lookAtDisks(): Promise<void> {
    for (const { code, params } of await checkDisk(this.#context.examined(), this.#freeBytes)) {
      if (code !== 'disk_low' && code !== 'disk_full') continue;
      const { folder, freeBytes } = params as { folder: string; freeBytes: number };
      const data = { host: hostname(), folder, free_bytes: freeBytes };
      this.#note(
        `disk.nearly_full:${hostname()}:${folder}`,
        operatorNotice('disk.nearly_full', data),
      );
    }
  }

  #lookAtModel(model: string): void {
    const { isFailing, failed } = this.#context.modelHealth.of(model);
    if (!isFailing) return;
    const data = { model, failures: failed };
    this.#note(`provider.failing:${model}`, operatorNotice('provider.failing', data));
  }

  #lookAtBackups(): void {
    const failed = this.#context.backups.lastFailure;
    if (!failed) return;
    const data = { host: hostname(), reason: failed.reason };
    this.#note(`backup.failed:${hostname()}`, operatorNotice('backup.failed', data));
  }

  #listen(): void {
    const { modelHealth, ledger } = this.#context;
    const { onFallback, onUnpriced } = modelHealth;
    modelHealth.onFallback = (reply) => {
      onFallback(reply);
      const { model, fallback } = reply;
      const notice = operatorNotice('fallback.used', { model, fallback });
      this.#note(`fallback.used:${model}`, notice);
    };
    modelHealth.onUnpriced = (usage) => {
      onUnpriced(usage);
      const { model, unit } = usage;
      const notice = operatorNotice('usage.unpriced', { model, units: [unit] });
      this.#note(`usage.unpriced:${model}:${unit}`, notice);
    };
    const { onBatch } = ledger;
    ledger.onBatch = (batch) => {
      onBatch?.(batch);
      this.#lookAtBatch(batch);
    };
  }

  #lookAtBatch({ commands, results }: EndedBatch): void {
    if (!results) return;
    for (const [index, result] of results.entries()) {
      if (result.outcome !== 'settled' || result.shortfallCredits === 0) continue;
      const command = commands[index];
      if (command?.kind !== 'settle') continue;
      const { generationId, accountId, payerId, charged } = command;
      const data = {
        transfer_id: generationId,
        tokens: result.shortfallCredits,
        model: charged?.model ?? null,
      };
      const payer = payerId ?? accountId;
      const notice = operatorNotice('charge.shortfall', data, { userId: accountId });
      this.#note(`charge.shortfall:${payer}`, notice);
    }
  }

  #note(key: string, notice: OperatorNotice): void {
    if (this.#seen.size < MOST_SEEN || this.#seen.has(key)) this.#seen.set(key, notice);
  }
}

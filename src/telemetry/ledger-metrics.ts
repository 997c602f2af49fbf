import type { Registry } from 'prom-client';
import type { Command, Result } from '../core/ledger.ts';
import type { EndedBatch } from '../ledger/ledger.ts';
import { Counter, Histogram } from './instruments.ts';

const COMMANDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts what the ledger of this server has booked. */
export class LedgerMetrics {
  readonly #commands;
  readonly #seconds;
  readonly #failures;
  readonly #charged;
  readonly #shortfall;
  readonly #refunded;
  readonly #granted;
  readonly #withdrawn;
  readonly #renewals;

  constructor(registry: Registry) {
    const counter = (name: string, help: string) =>
      new Counter(registry, { name, help, labels: [] }).of();
    this.#commands = new Histogram(registry, {
      name: 'chit_ledger_batch_commands',
      help: 'Commands per transaction of the ledger.',
      labels: [],
      buckets: COMMANDS,
    }).of();
    this.#seconds = new Histogram(registry, {
      name: 'chit_ledger_batch_duration_seconds',
      help: 'How long a transaction of the ledger took until it was durable.',
      labels: [],
      buckets: SECONDS,
    }).of();
    this.#failures = counter(
      'chit_ledger_batch_failures_total',
      'Transactions of the ledger that failed, so that nothing of them was booked.',
    );
    this.#charged = counter('chit_credits_charged_total', 'Credits charged for replies.');
    this.#shortfall = counter(
      'chit_credits_shortfall_total',
      'Credits that replies cost beyond what was held for them. Nobody pays them.',
    );
    this.#refunded = counter('chit_credits_refunded_total', 'Credits refunded.');
    this.#granted = new Counter(registry, {
      name: 'chit_credits_granted_total',
      help: 'Credits given to accounts: by staff, at sign-up, by vouchers.',
      labels: ['by'],
    });
    for (const by of ['staff', 'signup', 'voucher']) this.#granted.of(by);
    this.#withdrawn = counter(
      'chit_credits_withdrawn_total',
      'Credits taken from accounts by staff.',
    );
    this.#renewals = counter('chit_renewals_total', 'Allowances renewed.');
  }

  /** For `Ledger.onBatch`. */
  readonly note = ({ commands, results, seconds }: EndedBatch): void => {
    if (!results) {
      this.#failures.value += 1;
      return;
    }
    this.#commands.observe(commands.length);
    this.#seconds.observe(seconds);
    for (let index = 0; index < commands.length; index += 1) {
      const command = commands[index] as Command;
      if (command.kind !== 'hold' && command.kind !== 'journal') {
        this.#noteResult(command, results[index] as Result);
      }
    }
  };

  #noteResult(command: Command, result: Result): void {
    switch (result.outcome) {
      case 'settled':
        this.#charged.value += result.chargedCredits;
        this.#shortfall.value += result.shortfallCredits;
        break;
      case 'refunded':
        this.#refunded.value += result.credits;
        break;
      case 'redeemed':
        this.#granted.of('voucher').value += result.credits;
        break;
      case 'renewed':
        this.#renewals.value += result.accounts;
        break;
      case 'opened':
        if (command.kind === 'open') this.#granted.of('signup').value += command.openingCredits;
        break;
      case 'granted':
        if (command.kind === 'grant') this.#give(command.credits);
        break;
      case 'distributed':
        if (command.kind !== 'distribute') break;
        for (const { credits } of command.entries) this.#give(credits);
        break;
    }
  }

  #give(credits: number): void {
    if (credits >= 0) this.#granted.of('staff').value += credits;
    else this.#withdrawn.value -= credits;
  }
}

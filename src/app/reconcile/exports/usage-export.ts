/** What a provider's export of usage says, whatever its format. */
import { type BilledUnit, Tally, type ToldByExport } from '../../../core/reconciliation.ts';
import { INPUT_UNITS, OUTPUT_UNITS } from '../../../core/units.ts';

/** Whose export it is. */
export type ExportFamily = 'openai' | 'anthropic';

/** An export that cannot be read; the message says why and what to do. */
export class ExportFault extends Error {}

/** What a provider bills of a model on a day. */
export interface ProviderDay {
  readonly tally: Tally;
  /** How many requests it counts; undefined if the export does not tell. */
  requests: number | undefined;
}

/** One line of an export. */
export interface UsageRecord {
  readonly day: string;
  /** As the provider names it; empty for what belongs to no model. */
  readonly model: string;
  /** Empty for the standard one, and if it is not told. */
  readonly tier: string;
  /** undefined is not told, which is not 0. */
  readonly counts: Readonly<Partial<Record<BilledUnit, number | undefined>>>;
  readonly requests: number | undefined;
  /** What the line says something about, also if nothing of it was used. */
  readonly told: Omit<ToldByExport, 'units'> & { readonly units: readonly BilledUnit[] };
}

/** The usage of one or more files, summed up by UTC day and model as the lines are added. */
export class UsageExport implements Iterable<readonly [string, string, ProviderDay]> {
  readonly family: ExportFamily;
  readonly #days = new Map<string, Map<string, ProviderDay>>();
  readonly #units = new Set<BilledUnit>();
  readonly #span: { from?: string; to?: string } = {};
  #isCacheTold = true;
  #isTierTold = false;
  #isSpeedTold = false;
  /** Whether a file ends with the mark that further pages follow. */
  isCutOff = false;

  constructor(family: ExportFamily) {
    this.family = family;
  }

  /** The first and the last day that it covers, as `2026-11-23`; undefined if there are none. */
  get span(): { readonly from: string; readonly to: string } | undefined {
    const { from, to } = this.#span;
    return from === undefined || to === undefined ? undefined : { from, to };
  }

  get told(): ToldByExport {
    return {
      units: this.#units.size > 0 ? this.#units : new Set([...INPUT_UNITS, ...OUTPUT_UNITS]),
      cache: this.#isCacheTold,
      tiers: this.#isTierTold,
      speed: this.#isSpeedTold,
    };
  }

  /** Says that the export covers a day, also if nothing was used on it. */
  cover(day: string): void {
    const span = this.#span;
    if (span.from === undefined || day < span.from) span.from = day;
    if (span.to === undefined || day > span.to) span.to = day;
  }

  add(record: UsageRecord): void {
    const { told } = record;
    this.cover(record.day);
    for (const unit of told.units) this.#units.add(unit);
    if (told.tiers) this.#isTierTold = true;
    if (told.speed) this.#isSpeedTold = true;
    const counts = Object.entries(record.counts).filter(([, count]) => count);
    if (counts.length === 0 && !record.requests) return;
    // What has no input says nothing about its cache.
    if (!told.cache && record.counts.input) this.#isCacheTold = false;
    const models = this.#days.get(record.day) ?? new Map<string, ProviderDay>();
    this.#days.set(record.day, models);
    const model = baseNameOf(record.model);
    const { tally, requests } = models.get(model) ?? { tally: new Tally(), requests: undefined };
    const isRequestsTold = requests !== undefined || record.requests !== undefined;
    models.set(model, {
      tally,
      requests: isRequestsTold ? (requests ?? 0) + (record.requests ?? 0) : undefined,
    });
    for (const [unit, count = 0] of counts) {
      tally.add({ unit: unit as BilledUnit, tier: record.tier, count });
    }
  }

  /** Day, model and what is billed of it. */
  *[Symbol.iterator](): Iterator<readonly [string, string, ProviderDay]> {
    for (const [day, models] of this.#days) {
      for (const [model, used] of models) yield [day, model, used];
    }
  }
}

/**
 * The name of a model without the date of its snapshot: an export names the snapshot that answered
 * (`gpt-5-2025-08-07`) where the request has the name of the model (`gpt-5`).
 */
export function baseNameOf(model: string): string {
  return model.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$/, '');
}

/** Whether a member or a field has a value. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/**
 * Reads a count, which CSV files may have as `3.0`.
 * @returns undefined if it is not given
 * @throws ExportFault
 */
export function countFrom(value: unknown, name: string): number | undefined {
  if (!isGiven(value)) return undefined;
  const count = typeof value === 'boolean' ? Number.NaN : Number(value);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new ExportFault(`"${name}" must be a whole number, and it is ${JSON.stringify(value)}.`);
}

/**
 * The UTC day of a time.
 * @param value seconds since 1970, or a time or a day in ISO 8601, in UTC if it has no offset
 * @throws ExportFault
 */
export function dayFrom(value: unknown, name: string): string {
  const text = String(value ?? '').trim();
  const isLocal = /^\d{4}-\d{2}-\d{2}[T ][\d:.]+$/.test(text);
  const ms = /^\d+(\.0+)?$/.test(text)
    ? Number(text) * 1_000
    : Date.parse(isLocal ? `${text.replace(' ', 'T')}Z` : text);
  if (ms >= 0 && ms < MAX_MS) return new Date(ms).toISOString().slice(0, DAY_LENGTH);
  throw new ExportFault(`"${name}" must be a time, and it is ${JSON.stringify(value)}.`);
}

const DAY_LENGTH = '2026-11-23'.length;
/** The year 9999; later ones have more digits. */
const MAX_MS = Date.UTC(9_999, 0);

/** Splits a whole into its parts, none more than is left; returns the parts and the rest. */
export function parted<Name extends string>(
  whole: number,
  parts: Readonly<Record<Name, number | undefined>>,
): Record<Name, number> & { readonly rest: number } {
  let rest = whole;
  const taken: Partial<Record<Name, number>> = {};
  for (const [name, count] of Object.entries(parts) as [Name, number | undefined][]) {
    const part = Math.min(count ?? 0, rest);
    taken[name] = part;
    rest -= part;
  }
  return { ...(taken as Record<Name, number>), rest };
}

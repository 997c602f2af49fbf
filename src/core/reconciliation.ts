/** Compares what a provider bills with what was booked, and says why they differ. */
import { INPUT_UNITS, OUTPUT_UNITS, UNITS, type Unit } from './units.ts';
import type { Usage } from './usage.ts';

/** What providers count: the units of prices, and tools for which a price has no unit. */
export type BilledUnit = Unit | 'file_search' | 'code_session';

export const BILLED_UNITS: readonly BilledUnit[] = [...UNITS, 'file_search', 'code_session'];

/** So many of a unit in a service tier; the name of the standard tier is empty. */
export interface TallyEntry {
  readonly unit: BilledUnit;
  readonly tier: string;
  readonly count: number;
}

/** Counts by unit and service tier, which may be negative. */
export class Tally {
  readonly #entries = new Map<string, TallyEntry>();

  add({ unit, tier, count }: TallyEntry): void {
    const key = `${unit} ${tier}`;
    const sum = (this.#entries.get(key)?.count ?? 0) + count;
    this.#entries.set(key, { unit, tier, count: sum });
  }

  addUsage({ counts, tier = '' }: Usage): void {
    for (const unit of UNITS) {
      const count = counts[unit];
      if (count) this.add({ unit, tier, count });
    }
  }

  addAll(entries: Iterable<TallyEntry>): void {
    for (const entry of entries) this.add(entry);
  }

  /** What is not 0, in the order of units and the names of tiers. */
  entries(): TallyEntry[] {
    const byUnit = (unit: BilledUnit) => BILLED_UNITS.indexOf(unit);
    return [...this.#entries.values()]
      .filter(({ count }) => count !== 0)
      .toSorted((a, b) => byUnit(a.unit) - byUnit(b.unit) || (a.tier < b.tier ? -1 : 1));
  }

  /** The sum of some units over all tiers. */
  sumOf(units: readonly BilledUnit[]): number {
    return this.entries().reduce((sum, it) => sum + (units.includes(it.unit) ? it.count : 0), 0);
  }
}

/** What was booked of a model on a day. */
export interface BookedDay {
  readonly tally: Tally;
  /** The part of it that no provider told, so that Chit counted it itself. */
  readonly counted: Tally;
  /** How many requests were charged. */
  readonly replies: number;
  /**
   * How many requests the provider may have billed otherwise than they were booked: replies that
   * broke off or that no provider told the usage of, and attempts that were not charged.
   */
  readonly uncertain: number;
}

/** What an export says at all; the rest cannot be compared. */
export interface ToldByExport {
  readonly units: ReadonlySet<BilledUnit>;
  /** Whether it tells input that was read from the cache from other input. */
  readonly cache: boolean;
  /** Whether it tells service tiers. */
  readonly tiers: boolean;
  /** Whether it tells fast answers from others, which Anthropic does apart from its tiers. */
  readonly speed: boolean;
}

/**
 * Why a provider bills otherwise than was booked:
 *
 * - `broken off`: requests of that day and model broke off, failed or were counted by Chit, and
 *   the provider has billed what was booked differently or not at all.
 * - `cache`: all input together agrees, but not how much of it was read from the cache or written.
 * - `tool`: searches and other things that are not tokens.
 * - `tier`: the tokens agree, but not in which service tier they were used.
 * - `unknown`: nothing in the book explains it.
 */
export type DifferenceClass = 'broken off' | 'cache' | 'tool' | 'tier' | 'unknown';

/** What the provider bills beyond what was booked; less of it is negative. */
export interface Difference {
  readonly class: DifferenceClass;
  readonly entries: readonly TallyEntry[];
}

const CACHED: Readonly<Partial<Record<BilledUnit, Unit>>> = {
  cached_input: 'input',
  cache_write_5m: 'input',
  cache_write_1h: 'input',
  cached_audio_input: 'audio_input',
};
const IMAGES: Readonly<Partial<Record<BilledUnit, Unit>>> = {
  image_input: 'input',
  image_output: 'output',
};

/**
 * Compares a day of a model. The differences together are exactly what the provider has beyond the
 * book, in what the export tells.
 * @returns nothing if the two agree
 */
export function differencesOf(
  book: BookedDay,
  provider: Tally,
  told: ToldByExport,
): readonly Difference[] {
  // Answers of chat models do not tell the tokens of images apart, and exports do.
  const hasImages = book.tally.sumOf(['image_input', 'image_output']) > 0;
  const comparable = (tally: Tally) => comparableEntries(tally, told, hasImages);
  const rest = new Tally();
  rest.addAll(comparable(provider));
  for (const entry of comparable(book.tally)) rest.add({ ...entry, count: -entry.count });
  const tools = rest.entries().filter(({ unit }) => !isToken(unit));
  for (const entry of tools) rest.add({ ...entry, count: -entry.count });
  const tiers = new Tally();
  for (const unit of BILLED_UNITS) {
    tiers.addAll(cancelling(rest, (it) => it.unit === unit));
  }
  const cache = new Tally();
  cache.addAll(cancelling(rest, ({ unit }) => isInput(unit)));
  const counted = new Tally();
  counted.addAll(comparable(book.counted));
  const isExplained = ({ unit, count }: TallyEntry) =>
    count > 0
      ? book.uncertain > 0
      : -count <= counted.sumOf(isInput(unit) ? INPUT_UNITS : OUTPUT_UNITS);
  const others = rest.entries();
  const all: Difference[] = [
    { class: 'broken off', entries: others.filter(isExplained) },
    { class: 'cache', entries: cache.entries() },
    { class: 'tool', entries: tools },
    { class: 'tier', entries: tiers.entries() },
    { class: 'unknown', entries: others.filter((it) => !isExplained(it)) },
  ];
  return all.filter(({ entries }) => entries.length > 0);
}

function isInput(unit: BilledUnit): boolean {
  return (INPUT_UNITS as readonly BilledUnit[]).includes(unit);
}

function isToken(unit: BilledUnit): boolean {
  return isInput(unit) || (OUTPUT_UNITS as readonly BilledUnit[]).includes(unit);
}

/** What of a tally can be compared, with the units that both sides tell apart. */
function comparableEntries(tally: Tally, told: ToldByExport, hasImages: boolean): TallyEntry[] {
  return tally.entries().flatMap(({ unit, tier, count }) => {
    if (!told.units.has(unit)) return [];
    const known = (told.cache ? undefined : CACHED[unit]) ?? (hasImages ? undefined : IMAGES[unit]);
    return [{ unit: known ?? unit, tier: isTierTold(tier, told) ? tier : '', count }];
  });
}

/** A batch is told by itself; Chit never sends one. */
function isTierTold(tier: string, { tiers, speed }: ToldByExport): boolean {
  return tier === 'batch' || (tier === 'fast' ? speed : tiers);
}

/**
 * Takes out of a tally what cancels out among some of its entries: as much that is more as there is
 * less elsewhere. Plain input is taken last, so that what remains is plain input where possible.
 */
function cancelling(rest: Tally, isTaken: (entry: TallyEntry) => boolean): TallyEntry[] {
  const entries = rest.entries().filter(isTaken);
  const sumOf = (sign: 1 | -1) =>
    entries.reduce((sum, { count }) => sum + Math.max(0, sign * count), 0);
  const moved = Math.min(sumOf(1), sumOf(-1));
  const left = { more: moved, less: moved };
  const inOrder = [
    ...entries.filter(({ unit }) => unit !== 'input'),
    ...entries.filter(({ unit }) => unit === 'input'),
  ];
  const taken = inOrder.flatMap(({ unit, tier, count }) => {
    const side = count > 0 ? 'more' : 'less';
    const size = Math.min(Math.abs(count), left[side]);
    left[side] -= size;
    return size === 0 ? [] : [{ unit, tier, count: count > 0 ? size : -size }];
  });
  for (const entry of taken) rest.add({ ...entry, count: -entry.count });
  return taken;
}

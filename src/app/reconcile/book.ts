/** What was booked of a provider's models, by UTC day. */
import { type BookedDay, Tally } from '../../core/reconciliation.ts';
import type { Model } from '../../models/catalogue.ts';
import type { BookedGeneration } from '../../store/usage/completed-generations.ts';
import type { Context } from '../context.ts';
import { idFrom, periodsOf, timeOfId } from '../usage/periods.ts';
import { baseNameOf } from './exports/usage-export.ts';

/** Generations read at a time: what is kept of them does not depend on how many there are. */
const PAGE = 2_000;

/** What to read. */
export interface BookQuery {
  /** From when until when, in milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The models that are compared, by their names here. */
  readonly models: ReadonlyMap<string, Model>;
  /** All models on offer. */
  readonly isOffered: (name: string) => boolean;
  /** The models of the export, by their names at the provider. */
  readonly isExported: (baseName: string) => boolean;
}

/** The book's side. */
export interface Book {
  readonly days: ReadonlyMap<string, ReadonlyMap<string, BookedDay>>;
  /** Charges of models that are no longer on offer, so that their provider is not known. */
  readonly ofUnknownModels: ReadonlyMap<string, number>;
}

/** Grows while the book is read. */
class OpenDay implements BookedDay {
  readonly tally = new Tally();
  readonly counted = new Tally();
  replies = 0;
  uncertain = 0;
}

/**
 * Reads the ended generations of a time. A generation belongs to the day on which it began.
 * @param onProgress told the time up to which it is read, in milliseconds
 */
export async function readBook(
  completedGenerations: Pick<Context['completedGenerations'], 'booked'>,
  query: BookQuery,
  onProgress: (atMs: number) => void,
): Promise<Book> {
  const reading = new Reading(query);
  const to = idFrom(query.toMs);
  let after = idFrom(query.fromMs);
  for (;;) {
    const page = await completedGenerations.booked({ after, to, limit: PAGE });
    for (const generation of page) reading.add(generation);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return reading;
    after = last.id;
    onProgress(timeOfId(after));
  }
}

class Reading implements Book {
  readonly days = new Map<string, Map<string, OpenDay>>();
  readonly ofUnknownModels = new Map<string, number>();
  readonly #query: BookQuery;

  constructor(query: BookQuery) {
    this.#query = query;
  }

  add({ id, model, charge }: BookedGeneration): void {
    const { day } = periodsOf(timeOfId(id));
    if (!charge) {
      // Each of the models that may have been asked may have been billed.
      const { fallbacks = [] } = this.#query.models.get(model) ?? {};
      for (const asked of [model, ...fallbacks]) this.#uncertain(day, asked);
      return;
    }
    // What was asked first has failed, if another model answered.
    if (charge.model !== model) this.#uncertain(day, model);
    const open = this.#dayOf(day, charge.model);
    if (!open) {
      if (!this.#query.isOffered(charge.model)) {
        const charges = this.ofUnknownModels.get(charge.model) ?? 0;
        this.ofUnknownModels.set(charge.model, charges + 1);
      }
      return;
    }
    const { usage, usageSource, isIncomplete } = charge;
    open.replies += 1;
    open.tally.addUsage(usage);
    if (usageSource === 'counted') open.counted.addUsage(usage);
    const isUntold = usageSource === 'flat' && Object.keys(usage.counts).length === 0;
    if (usageSource === 'counted' || isUntold || isIncomplete) open.uncertain += 1;
  }

  #uncertain(day: string, model: string): void {
    const open = this.#dayOf(day, model);
    if (open) open.uncertain += 1;
  }

  /** undefined if the model is not one of those that are compared. */
  #dayOf(day: string, name: string): OpenDay | undefined {
    const { models, isOffered, isExported } = this.#query;
    const upstream = models.get(name)?.upstream?.model;
    const baseName = baseNameOf(upstream ?? name);
    // A model that was taken off often has the name that it has at its provider.
    if (upstream === undefined && (isOffered(name) || !isExported(baseName))) return undefined;
    const ofDay = this.days.get(day) ?? new Map<string, OpenDay>();
    this.days.set(day, ofDay);
    const open = ofDay.get(baseName) ?? new OpenDay();
    ofDay.set(baseName, open);
    return open;
  }
}

/** Compares what providers bill with the ledger. */
import {
  type BookedDay,
  type DifferenceClass,
  differencesOf,
  Tally,
  type TallyEntry,
} from '../../core/reconciliation.ts';
import type { Model } from '../../models/catalogue.ts';
import type { Context } from '../context.ts';
import { readBook } from './book.ts';
import {
  baseNameOf,
  ExportFault,
  type ProviderDay,
  type UsageExport,
} from './exports/usage-export.ts';
import { type Money, ProviderRates } from './provider-rates.ts';

/** What to compare. */
export interface ReconcileRequest {
  /** Providers of the deployment; by default the only one whose format the export has. */
  readonly providers: readonly string[];
  /** The first and the last day, as `2026-11-23`; by default those of the export. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** A difference and its class. */
export interface ClassedDifference {
  readonly class: DifferenceClass;
  /** What the provider bills beyond the book; less is negative. */
  readonly entries: readonly TallyEntry[];
  readonly cost: Money;
}

/** A day of a model. */
export interface ReconciledDay {
  readonly day: string;
  /** The provider's name for it, without the date of a snapshot. */
  readonly model: string;
  readonly book: BookedDay;
  readonly provider: ProviderDay;
  /** None if the two agree. */
  readonly differences: readonly ClassedDifference[];
}

/** What was compared. */
export interface Reconciliation {
  readonly providers: readonly string[];
  readonly from: string;
  readonly to: string;
  /** By day, then by model. */
  readonly days: readonly ReconciledDay[];
  /** Charges of models that are no longer on offer, by name: they are not compared. */
  readonly ofUnknownModels: ReadonlyMap<string, number>;
  /** Whether pages of the export are missing at its end. */
  readonly isCutOff: boolean;
}

/** What of the program it needs. */
export interface ReconcileContext {
  readonly catalogue: Pick<Context['catalogue'], 'all' | 'find'>;
  readonly deployment: Pick<Context['deployment'], 'tokenIsWorth'>;
  readonly completedGenerations: Pick<Context['completedGenerations'], 'booked'>;
}

/**
 * Compares an export with the book.
 * @param onProgress told how many of the days have been read
 * @throws ExportFault if there are no days, or it is not clear which provider the export is of
 */
export async function reconcile(
  context: ReconcileContext,
  usage: UsageExport,
  request: ReconcileRequest,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Reconciliation> {
  const { catalogue, deployment, completedGenerations } = context;
  const providers = providersFor(catalogue.all, usage, request.providers);
  const from = request.from ?? usage.span?.from;
  const to = request.to ?? usage.span?.to;
  if (from === undefined || to === undefined) {
    throw new ExportFault('The export has no days. Say which to compare with --from and --to.');
  }
  if (from > to) throw new ExportFault(`There are no days from ${from} to ${to}.`);
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to) + DAY_MS];
  const models = catalogue.all.filter((it) => providers.includes(providerOf(it) ?? ''));
  const byBaseName = new Map(models.map((it) => [baseNameOf(it.upstream?.model ?? ''), it]));
  const billed = new Map<string, ProviderDay>();
  const exported = new Set<string>();
  for (const [day, model, used] of usage) {
    exported.add(model);
    if (from <= day && day <= to) billed.set(keyOf(day, model), used);
  }
  const { days, ofUnknownModels } = await readBook(
    completedGenerations,
    {
      fromMs,
      toMs,
      models: new Map(models.map((it) => [it.name, it])),
      isOffered: (name) => catalogue.find(name) !== undefined,
      isExported: (baseName) => exported.has(baseName),
    },
    (atMs) => onProgress(Math.floor((atMs - fromMs) / DAY_MS), (toMs - fromMs) / DAY_MS),
  );
  const booked = new Map<string, BookedDay>();
  for (const [day, ofDay] of days) {
    for (const [model, open] of ofDay) booked.set(keyOf(day, model), open);
  }
  const rates = await ProviderRates.load(deployment.tokenIsWorth);
  const keys = [...new Set([...billed.keys(), ...booked.keys()])].toSorted();
  const all = keys.map((key): ReconciledDay => {
    const [day = '', model = ''] = key.split(SEPARATOR);
    const book = booked.get(key) ?? NOTHING_BOOKED;
    const provider = billed.get(key) ?? NOTHING_BILLED;
    const differences = differencesOf(book, provider.tally, usage.told).map((it) => ({
      ...it,
      cost: rates.costOf(it.entries, byBaseName.get(model), Date.parse(day)),
    }));
    return { day, model, book, provider, differences };
  });
  return {
    providers,
    from,
    to,
    ofUnknownModels,
    isCutOff: usage.isCutOff,
    // Attempts that failed, and were not billed, need not be shown.
    days: all.filter(
      ({ book, provider }) => book.replies > 0 || provider.tally.entries().length > 0,
    ),
  };
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Sorts before all that names of models contain. */
const SEPARATOR = '\n';

function keyOf(day: string, model: string): string {
  return `${day}${SEPARATOR}${model}`;
}

const NOTHING_BOOKED: BookedDay = {
  tally: new Tally(),
  counted: new Tally(),
  replies: 0,
  uncertain: 0,
};
const NOTHING_BILLED: ProviderDay = { tally: new Tally(), requests: undefined };

/** The providers that an export is of. */
function providersFor(
  models: readonly Model[],
  { family }: UsageExport,
  named: readonly string[],
): readonly string[] {
  const all = [...new Set(models.flatMap(({ upstream }) => upstream?.provider.settings ?? []))];
  const unknown = named.find((name) => all.every((it) => it.name !== name));
  if (unknown !== undefined) {
    throw new ExportFault(`No model on offer is of a provider "${unknown}".${listOf(all)}`);
  }
  if (named.length > 0) return named;
  const ofKind = all.filter(({ kind }) => kind === family);
  const likely = ofKind.length > 0 ? ofKind : all.filter((it) => it.family === family);
  if (likely.length === 1) return likely.map(({ name }) => name);
  const reason =
    likely.length === 0
      ? 'No model on offer is of a provider with this kind of export.'
      : 'Several providers have this kind of export.';
  throw new ExportFault(`${reason} Say which with --provider.${listOf(all)}`);
}

function listOf(all: readonly { readonly name: string }[]): string {
  return all.length === 0 ? '' : ` There are: ${all.map(({ name }) => name).join(', ')}.`;
}

function providerOf({ upstream }: Model): string | undefined {
  return upstream?.provider.settings.name;
}

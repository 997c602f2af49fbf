/** What is charged for each model, beside what its provider takes by the catalogue. */
import type { Deployment, ModelSettings, ProviderSettings } from '../../core/deployment.ts';
import {
  type Fraction,
  isFlat,
  isMore,
  type Price,
  type PricedUnit,
  rateOf,
  times,
} from '../../core/pricing.ts';
import { PRICED_UNITS, shownAmount, shownTiers, sizeOf } from '../../core/shown-price.ts';
import type {
  CatalogueModel,
  CatalogueQuery,
  DollarPrice,
  DollarRates,
} from '../../models/prices/price-catalogue.ts';
import type { PriceCatalogue } from '../../models/prices/read-price.ts';

/** What the provider of a unit will take, from a moment on. */
export interface ComingPrice {
  readonly atMs: number;
  readonly dollars: number;
  /** Whether what is charged then is at least that. */
  readonly isCovered: boolean;
}

/** One unit of a model. Amounts are for `per` of it; undefined is what nobody says. */
export interface ComparedRate {
  readonly unit: PricedUnit;
  readonly per: number;
  /** It is for requests with more input than this; undefined if it is for all. */
  readonly aboveInput: number | undefined;
  /** In credits. */
  readonly charged: number | undefined;
  /** What the provider takes, in credits. */
  readonly provider: number | undefined;
  /** The same in dollars. */
  readonly providerDollars: number | undefined;
  /** The share of the charge that is left, 0.2 for 20 %; undefined if nothing is charged. */
  readonly margin: number | undefined;
  /**
   * Whether the provider takes more than is charged. A price per message is for all that is used,
   * so that nobody can say it of a unit.
   */
  readonly isBelowProvider: boolean;
  /** Dollars of the catalogue, if the file says that the provider takes something else. */
  readonly catalogueDollars: number | undefined;
  readonly coming: readonly ComingPrice[];
}

/** The prices of a model. */
export interface ComparedModel {
  readonly model: string;
  readonly provider: string;
  readonly upstream: string;
  readonly isInCatalogue: boolean;
  readonly rates: readonly ComparedRate[];
  /** Factors by service tier. */
  readonly tiers: Readonly<Record<string, number>>;
}

/** Compares the prices of all models at a time with the catalogue of this installation. */
export async function compareWithCatalogue(
  deployment: Deployment,
  nowMs: number,
): Promise<ComparedModel[]> {
  // It takes 22 MB, which a server that nobody asks for this does not need.
  const { findInCatalogue: find, nearestInCatalogue: nearest } = await import(
    '../../models/prices/price-catalogue.ts'
  );
  return comparePrices(deployment, { catalogue: { find, nearest }, nowMs });
}

/** Compares the prices of all models at a time. */
export function comparePrices(
  deployment: Deployment,
  { catalogue, nowMs }: { readonly catalogue: PriceCatalogue; readonly nowMs: number },
): ComparedModel[] {
  const { models, providers, tokenIsWorth } = deployment;
  return models.map((settings) => {
    const { name, provider, upstreamModel, catalogueName = upstreamModel } = settings;
    const upstream = providers.find((it) => it.name === provider);
    const known = upstream && catalogue.find(queryOf(upstream, catalogueName));
    const price = settings.priceAt?.(nowMs) ?? settings.price;
    return {
      model: name,
      provider,
      upstream: upstreamModel,
      isInCatalogue: known !== undefined,
      rates: comparedRates({ settings, price, known, tokenIsWorth, nowMs }),
      tiers: shownTiers(price),
    };
  });
}

function queryOf({ baseUrl, kind }: ProviderSettings, model: string): CatalogueQuery {
  return { baseUrl, kind, model };
}

interface Compared {
  readonly settings: ModelSettings;
  readonly price: Price;
  readonly known: CatalogueModel | undefined;
  readonly tokenIsWorth: Fraction | undefined;
  readonly nowMs: number;
}

function comparedRates(compared: Compared): ComparedRate[] {
  const { settings, price, known, nowMs } = compared;
  const provider = settings.providerPriceAt?.(nowMs) ?? settings.providerPrice;
  const catalogue = known?.priceAt(nowMs);
  const all = [price, provider, catalogue].filter((it) => it !== undefined);
  const limits = all.flatMap(({ steps = [] }) => steps.map(({ aboveInput }) => aboveInput));
  const steps = [undefined, ...new Set(limits.toSorted((a, b) => a - b))];
  return steps.flatMap((aboveInput) =>
    PRICED_UNITS.flatMap((unit) => {
      const isPriced = all.some(({ rates, steps: its = [] }) =>
        aboveInput === undefined
          ? unit in rates
          : its.some((it) => it.aboveInput === aboveInput && unit in it.rates),
      );
      return isPriced ? [comparedRate(compared, { provider, unit, aboveInput })] : [];
    }),
  );
}

function comparedRate(
  compared: Compared,
  of: {
    readonly provider: Price | undefined;
    readonly unit: PricedUnit;
    readonly aboveInput: number | undefined;
  },
): ComparedRate {
  const { price, known, tokenIsWorth, nowMs } = compared;
  const { provider, unit, aboveInput } = of;
  const input = (aboveInput ?? -1) + 1;
  const shown = (rate: Fraction | undefined) => rate && shownAmount(rate, unit);
  const charged = rateOf(price, unit, input);
  // A rate of nothing that nobody wrote says nothing.
  const taken = provider && isWritten(provider, unit) ? rateOf(provider, unit, input) : undefined;
  const dollars = taken && tokenIsWorth && times(taken, tokenIsWorth);
  const ofCatalogue = known && dollarsAt(known.priceAt(nowMs), unit, input);
  const isOutdated = dollars && ofCatalogue && shown(dollars) !== shown(ofCatalogue);
  const chargedAmount = shown(charged);
  const takenAmount = shown(taken);
  const isTaken = chargedAmount !== undefined && takenAmount !== undefined;
  return {
    unit,
    per: sizeOf(unit),
    aboveInput,
    charged: chargedAmount,
    provider: takenAmount,
    providerDollars: shown(dollars ?? ofCatalogue),
    margin: isTaken && chargedAmount > 0 ? marginOf(chargedAmount, takenAmount) : undefined,
    isBelowProvider: Boolean(charged && taken && isMore(taken, charged) && !isFlat(price)),
    catalogueDollars: isOutdated ? shown(ofCatalogue) : undefined,
    coming: known ? comingPrices(compared, known, { unit, input }) : [],
  };
}

function isWritten({ rates, steps = [] }: Price, unit: PricedUnit): boolean {
  return unit !== 'message' || [rates, ...steps.map((it) => it.rates)].some((it) => unit in it);
}

function marginOf(charged: number, taken: number): number {
  return Math.round((1 - taken / charged) * 10_000) / 10_000;
}

function comingPrices(
  { settings, price, tokenIsWorth, nowMs }: Compared,
  known: CatalogueModel,
  { unit, input }: { readonly unit: PricedUnit; readonly input: number },
): ComingPrice[] {
  let before = dollarsAt(known.priceAt(nowMs), unit, input);
  return known.changesAfter(nowMs).flatMap(({ atMs, price: then }): ComingPrice[] => {
    const dollars = dollarsAt(then, unit, input);
    const isSame = dollars && before && !isMore(dollars, before) && !isMore(before, dollars);
    before = dollars;
    if (!dollars || isSame) return [];
    const charged = settings.priceAt?.(atMs) ?? price;
    const rate = rateOf(charged, unit, input);
    const isLoss =
      rate && tokenIsWorth && !isFlat(charged) && isMore(dollars, times(rate, tokenIsWorth));
    return [{ atMs, dollars: shownAmount(dollars, unit), isCovered: !isLoss }];
  });
}

function dollarsAt(
  { rates, steps }: DollarPrice,
  unit: PricedUnit,
  input: number,
): DollarRates[PricedUnit] {
  let dollars = rates[unit];
  for (const step of steps) if (input > step.aboveInput) dollars = step.rates[unit] ?? dollars;
  return dollars;
}

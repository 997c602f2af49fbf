/** What providers take for usage, to say what a difference costs. */
import {
  type Fraction,
  type Price,
  plus,
  type Rates,
  rateFrom,
  rateOf,
  tierFactor,
  times,
  ZERO,
} from '../../core/pricing.ts';
import type { TallyEntry } from '../../core/reconciliation.ts';
import { UNITS, type Unit } from '../../core/units.ts';
import type { Model } from '../../models/catalogue.ts';
import { quotient } from '../../models/prices/decimal.ts';
import type { CatalogueModel, DollarRates } from '../../models/prices/price-catalogue.ts';

/** An exact amount; each is undefined if it is not known. */
export interface Money {
  readonly credits: Fraction | undefined;
  readonly dollars: Fraction | undefined;
}

const UNKNOWN: Money = { credits: undefined, dollars: undefined };

/** Costs at a provider's rates: those of `providerPrice`, or else of the catalogue. */
export class ProviderRates {
  readonly #worth: Fraction | undefined;
  readonly #find: (model: Model) => CatalogueModel | undefined;

  private constructor(
    worth: Fraction | undefined,
    find: (model: Model) => CatalogueModel | undefined,
  ) {
    this.#worth = worth;
    this.#find = find;
  }

  /** @param tokenIsWorth the dollars of one credit */
  static async load(tokenIsWorth: Fraction | undefined): Promise<ProviderRates> {
    // Only this command needs them, and they take longer to load than the rest of the program.
    const { findInCatalogue } = await import('../../models/prices/price-catalogue.ts');
    return new ProviderRates(
      tokenIsWorth,
      ({ upstream }) =>
        upstream &&
        findInCatalogue({ baseUrl: upstream.provider.settings.baseUrl, model: upstream.model }),
    );
  }

  /**
   * What a difference costs, at the rates of requests without much input: sums do not tell how
   * large each request was.
   * @param model undefined if the deployment does not have it
   * @param atMs at which time
   */
  costOf(entries: readonly TallyEntry[], model: Model | undefined, atMs: number): Money {
    if (!model) return UNKNOWN;
    const worth = this.#worth;
    if (model.providerPrice) {
      const credits = amountOf(entries, model.providerPrice);
      return { credits, dollars: credits && worth && times(credits, worth) };
    }
    const known = this.#find(model);
    const dollars = known && amountOf(entries, dollarPrice(known.priceAt(atMs).rates));
    const credits = dollars && worth && quotient(dollars, worth);
    return { credits, dollars };
  }
}

/** A price in dollars, in the form of one in credits. */
function dollarPrice(dollars: DollarRates): Price {
  const rates = Object.entries(dollars).map(([unit, { over, under }]) => [
    unit,
    rateFrom(over, under),
  ]);
  return { rates: Object.fromEntries(rates) as Rates };
}

/** undefined if the price has no rate for something. */
function amountOf(entries: readonly TallyEntry[], price: Price): Fraction | undefined {
  let sum = ZERO;
  for (const { unit, tier, count } of entries) {
    const isPriced = (UNITS as readonly string[]).includes(unit);
    const rate = isPriced ? rateOf(price, unit as Unit, 0) : undefined;
    const factor = tierFactor(price, tier === '' ? undefined : tier);
    if (!rate || !factor) return undefined;
    sum = plus(sum, count, times(rate, factor));
  }
  return sum;
}

/** The sum of two amounts; unknown ones are left out. */
export function sumOfMoney(a: Money, b: Money): Money {
  return { credits: sumOf(a.credits, b.credits), dollars: sumOf(a.dollars, b.dollars) };
}

function sumOf(a: Fraction | undefined, b: Fraction | undefined): Fraction | undefined {
  return a && b ? plus(a, 1, b) : (a ?? b);
}

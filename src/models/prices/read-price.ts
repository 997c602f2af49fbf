/** Reads a price of `chit.json`: in credits, in dollars, or from the catalogue. */
import {
  type Fraction,
  type Price,
  type PricedUnit,
  type Rate,
  type Rates,
  rateFrom,
  times,
} from '../../core/pricing.ts';
import { sizeOf } from '../../core/shown-price.ts';
import { INPUT_UNITS, OUTPUT_UNITS } from '../../core/units.ts';
import type { PriceEntry, RateEntries } from '../deployment-file/deployment-schema.ts';
import { decimalFrom, dollarsFrom, quotient } from './decimal.ts';
import type {
  CatalogueModel,
  CatalogueQuery,
  DollarPrice,
  DollarRates,
} from './price-catalogue.ts';
import { RATE_NAMES, type RateName } from './rate-names.ts';

/** The catalogue, which is loaded only if a price asks for it. */
export interface PriceCatalogue {
  find(query: CatalogueQuery): CatalogueModel | undefined;
  nearest(query: CatalogueQuery): string | undefined;
}

/** What a price of `chit.json` refers to. */
export interface PriceContext extends CatalogueQuery {
  /** Dollars for one credit; undefined if the file does not say. */
  readonly tokenIsWorth: Fraction | undefined;
  readonly catalogue: PriceCatalogue | undefined;
  readonly nowMs: number;
}

/** A price, now and at any other moment. */
export interface ReadPrice {
  readonly price: Price;
  /** The price at a time in milliseconds; undefined if it is always the same. */
  readonly priceAt: ((atMs: number) => Price) | undefined;
  /** The context window, where the price comes from the catalogue and it knows that. */
  readonly contextTokens: number | undefined;
}

/** What is wrong with a price: the member, and a sentence. */
export class PriceFault extends Error {
  readonly member: string | undefined;

  constructor(member: string | undefined, reason: string) {
    super(reason);
    this.member = member;
  }
}

/**
 * Reads the price that is charged for a model.
 * @throws PriceFault
 */
export function readPrice(entry: PriceEntry, context: PriceContext): ReadPrice {
  const read = readRates(entry, context);
  requireWhole(read.price);
  return read;
}

/**
 * Reads the price that a provider takes for a model. Nothing is charged by it, so it need not be
 * whole.
 * @throws PriceFault
 */
export function readProviderPrice(entry: PriceEntry, context: PriceContext): ReadPrice {
  return readRates(entry, context);
}

/**
 * The price that a provider takes for a model by the catalogue, where the file does not say it.
 * @param entry the price that is charged, which may name the model in the catalogue
 * @returns undefined if the catalogue does not know it, or a credit is worth nothing in dollars
 */
export function knownProviderPrice(
  { catalogue = true }: PriceEntry,
  context: PriceContext,
): ReadPrice | undefined {
  if (!context.tokenIsWorth) return undefined;
  try {
    return readRates({ catalogue }, context);
  } catch (error) {
    if (error instanceof PriceFault) return undefined;
    throw error;
  }
}

function readRates(entry: PriceEntry, context: PriceContext): ReadPrice {
  const known = entry.catalogue === undefined ? undefined : fromCatalogue(entry, context);
  const fixed = fixedPrice(entry, context);
  if (!known) return { price: fixed, priceAt: undefined, contextTokens: undefined };
  const from = ({ rates, steps }: DollarPrice): Price => {
    return {
      ...fixed,
      rates: { ...inCredits(rates, entry, context), ...fixed.rates },
      ...(steps.length === 0
        ? {}
        : {
            steps: steps.map((it) => ({
              aboveInput: it.aboveInput,
              rates: withoutThoseOf(fixed.rates, inCredits(it.rates, entry, context)),
            })),
          }),
    };
  };
  // Those of later have to be exact as well, or the first request by them would fail.
  const all = known.prices.map(from);
  const priceAt = (atMs: number) => from(known.priceAt(atMs));
  return {
    price: priceAt(context.nowMs),
    priceAt: all.length > 1 ? remembering(priceAt) : undefined,
    contextTokens: known.contextTokens,
  };
}

function fromCatalogue({ catalogue }: PriceEntry, context: PriceContext): CatalogueModel {
  const model = typeof catalogue === 'string' ? catalogue : context.model;
  const query = { baseUrl: context.baseUrl, kind: context.kind, model };
  const found = context.catalogue?.find(query);
  if (found?.unknownRates.length) {
    const names = found.unknownRates.join(', ');
    const reason = `the catalogue prices "${model}" by what is not counted here (${names}).`;
    throw new PriceFault('catalogue', `${reason} Write the price itself.`);
  }
  if (found) return found;
  const nearest = context.catalogue?.nearest(query);
  const hint =
    nearest === undefined
      ? 'Write the price itself.'
      : `Did you mean { "catalogue": "${nearest}" }?`;
  throw new PriceFault('catalogue', `the catalogue has no price of "${model}". ${hint}`);
}

/** What the file itself says, in credits or dollars. */
function fixedPrice(entry: PriceEntry, context: PriceContext): Price {
  const { above = [], tiers } = entry;
  const steps = above.map(({ inputTokens, ...rates }) => ({
    aboveInput: inputTokens,
    rates: ratesFrom(rates, entry, context),
  }));
  for (const [index, { aboveInput }] of steps.entries()) {
    if (aboveInput <= (steps[index - 1]?.aboveInput ?? -1)) {
      throw new PriceFault('above', 'the steps must be in ascending order of "inputTokens".');
    }
  }
  return {
    rates: ratesFrom(entry, entry, context),
    ...(steps.length === 0 ? {} : { steps }),
    ...(tiers === undefined ? {} : { tiers: tiersFrom(tiers) }),
  };
}

function tiersFrom(tiers: Readonly<Record<string, number>>): Record<string, Rate> {
  return Object.fromEntries(
    Object.entries(tiers).map(([name, factor]) => {
      const { over, under } = decimalFrom(String(factor)) as Fraction;
      return [name, exact('tiers', over, under)];
    }),
  );
}

function ratesFrom(rates: RateEntries, entry: PriceEntry, context: PriceContext): Rates {
  const found: Partial<Record<PricedUnit, Rate>> = {};
  for (const name of Object.keys(RATE_NAMES) as RateName[]) {
    const amount = rates[name];
    if (amount === undefined) continue;
    const unit = RATE_NAMES[name];
    const per = sizeOf(unit);
    if (amount === 'free') found[unit] = [0, 1];
    else if (typeof amount === 'number') found[unit] = exact(name, BigInt(amount), BigInt(per));
    else {
      const dollars = dollarsFrom(amount) as Fraction;
      const each = { over: dollars.over, under: dollars.under * BigInt(per) };
      found[unit] = creditsOf(name, each, entry, context);
    }
  }
  return found;
}

function inCredits(rates: DollarRates, entry: PriceEntry, context: PriceContext): Rates {
  return Object.fromEntries(
    Object.entries(rates).map(([unit, dollars]) => [
      unit,
      creditsOf('catalogue', dollars, entry, context),
    ]),
  );
}

/** Credits for an amount of dollars, by what a credit is worth and the operator's factor. */
function creditsOf(
  member: string,
  dollars: Fraction,
  { factor = 1 }: PriceEntry,
  { tokenIsWorth }: PriceContext,
): Rate {
  if (!tokenIsWorth) {
    throw new PriceFault(
      member,
      'it is in dollars, so the file has to say what a token of the balance is worth: ' +
        '"tokenIsWorth": "0.00001 USD".',
    );
  }
  const factored = times(dollars, decimalFrom(String(factor)) as Fraction);
  const { over, under } = quotient(factored, tokenIsWorth);
  return exact(member, over, under);
}

function exact(member: string, over: bigint, under: bigint): Rate {
  try {
    return rateFrom(over, under);
  } catch {
    throw new PriceFault(member, 'it has too many digits to be charged exactly.');
  }
}

/** A price of tokens has to say what input and output cost, if only that they are free. */
function requireWhole({ rates, steps = [] }: Price): void {
  const all = [rates, ...steps.map((it) => it.rates)];
  const has = (units: readonly PricedUnit[]) => units.some((unit) => all.some((it) => it[unit]));
  if (!has([...INPUT_UNITS, ...OUTPUT_UNITS])) return;
  for (const [unit, name] of [
    ['input', 'perMillionInput'],
    ['output', 'perMillionOutput'],
  ] as const) {
    if (rates[unit]) continue;
    throw new PriceFault(
      undefined,
      `"${name}" is missing. Give its price, or "free" if it is to cost nothing.`,
    );
  }
}

function withoutThoseOf(fixed: Rates, rates: Rates): Rates {
  return Object.fromEntries(Object.entries(rates).filter(([unit]) => !(unit in fixed)));
}

/**
 * Gives the same object for the same price, since much is remembered of a price by its object.
 * Looking it up takes up to 0.2 ms, so that is done once a second; changes come at whole seconds.
 */
function remembering(priceAt: (atMs: number) => Price): (atMs: number) => Price {
  const known = new Map<string, Price>();
  let latest: { readonly second: number; readonly price: Price } | undefined;
  return (atMs) => {
    const second = Math.floor(atMs / 1_000);
    if (latest?.second === second) return latest.price;
    const price = priceAt(atMs);
    const text = JSON.stringify(price);
    const same = known.get(text) ?? price;
    known.set(text, same);
    latest = { second, price: same };
    return same;
  };
}

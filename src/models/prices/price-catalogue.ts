/**
 * Prices of known models in dollars, from the data of `@pydantic/genai-prices`, which is part of
 * the installation: nothing is fetched.
 */
import {
  type Provider as CatalogueProvider,
  type ConditionalPrice,
  calcPrice,
  findProvider,
  type ModelPrice,
} from '@pydantic/genai-prices';
import { closest, distance } from 'fastest-levenshtein';
import type { ProviderKind } from '../../core/deployment.ts';
import { type Fraction, type PricedUnit, ZERO } from '../../core/pricing.ts';
import { decimalFrom } from './decimal.ts';

/** Which of our units a member of the data prices, and for how many of it. */
const MEMBERS: Readonly<Record<string, readonly [PricedUnit, number]>> = {
  input_mtok: ['input', 1_000_000],
  cache_read_mtok: ['cached_input', 1_000_000],
  cache_write_mtok: ['cache_write_5m', 1_000_000],
  cache_write_1h_mtok: ['cache_write_1h', 1_000_000],
  output_mtok: ['output', 1_000_000],
  input_audio_mtok: ['audio_input', 1_000_000],
  cache_audio_read_mtok: ['cached_audio_input', 1_000_000],
  output_audio_mtok: ['audio_output', 1_000_000],
  input_image_mtok: ['image_input', 1_000_000],
  output_image_mtok: ['image_output', 1_000_000],
  web_searches_kcount: ['search', 1_000],
  requests_kcount: ['message', 1_000],
  audio_hours: ['second', 3_600],
  input_audio_hours: ['second', 3_600],
};
/** Models whose only output is images, the tokens of which are the output of the data. */
const WRITES_IMAGES = /^(chat)?gpt-image-/;
/** Names of models that write nothing, so that the data has no price for it. */
const WITHOUT_OUTPUT = /embed|rerank|moderation|^voyage-/;

/** What the data calls the kinds of providers that it knows. */
const PROVIDER_IDS: Readonly<Partial<Record<ProviderKind, string>>> = {
  openai: 'openai',
  azure: 'azure',
  anthropic: 'anthropic',
  openrouter: 'openrouter',
  gemini: 'google',
  xai: 'x-ai',
  deepseek: 'deepseek',
  groq: 'groq',
  mistral: 'mistral',
};

/** A name is suggested in place of another if at most this share of its letters differs. */
const LARGEST_DIFFERENCE = 0.5;
const DAY_MS = 86_400_000;

/** Dollars for one of each unit. */
export type DollarRates = Readonly<Partial<Record<PricedUnit, Fraction>>>;

/** The dollars that a provider takes for a model at one moment. */
export interface DollarPrice {
  readonly rates: DollarRates;
  /** In ascending order: what replaces them for requests with more input than this. */
  readonly steps: readonly { readonly aboveInput: number; readonly rates: DollarRates }[];
}

/** A price that will be another one. */
export interface PriceChange {
  /** In milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly price: DollarPrice;
}

/** What the catalogue knows of a model. */
export interface CatalogueModel {
  readonly contextTokens: number | undefined;
  /** By what the model is priced, if all of that is counted in units that Chit does not know. */
  readonly unknownRates: readonly string[];
  /** Every price that it has at some date or hour. */
  readonly prices: readonly DollarPrice[];
  priceAt(atMs: number): DollarPrice;
  /** The changes within a day of a time, and at later dates. */
  changesAfter(atMs: number): PriceChange[];
}

/** Where a model is looked up. */
export interface CatalogueQuery {
  /** The base URL of its provider. */
  readonly baseUrl: string;
  /** Whose prices it has if its address does not tell, such as that of a proxy. */
  readonly kind?: ProviderKind | undefined;
  /** The provider's name for it. */
  readonly model: string;
}

/** A model of the catalogue; undefined if it does not know the provider or the model. */
export function findInCatalogue(query: CatalogueQuery): CatalogueModel | undefined {
  const { model } = query;
  const provider = providerOf(query);
  const found = provider && calcPrice({}, model, { provider });
  if (!provider || !found) return undefined;
  const priceAt = (atMs: number) => {
    const price = calcPrice({}, model, { provider, timestamp: new Date(atMs) })?.model_price;
    return dollarPrice(price ?? found.model_price, found.model.id);
  };
  return {
    contextTokens: found.model.context_window,
    unknownRates: unknownRatesIn(found.model_price),
    prices: [found.model.prices]
      .flat()
      .map((it) => dollarPrice(isConditional(it) ? it.prices : it, found.model.id)),
    priceAt,
    changesAfter: (atMs) => changesOf(found.model.prices, { priceAt, atMs }),
  };
}

function unknownRatesIn(price: ModelPrice): string[] {
  const names = Object.keys(price);
  return names.some((name) => name in MEMBERS) ? [] : names;
}

function isConditional(price: ConditionalPrice | ModelPrice): price is ConditionalPrice {
  return typeof price.prices === 'object' && !('base' in price.prices);
}

function changesOf(
  prices: ConditionalPrice[] | ModelPrice,
  { priceAt, atMs }: { readonly priceAt: (atMs: number) => DollarPrice; readonly atMs: number },
): PriceChange[] {
  const moments = [prices].flat().flatMap((it) => {
    const constraint = isConditional(it) ? it.constraint : undefined;
    if (!constraint) return [];
    if (constraint.type === 'start_date') return Date.parse(constraint.start_date);
    return [constraint.start_time, constraint.end_time].map((time) => nextTime(time, atMs));
  });
  const changes: PriceChange[] = [];
  let before = JSON.stringify(priceAt(atMs), withText);
  for (const moment of [...new Set(moments)].toSorted((a, b) => a - b)) {
    const price = priceAt(moment);
    const text = JSON.stringify(price, withText);
    if (moment > atMs && text !== before) changes.push({ atMs: moment, price });
    if (moment > atMs) before = text;
  }
  return changes;
}

/** When it will be a time of the day such as `16:30:00Z`. */
function nextTime(time: string, atMs: number): number {
  const today = new Date(atMs).toISOString().slice(0, 10);
  const moment = Date.parse(`${today}T${time}`);
  return moment > atMs ? moment : moment + DAY_MS;
}

function withText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function providerOf({ baseUrl, kind }: CatalogueQuery): CatalogueProvider | undefined {
  const byAddress = findProvider({ providerApiUrl: baseUrl });
  const providerId = kind && PROVIDER_IDS[kind];
  return byAddress ?? (providerId === undefined ? undefined : findProvider({ providerId }));
}

/** The name in the catalogue that is most like one that it does not know; undefined if none is. */
export function nearestInCatalogue(query: CatalogueQuery): string | undefined {
  const { model } = query;
  const names = providerOf(query)?.models.map(({ id }) => id) ?? [];
  if (names.length === 0) return undefined;
  const nearest = closest(model, names);
  const most = LARGEST_DIFFERENCE * Math.max(model.length, nearest.length);
  return distance(model, nearest) <= most ? nearest : undefined;
}

function dollarPrice(price: ModelPrice, id: string): DollarPrice {
  const rates: Partial<Record<PricedUnit, Fraction>> = {};
  const steps = new Map<number, Partial<Record<PricedUnit, Fraction>>>();
  for (const [name, value] of Object.entries(price)) {
    const [unit, per] = MEMBERS[name] ?? [];
    if (unit === undefined || per === undefined || value === undefined) continue;
    const { base, tiers } = typeof value === 'number' ? { base: value, tiers: [] } : value;
    rates[unit] = dollars(base, per);
    for (const tier of tiers) {
      const step = steps.get(tier.start) ?? {};
      step[unit] = dollars(tier.price, per);
      steps.set(tier.start, step);
    }
  }
  if (rates.input && !rates.output && WITHOUT_OUTPUT.test(id)) rates.output = ZERO;
  if (WRITES_IMAGES.test(id)) {
    for (const its of [...steps.values(), rates]) {
      if (its.output && !rates.image_output) its.image_output = its.output;
    }
  }
  const inOrder = [...steps].toSorted(([a], [b]) => a - b);
  return { rates, steps: inOrder.map(([aboveInput, its]) => ({ aboveInput, rates: its })) };
}

function dollars(amount: number, per: number): Fraction {
  // The shortest text of a number is the one that it was read from.
  const { over, under } = decimalFrom(String(amount)) as Fraction;
  return { over, under: under * BigInt(per) };
}

/** What a generation can cost, at least and at most, before a model is asked. */
import type { Credits } from '../../core/credits.ts';
import { ChitError } from '../../core/errors.ts';
import { coversText, hasOwnRate, isFlat, type Price } from '../../core/pricing.ts';
import {
  affordableOutput,
  OPEN_REGIONS,
  OPEN_TIERS,
  type QuoteRequest,
  quoteRange,
} from '../../core/quote.ts';
import { priceWithCalls } from '../../core/tool-price.ts';
import type { Unit } from '../../core/units.ts';
import type { Model } from '../../models/catalogue.ts';
import { type InputMeasure, requireMostTokens } from '../../models/input-measure/input-measure.ts';
import { measuredModelOf } from '../../models/input-measure/measured-model.ts';
import {
  leastOutputWith,
  optionsFor,
  outputLimitWith,
} from '../../models/options/option-members.ts';
import type { Context } from '../context.ts';
import type { GenerationRequest } from './generation-request.ts';

/** A model with its price, which is the one of this moment until the generation has ended. */
export interface QuotedModel {
  readonly model: Model;
  readonly price: Price;
  /** With the most input that the request can have. */
  readonly request: QuoteRequest;
  /** The least input that it has to be paid for. */
  readonly leastInput: number;
}

/** What a generation can cost, and what each candidate model would give for it. */
export interface GenerationQuote {
  /** A rough number, which is charged if the server dies. */
  readonly inputTokens: number;
  /** The input, to be charged if nobody reports usage. Counts nothing until it is called. */
  readonly estimateInput: () => Promise<number>;
  /** The most of the dearest candidate. */
  readonly mostCredits: Credits;
  /** The least that makes a useful reply of the requested model. */
  readonly leastCredits: Credits;
  /** The requested model, then its fallbacks. */
  readonly candidates: readonly [QuotedModel, ...QuotedModel[]];
  /** Counts the input and quotes again; undefined if that cannot make it less. */
  readonly byCount: (() => Promise<GenerationQuote>) | undefined;
}

/** The least and the most tokens that the input of a request can have. */
interface InputRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Quotes by a bound of the input, which costs next to nothing.
 * @throws ChitError `input_unseen` if the input has no bound, `member_unpriced` if the requested
 *   model has no price for text
 */
export async function quoteGeneration(
  context: Context,
  request: GenerationRequest,
): Promise<GenerationQuote> {
  const { calls = [] } = request;
  const all = request.candidates.map((model) => {
    return { model, price: priceWithCalls(model.price, calls) };
  });
  const priced = request.hasText ? pricedForText(all) : all;
  if (priced.every(({ price }) => isFlat(price))) {
    const made = { inputTokens: 0, estimateInput: NO_ESTIMATE, byCount: undefined };
    return quoteFor(context, request, priced, made, NO_INPUT);
  }
  const measure = request.measure();
  const bounds = priced.map(({ model, price }): InputRange => {
    if (isFlat(price)) return { least: 0, most: 0 };
    const most = requireMostTokens(measure, { ...measuredModelOf(model), name: model.name });
    return { least: most, most };
  });
  const measured = measuredModelOf(request.candidates[0]);
  const inputTokens = measure.roughTokens(measured);
  const estimateInput = () => measure.estimate(measured);
  const known = { inputTokens, estimateInput };
  // Counting cannot tell more of what is not in the request.
  const byCount = measure.isOutOfSight(measured)
    ? undefined
    : () => quoteByCount(context, request, { ...known, priced, measure });
  return quoteFor(context, request, priced, { ...known, byCount }, (nth) => bounds[nth]);
}

/** The candidates whose price says what text costs. */
function pricedForText<It extends { readonly price: Price }>(candidates: readonly It[]) {
  const [requested] = candidates;
  if (requested) requireTextPrice(requested);
  return candidates.filter(({ price }) => coversText(price));
}

/**
 * Requires that the price of a model says what text costs.
 * @throws ChitError `member_unpriced`
 */
export function requireTextPrice({ price }: { readonly price: Price }): void {
  if (coversText(price)) return;
  const remedy = '"perMillionInput" and "perMillionOutput" in the price';
  throw new ChitError('member_unpriced', { member: 'model', remedy });
}

const NO_ESTIMATE = async () => 0;
const NO_INPUT = () => ({ least: 0, most: 0 });

/** @throws ChitError `server_busy` if counting takes too long */
async function quoteByCount(
  context: Context,
  request: GenerationRequest,
  known: {
    readonly priced: readonly { readonly model: Model; readonly price: Price }[];
    readonly measure: InputMeasure;
    readonly inputTokens: number;
    readonly estimateInput: () => Promise<number>;
  },
): Promise<GenerationQuote> {
  const { priced, measure, inputTokens, estimateInput } = known;
  const counted: InputRange[] = [];
  for (const { model, price } of priced) {
    const count = isFlat(price) ? undefined : await measure.count(measuredModelOf(model));
    counted.push({ least: count?.leastTokens ?? 0, most: count?.mostTokens ?? 0 });
  }
  const made = { inputTokens, estimateInput, byCount: undefined };
  return quoteFor(context, request, priced, made, (nth) => counted[nth]);
}

function quoteFor(
  context: Context,
  request: GenerationRequest,
  priced: readonly { readonly model: Model; readonly price: Price }[],
  made: Pick<GenerationQuote, 'inputTokens' | 'estimateInput' | 'byCount'>,
  inputOf: (nth: number) => InputRange | undefined,
): GenerationQuote {
  let mostCredits = 0;
  let leastCredits = 0;
  const candidates = priced.map(({ model, price }, nth): QuotedModel => {
    const { least, most } = inputOf(nth) ?? NO_INPUT();
    const tokens = { rough: made.inputTokens, most };
    const quoted = quoteRequestOf(context, request, { model, price }, tokens);
    const range = quoteRange(price, quoted);
    mostCredits = Math.max(mostCredits, range.mostCredits);
    if (nth === 0) {
      const leastQuoted = { ...quoted, inputTokens: least };
      leastCredits = (least === most ? range : quoteRange(price, leastQuoted)).leastCredits;
    }
    // A fallback is asked only if the hold surely pays for it.
    return { model, price, request: quoted, leastInput: nth === 0 ? least : most };
  });
  const [first, ...others] = candidates;
  return {
    ...made,
    mostCredits: Math.max(mostCredits, leastCredits),
    leastCredits,
    candidates: [first as QuotedModel, ...others],
  };
}

/**
 * What can be used besides text. OpenAI's newer models write to their cache without being asked,
 * and their prices say so (https://developers.openai.com/api/docs/guides/prompt-caching).
 */
function unitsOf({ units }: GenerationRequest, { upstream }: Model, price: Price) {
  const mayWrite = upstream?.provider.settings.family === 'openai';
  if (!mayWrite || !hasOwnRate(price, 'cache_write_5m')) return units;
  return new Set<Unit>([...(units ?? []), 'cache_write_5m']);
}

function quoteRequestOf(
  { policy }: Context,
  request: GenerationRequest,
  { model, price }: { readonly model: Model; readonly price: Price },
  input: { readonly rough: number; readonly most: number },
): QuoteRequest {
  const { isOutputLimitKnown, contextTokens } = model;
  const { wantedOutput, answers, others, calls = [] } = request;
  const { effort } = optionsFor(model, request.options ?? {});
  const outputLimit = outputLimitWith(model, effort);
  const leastWithEffort = leastOutputWith(model, effort, policy.minOutputTokens);
  const leastOutput = Math.max(request.leastOutput ?? 0, leastWithEffort);
  const { tiers = OPEN_TIERS, regions = OPEN_REGIONS } = request;
  // Providers refuse an output limit that does not fit into the context beside the input.
  const room = (contextTokens ?? Infinity) - input.rough;
  const ofModel = Math.min(
    isOutputLimitKnown || wantedOutput === undefined ? outputLimit : Infinity,
    Math.max(policy.minOutputTokens, room),
  );
  const limit = Math.max(Math.min(wantedOutput ?? ofModel, ofModel), leastOutput);
  // Whoever asks for a limit is told if it cannot be paid for, instead of getting less.
  const useful = wantedOutput === undefined ? Math.max(policy.minOutputTokens, leastOutput) : limit;
  return {
    inputTokens: input.most,
    outputLimit: limit * answers,
    usefulOutput: useful * answers,
    answers,
    units: unitsOf(request, model, price),
    others: calls.length === 0 ? others : { ...others, tool_call: calls.length },
    tiers,
    regions,
  };
}

/**
 * The limit per answer that so many credits pay for, with the requested model.
 * @returns undefined if they do not pay for the input
 */
export function fittingOutput(quote: GenerationQuote, credits: Credits): number | undefined {
  const [requested] = quote.candidates;
  const tokens = outputPaidBy(requested, credits);
  return tokens === undefined ? undefined : Math.floor(tokens / (requested.request.answers ?? 1));
}

/**
 * How many tokens of output, of all answers, so many credits pay for: surely, or at least the
 * useful ones if the input is as small as it can be.
 * @returns undefined if they do not even pay for that input
 */
export function outputPaidBy(
  { price, request, leastInput }: QuotedModel,
  credits: Credits,
): number | undefined {
  const possible = affordableOutput(price, { ...request, inputTokens: leastInput }, credits);
  if (possible === undefined || leastInput === request.inputTokens) return possible;
  const surely = affordableOutput(price, request, credits) ?? 0;
  return Math.max(surely, Math.min(possible, request.usefulOutput, request.outputLimit));
}

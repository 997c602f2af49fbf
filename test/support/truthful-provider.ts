/**
 * A provider in this process that knows what a request used and what it bills. It parses bodies as
 * real servers do, does the most expensive thing that a request allows, and reports its usage in
 * one of the dialects of real providers.
 */
import type { Price, Rate, Rates } from '../../src/core/pricing.ts';
import type { Unit } from '../../src/core/units.ts';
import type {
  Provider,
  ProviderRequest,
  ProviderResponse,
} from '../../src/models/provider-client/provider.ts';
import { ProviderFailure } from '../../src/models/provider-client/provider-failure.ts';
import { parseWritten, type Written, WrittenObject } from './json-parsers.ts';
import { responseBody } from './response-body.ts';
import { chatEvents, messagesEvents, responsesEvents } from './usage-dialects.ts';

export type Counts = Partial<Record<Unit, number>>;

/** What a provider does with the next request. Shares are from 0 to 1. */
export interface Script {
  /** How its parser reads a member that is there twice, or in another spelling. */
  readonly reads: 'last' | 'first' | 'withoutCase' | 'inTwoSpellings';
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  /** Writes to its cache without being asked, as OpenAI's newer models do. */
  readonly writesUnasked: boolean;
  readonly output: number;
  readonly reasoning: number;
  readonly searches: number;
  /** Answers by the dearer tier, if the request asks for one or leaves it open. */
  readonly grantsTier: boolean;
  /** The tier of requests that leave it open, by a setting at the provider. */
  readonly openTier: 'priority' | 'flex' | undefined;
  /** Answers in a region that costs more, by a setting at the provider. */
  readonly isInRegion: boolean;
  /** How often it calls its tools, as a part of what the request lets it do. */
  readonly loops: number;
  readonly dialect: number;
  /** Reports more than the request lets it do. */
  readonly breaks: 'nothing' | 'its limit' | 'the bound';
  readonly isFailing: boolean;
  /** Bytes of each piece in which a stream arrives. */
  readonly pieceBytes: number;
  /** Ends its stream without the last blank line. */
  readonly isAbrupt: boolean;
}

/** What a request used, as the provider bills it. */
export interface Truth {
  readonly model: string;
  readonly counts: Counts;
  readonly tier: string | undefined;
  readonly answers: number;
}

/** What a server writes if nothing limits it. */
const NO_LIMIT = 1_000_000;

/** Puts a script in place of the network of a provider. */
export function scriptProvider(
  provider: Provider,
  next: () => {
    readonly script: Script;
    /** The most input that it finds in the request, and the most that it can read at once. */
    readonly mostInput: number;
    readonly contextTokens: number;
  },
  note: (truth: Truth) => unknown,
): void {
  provider.post = async (request) => {
    request.attempts?.count();
    const { script, ...input } = next();
    if (script.isFailing) throw new ProviderFailure('unreachable', 'The provider is away.');
    const truth = truthOf(request, script, input);
    note(truth);
    return answerTo(request, script, truth);
  };
}

function truthOf(
  request: ProviderRequest,
  script: Script,
  { mostInput, contextTokens }: { readonly mostInput: number; readonly contextTokens: number },
): Truth {
  const json = Buffer.concat(request.body).toString('utf8');
  const body = parseWritten(json);
  if (!(body instanceof WrittenObject)) throw new Error('The body is no object.');
  const read = (name: string) => body[script.reads](name);
  const names = ['max_completion_tokens', 'max_tokens', 'max_output_tokens', 'n_predict'];
  const limits = names.map((name) => read(name)).filter((it) => typeof it === 'number');
  // Servers that take 0 or less for no limit, and those that take the first name that they know.
  const limit = limits.length === 0 ? NO_LIMIT : Math.max(...limits.map(asLimit));
  const answers = answersOf(read);
  const isEmbedding = request.path.endsWith('/embeddings');
  const broken = (it: Script['breaks'], count: number) =>
    script.breaks === it ? 3 * count + 5 : count;
  // Each answer is at least a word.
  const output = isEmbedding ? 0 : broken('its limit', shareOf(script.output, limit * answers));
  const rereads = Math.floor(script.loops * loopsOf(request.path, json, read('max_tool_calls')));
  const first = broken('the bound', shareOf(script.input, mostInput));
  const input = first + rereads * contextTokens;
  const counts: Counts = isEmbedding ? { input } : countsOf(json, script, { input, output });
  if (counts.cache_write_1h && !tellsLifetimes(request.path, script)) {
    // One number for all writes: it is charged as the dearest that was asked for.
    counts.cache_write_1h += counts.cache_write_5m ?? 0;
    delete counts.cache_write_5m;
  }
  const tier = isEmbedding ? undefined : tierOf(request.path, script, read);
  return { model: request.model, counts, tier, answers };
}

/** Whether usage says for how long input was written to the cache. */
export function tellsLifetimes(path: string, { dialect }: Script): boolean {
  return path.endsWith('/messages') && dialect < 3;
}

function tierOf(
  path: string,
  script: Script,
  read: (name: string) => Written | undefined,
): string | undefined {
  const asked = read('speed') === 'fast' ? 'fast' : (read('service_tier') ?? 'auto');
  const granted = asked === 'auto' ? script.openTier : asked;
  const isOther = typeof granted === 'string' && /^(priority|fast|flex)$/.test(granted);
  const tier = isOther && script.grantsTier ? granted : undefined;
  if (!path.endsWith('/messages') || !script.isInRegion) return tier;
  return tier === undefined ? 'us' : `${tier}/us`;
}

/** Each prompt of a list is answered by itself, and of `best_of` texts only some come back. */
function answersOf(read: (name: string) => Written | undefined): number {
  const perPrompt = Math.max(numberOf(read('n')) ?? 1, numberOf(read('best_of')) ?? 1);
  const prompt = read('prompt');
  const isList = Array.isArray(prompt) && typeof prompt[0] !== 'number';
  return perPrompt * (isList ? Math.max(1, prompt.length) : 1);
}

/** How often the model may be asked again after calls of tools, as providers document it. */
function loopsOf(path: string, json: string, limit: Written | undefined): number {
  if (path.endsWith('/messages')) {
    const [, name, since = '', most] =
      /"type":"(web_\w+?|code_execution)_(\d{8})"(?:[^}]*"max_uses":(\d+))?/.exec(json) ?? [];
    if (name === undefined) return /mcp_servers|"compact_/.test(json) ? 10 : 0;
    // Also after the call that is one too many; code that filters results is not limited.
    return since >= '20260209' || most === undefined ? 10 : Math.min(10, Number(most) + 1);
  }
  if (/"openrouter:/.test(json)) return 30;
  if (path.endsWith('/responses')) {
    if (!/"type":"(web_search|mcp|file_search)"/.test(json)) return 0;
    return typeof limit === 'number' ? limit : NO_LIMIT;
  }
  return /web_search_options/.test(json) ? 1 : 0;
}

/** Found by searching the text of the body: a feature that is named anywhere is used. */
function countsOf(json: string, script: Script, all: { input: number; output: number }): Counts {
  const counts: Counts = {};
  let rest = all.input;
  const take = (unit: Unit, share: number) => {
    const count = Math.floor(rest * share);
    if (count > 0) counts[unit] = count;
    rest -= count;
  };
  if (/input_audio/i.test(json)) take('audio_input', script.written);
  const lifetimes = json.match(/cache_control[^}]*/gi) ?? [];
  if (lifetimes.some((it) => it.includes('1h'))) take('cache_write_1h', script.written);
  const isUnasked = script.writesUnasked && lifetimes.length === 0;
  const isWritten =
    isUnasked || lifetimes.some((it) => !it.includes('1h')) || /"web_search_2/.test(json);
  if (isWritten) take('cache_write_5m', script.written);
  take('cached_input', script.cached);
  counts.input = rest;
  const isHeard = /modalities[^\]]*audio/i.test(json);
  const audio = isHeard ? Math.floor(all.output * script.written) : 0;
  if (audio > 0) counts.audio_output = audio;
  counts.output = all.output - audio;
  const [, most] = /max_(?:uses|tool_calls)"\s*:\s*(\d+)/.exec(json) ?? [];
  const searches = /web_search/i.test(json) ? Math.floor(script.searches * Number(most ?? 10)) : 0;
  if (searches > 0) counts.search = searches;
  return counts;
}

function asLimit(limit: number): number {
  return limit < 1 ? NO_LIMIT : limit;
}

function numberOf(value: Written | undefined): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number >= 1 ? number : undefined;
}

/** At least one. */
function shareOf(share: number, most: number): number {
  return Math.max(1, Math.floor(share * most));
}

function answerTo(request: ProviderRequest, script: Script, truth: Truth): ProviderResponse {
  const { path, isStream } = request;
  if (path.endsWith('/embeddings')) {
    const prompt = inputOf(truth.counts);
    const usage = { prompt_tokens: prompt, total_tokens: prompt };
    return whole({ object: 'list', data: [{ index: 0, embedding: [1] }], usage });
  }
  const events = path.endsWith('/responses')
    ? responsesEvents
    : path.endsWith('/messages')
      ? messagesEvents
      : chatEvents;
  const told =
    path === '/completions'
      ? asCompletions(request, chatEvents(truth, script))
      : events(truth, script);
  if (!isStream) return whole(told.whole);
  const text = told.stream.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  const sent = script.isAbrupt ? text.slice(0, -2) : text;
  const chunks = responseBody(pieces(Buffer.from(sent), script.pieceBytes));
  return { contentType: 'text/event-stream', chunks };
}

/** The older API has its text in another place, behind the prompt if that is to be echoed. */
function asCompletions(
  { body }: ProviderRequest,
  { whole, stream }: ReturnType<typeof chatEvents>,
) {
  const { echo, prompt } = JSON.parse(Buffer.concat(body).toString('utf8'));
  const [first] = [prompt].flat();
  const echoed = echo === true && typeof first === 'string' ? first : '';
  const withText = (event: Readonly<Record<string, unknown>>) => ({
    ...event,
    choices: (event.choices as { delta?: Said; message?: Said }[]).map(({ delta, message }) => {
      const said = (delta ?? message)?.content;
      return { index: 0, text: said === undefined ? '' : echoed + said };
    }),
  });
  return { whole: withText(whole), stream: stream.map(withText) };
}

interface Said {
  readonly content?: string;
}

function whole(body: unknown): ProviderResponse {
  const bytes = Buffer.from(JSON.stringify(body));
  return { contentType: 'application/json', chunks: responseBody(pieces(bytes, bytes.length)) };
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const INPUTS: readonly Unit[] = [
  'input',
  'cached_input',
  'cache_write_5m',
  'cache_write_1h',
  'audio_input',
];

/** All input of a request, as an OpenAI counts it. */
export function inputOf(counts: Counts): number {
  return INPUTS.reduce((sum, unit) => sum + (counts[unit] ?? 0), 0);
}

/**
 * What a request costs by a price, reckoned in another way than Chit does: in whole numbers of the
 * smallest part of a credit that the price has.
 */
export function dueFor(price: Price, { counts, tier, answers }: Truth): number {
  const input = inputOf(counts);
  const rates: Partial<Record<string, Rate>> = { ...price.rates };
  for (const step of price.steps ?? []) if (input > step.aboveInput) assign(rates, step.rates);
  const factor = factorOf(price, tier);
  const parts: [number: bigint, part: bigint][] = [];
  const add = (count: number, rate: Rate, [over, under]: Rate) => {
    parts.push([BigInt(count) * BigInt(rate[0]) * BigInt(over), BigInt(rate[1]) * BigInt(under)]);
  };
  const writes = { cache_write_5m: [5, 4], cache_write_1h: [2, 1] } as const;
  for (const [unit, count] of Object.entries(counts)) {
    const own = rates[unit];
    if (own) add(count, own, factor);
    else if (unit === 'cached_input' && rates.input) add(count, rates.input, factor);
    else if ((unit === 'cache_write_5m' || unit === 'cache_write_1h') && rates.input) {
      const [over, under] = writes[unit];
      add(count, [rates.input[0] * over, rates.input[1] * under], factor);
    }
  }
  if (rates.message) add(answers, rates.message, [1, 1]);
  const whole = parts.reduce((product, [, part]) => product * part, 1n);
  const sum = parts.reduce((total, [number, part]) => total + (number * whole) / part, 0n);
  return Number((sum + whole - 1n) / whole);
}

/** That of the whole name, or else the product of those of its parts. */
function factorOf({ tiers = {} }: Price, tier: string | undefined): Rate {
  const own = tier === undefined ? undefined : tiers[tier];
  if (own) return own;
  const parts = tier?.split('/').map((part) => tiers[part]) ?? [];
  let [over, under] = [1, 1];
  for (const part of parts) {
    if (!part) return [1, 1];
    [over, under] = [over * part[0], under * part[1]];
  }
  return [over, under];
}

function assign(rates: Partial<Record<string, Rate>>, others: Rates): void {
  for (const [unit, rate] of Object.entries(others)) rates[unit] = rate;
}

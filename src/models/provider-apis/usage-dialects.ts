/**
 * How providers report usage. Their counts overlap (all input, and the part of it that was cached);
 * ours do not.
 */
import type { Unit } from '../../core/units.ts';
import type { Usage } from '../../core/usage.ts';
import {
  countAt,
  EMPTY_CHUNK,
  has,
  type JsonObject,
  objectAt,
  objectsAt,
  type ParsedChunk,
  textAt,
} from './provider-api.ts';

/** Names of the tier that a request gets without asking for another. */
const STANDARD_TIERS = new Set(['', 'default', 'standard', 'auto', 'on_demand']);

/**
 * Regions that cost what a model costs without asking for one
 * (https://platform.claude.com/docs/en/build-with-claude/data-residency).
 */
const USUAL_REGIONS = new Set(['', 'global', 'not_available']);

/** Whether a name of a service tier stands for the one that a request gets without asking. */
export function isStandardTier(name: string): boolean {
  return STANDARD_TIERS.has(name);
}

/**
 * The `usage` of Chat Completions, legacy completions and embeddings, in the dialects of those who
 * serve them.
 *
 * - OpenAI: `prompt_tokens` and `completion_tokens` are all of the input and output.
 * - xAI and Gemini: reasoning is beside the completion tokens and only in `total_tokens`.
 * - DeepSeek: `prompt_cache_hit_tokens` (https://api-docs.deepseek.com/guides/kv_cache).
 * - OpenRouter: `prompt_tokens_details.cache_write_tokens`; LiteLLM: `…cache_creation_tokens`;
 *   DashScope: `…cache_creation_input_tokens`. See `withLifetime`.
 * - xAI: `num_sources_used`.
 */
export function completionsUsage(usage: JsonObject, tier: string): Usage {
  const prompt = countAt(usage, 'prompt_tokens');
  const completion = countAt(usage, 'completion_tokens');
  const total = countAt(usage, 'total_tokens');
  const promptDetails = objectAt(usage, 'prompt_tokens_details');
  const isTotalMore = total !== undefined && prompt !== undefined && completion !== undefined;
  const output = isTotalMore ? Math.max(completion, total - prompt) : completion;
  return openAiUsage({
    input: prompt,
    output,
    tier,
    inputDetails: promptDetails,
    outputDetails: objectAt(usage, 'completion_tokens_details'),
    cached: countAt(promptDetails, 'cached_tokens') ?? countAt(usage, 'prompt_cache_hit_tokens'),
    searches: countAt(usage, 'num_sources_used') ?? searchesIn(usage),
  });
}

/** What the details of input call tokens that were written to a cache, whatever its lifetime. */
const CACHE_WRITES = ['cache_write_tokens', 'cache_creation_tokens', 'cache_creation_input_tokens'];

/** The `usage` of Responses. Its tool calls are items of the output, which the caller counts. */
export function responsesUsage(usage: JsonObject, tier: string, searches: number): Usage {
  const inputDetails = objectAt(usage, 'input_tokens_details');
  const input = countAt(usage, 'input_tokens');
  const output = countAt(usage, 'output_tokens');
  const total = countAt(usage, 'total_tokens');
  const isTotalMore = total !== undefined && input !== undefined && output !== undefined;
  return openAiUsage({
    input,
    output: isTotalMore ? Math.max(output, total - input) : output,
    tier,
    inputDetails,
    outputDetails: objectAt(usage, 'output_tokens_details'),
    cached: countAt(inputDetails, 'cached_tokens'),
    searches: searches > 0 ? searches : undefined,
  });
}

function openAiUsage(told: {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly tier: string;
  readonly inputDetails: JsonObject;
  readonly outputDetails: JsonObject;
  readonly cached: number | undefined;
  readonly searches: number | undefined;
}): Usage {
  const counts: Partial<Record<Unit, number>> = {};
  if (told.input !== undefined) {
    let rest = told.input;
    // A provider may count a token in two of its details; then the first has it.
    const take = (unit: Unit, count: number | undefined) => {
      if (count === undefined) return;
      const taken = Math.min(count, rest);
      if (taken > 0 || unit === 'cached_input') counts[unit] = taken;
      rest -= taken;
    };
    take('audio_input', countAt(told.inputDetails, 'audio_tokens'));
    const written = CACHE_WRITES.map((name) => countAt(told.inputDetails, name));
    take(
      'cache_write_5m',
      written.find((count) => count !== undefined),
    );
    take('cached_input', told.cached);
    counts.input = rest;
  }
  if (told.output !== undefined) {
    const audio = Math.min(countAt(told.outputDetails, 'audio_tokens') ?? 0, told.output);
    if (audio > 0) counts.audio_output = audio;
    counts.output = told.output - audio;
  }
  if (told.searches) counts.search = told.searches;
  const thinkingTokens = countAt(told.outputDetails, 'reasoning_tokens');
  return withThinking(withTier(counts, told.tier), thinkingTokens);
}

/**
 * The `usage` of Anthropic's Messages, where input that was read from the cache or written to it is
 * beside the other input (https://docs.claude.com/en/docs/build-with-claude/prompt-caching). If the
 * provider ran several turns for one answer, `iterations` has the usage of each, and the counts
 * beside it leave some of them out (https://docs.claude.com/en/docs/build-with-claude/compaction).
 */
export function messagesUsage(usage: JsonObject): Usage {
  const iterations = objectsAt(usage, 'iterations');
  const parts = iterations.length > 0 ? iterations : [usage];
  const counts: Partial<Record<Unit, number>> = {};
  const add = (unit: Unit, count: number | undefined) => {
    if (count !== undefined) counts[unit] = (counts[unit] ?? 0) + count;
  };
  for (const part of parts) {
    add('input', countAt(part, 'input_tokens'));
    add('cached_input', countAt(part, 'cache_read_input_tokens'));
    add('output', countAt(part, 'output_tokens'));
    const written = countAt(part, 'cache_creation_input_tokens') ?? 0;
    const lifetimes = objectAt(part, 'cache_creation');
    const ofAnHour = countAt(lifetimes, 'ephemeral_1h_input_tokens');
    const shorter = Math.max(
      written - (ofAnHour ?? 0),
      countAt(lifetimes, 'ephemeral_5m_input_tokens') ?? 0,
    );
    if (shorter > 0) add('cache_write_5m', shorter);
    // Without lifetimes it is left out, which `laterUsage` needs to know.
    if (ofAnHour !== undefined && written + ofAnHour > 0) add('cache_write_1h', ofAnHour);
  }
  const searches = searchesIn(usage);
  if (searches) counts.search = searches;
  const tier = textAt(usage, 'speed') === 'fast' ? 'fast' : textAt(usage, 'service_tier');
  const region = textAt(usage, 'inference_geo');
  const place = isStandardTier(tier) ? region : `${tier}/${region}`;
  const thinkingTokens = countAt(objectAt(usage, 'output_tokens_details'), 'thinking_tokens');
  const usual = USUAL_REGIONS.has(region);
  return withThinking(withTier(counts, usual ? tier : place), thinkingTokens);
}

/**
 * The usage of a stream after one more report. Later numbers replace earlier ones. The last report
 * of Anthropic has all writes to the cache in one number: how many of them are for an hour is told
 * only by the first (https://docs.claude.com/en/docs/build-with-claude/streaming).
 */
export function laterUsage(earlier: Usage | undefined, later: Usage): Usage {
  const counts = { ...earlier?.counts, ...later.counts };
  const ofAnHour = earlier?.counts.cache_write_1h ?? 0;
  const { cache_write_5m: written } = later.counts;
  if (ofAnHour > 0 && written !== undefined && later.counts.cache_write_1h === undefined) {
    counts.cache_write_1h = Math.min(ofAnHour, written);
    counts.cache_write_5m = written - counts.cache_write_1h;
  }
  return { ...earlier, ...later, counts };
}

/**
 * Writes to a cache of which the provider does not say for how long: for five minutes, or for an
 * hour if the request asked for that anywhere.
 */
export function withLifetime(usage: Usage, isForHour: boolean): Usage {
  if (!isForHour) return usage;
  const { cache_write_5m: written, cache_write_1h: ofAnHour, ...counts } = usage.counts;
  if (!written || ofAnHour !== undefined) return usage;
  return { ...usage, counts: { ...counts, cache_write_1h: written } };
}

function searchesIn(usage: JsonObject): number | undefined {
  return countAt(objectAt(usage, 'server_tool_use'), 'web_search_requests');
}

function withThinking(usage: Usage, thinkingTokens: number | undefined): Usage {
  return thinkingTokens ? { ...usage, thinkingTokens } : usage;
}

function withTier(counts: Usage['counts'], tier: string): Usage {
  return isStandardTier(tier) ? { counts } : { counts, tier };
}

/** Reads a response of which nothing but the usage matters. */
export function readUsageAlone(response: JsonObject): ParsedChunk {
  const usage = usageMember(response);
  return { ...EMPTY_CHUNK, usage: usage && completionsUsage(usage, '') };
}

/** The usage in an object that may have one; `x_groq` is where Groq puts it in a stream. */
export function usageMember(response: JsonObject): JsonObject | undefined {
  if (has(response, 'usage')) return objectAt(response, 'usage');
  const ofGroq = objectAt(response, 'x_groq');
  return has(ofGroq, 'usage') ? objectAt(ofGroq, 'usage') : undefined;
}

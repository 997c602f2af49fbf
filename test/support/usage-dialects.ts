/** Responses that report usage, in the dialects of providers. */
import { inputOf, type Script, type Truth, tellsLifetimes } from './truthful-provider.ts';

type Json = Readonly<Record<string, unknown>>;

interface Answer {
  readonly whole: Json;
  /** The data of its events, in order. */
  readonly stream: readonly Json[];
}

const TEXT = 'Zwölf Boxkämpfer';

/** Of servers of Chat Completions. */
export function chatEvents(truth: Truth, { dialect, reasoning }: Script): Answer {
  const { counts, tier } = truth;
  const input = inputOf(counts);
  const text = counts.output ?? 0;
  const output = text + (counts.audio_output ?? 0);
  const hidden = Math.min(Math.floor(output * reasoning), text);
  const totals = { prompt_tokens: input, total_tokens: input + output };
  const cached = counts.cached_input ?? 0;
  const outputDetails = { audio_tokens: counts.audio_output ?? 0, reasoning_tokens: hidden };
  const details = {
    audio_tokens: counts.audio_input ?? 0,
    cache_write_tokens: (counts.cache_write_5m ?? 0) + (counts.cache_write_1h ?? 0),
  };
  const DIALECTS: Json[] = [
    // OpenAI, OpenRouter
    {
      ...totals,
      completion_tokens: output,
      prompt_tokens_details: { ...details, cached_tokens: cached },
      completion_tokens_details: outputDetails,
    },
    // xAI, Gemini: reasoning is beside the completion tokens.
    {
      ...totals,
      completion_tokens: output - hidden,
      prompt_tokens_details: { ...details, cached_tokens: cached },
      completion_tokens_details: outputDetails,
    },
    // DeepSeek
    {
      ...totals,
      completion_tokens: output,
      prompt_cache_hit_tokens: cached,
      prompt_cache_miss_tokens: input - cached,
      prompt_tokens_details: details,
      completion_tokens_details: outputDetails,
    },
  ];
  const searches = counts.search ? { num_sources_used: counts.search } : {};
  const usage = { ...DIALECTS[dialect % DIALECTS.length], ...searches };
  const head = { service_tier: tier ?? 'default' };
  const words = { choices: [{ index: 0, delta: { content: TEXT } }] };
  const isGroqs = dialect >= DIALECTS.length;
  const last = { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  return {
    whole: { ...head, choices: [{ index: 0, message: { content: TEXT } }], usage },
    stream: isGroqs
      ? [words, { ...last, x_groq: { usage } }]
      : [words, last, { ...head, choices: [], usage }],
  };
}

/** Of OpenAI's Responses. */
export function responsesEvents({ counts, tier }: Truth, { dialect, reasoning }: Script): Answer {
  const input = inputOf(counts);
  const output = counts.output ?? 0;
  const hidden = Math.floor(output * reasoning);
  const usage = {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: counts.cached_input ?? 0,
      audio_tokens: counts.audio_input ?? 0,
      cache_write_tokens: (counts.cache_write_5m ?? 0) + (counts.cache_write_1h ?? 0),
    },
    // As xAI's: reasoning beside the rest.
    output_tokens: dialect % 2 === 0 ? output : output - hidden,
    output_tokens_details: { reasoning_tokens: hidden },
    total_tokens: input + output,
  };
  const calls = Array.from({ length: counts.search ?? 0 }, () => ({ type: 'web_search_call' }));
  const message = { type: 'message', content: [{ type: 'output_text', text: TEXT }] };
  const response = { service_tier: tier ?? 'default', output: [...calls, message], usage };
  return {
    whole: response,
    stream: [
      { type: 'response.created', response: { usage: null, service_tier: 'auto' } },
      { type: 'response.output_text.delta', delta: TEXT },
      { type: 'response.completed', response },
    ],
  };
}

/** Of Anthropic's Messages. */
export function messagesEvents({ counts, tier }: Truth, script: Script): Answer {
  const { dialect } = script;
  const shorter = counts.cache_write_5m ?? 0;
  const longer = counts.cache_write_1h ?? 0;
  const input = {
    input_tokens: (counts.input ?? 0) + (counts.audio_input ?? 0),
    cache_read_input_tokens: counts.cached_input ?? 0,
    cache_creation_input_tokens: shorter + longer,
  };
  const lifetimes = tellsLifetimes('/messages', script)
    ? {
        cache_creation: { ephemeral_5m_input_tokens: shorter, ephemeral_1h_input_tokens: longer },
      }
    : {};
  const output = counts.output ?? 0;
  const searched = counts.search ? { server_tool_use: { web_search_requests: counts.search } } : {};
  const served = tier?.replace(/\/?us$/, '') || 'standard';
  const named = {
    ...(served === 'fast' ? { speed: 'fast', service_tier: 'standard' } : { service_tier: served }),
    inference_geo: tier?.endsWith('us') ? 'us' : 'not_available',
  };
  const all = { ...input, ...lifetimes, ...named, ...searched };
  // The counts beside the turns of one answer are those of the last of them.
  const iterations = [
    { type: 'message', input_tokens: 0, output_tokens: Math.floor(output / 2) },
    { type: 'compaction', ...input, ...lifetimes, output_tokens: output - Math.floor(output / 2) },
  ];
  const isInTurns = dialect % 3 === 1;
  const usage = isInTurns
    ? { ...all, output_tokens: 1, iterations }
    : { ...all, output_tokens: output };
  const last = isInTurns
    ? { output_tokens: 1, iterations, ...searched }
    : dialect % 3 === 2
      ? { output_tokens: output, ...searched }
      : { ...input, output_tokens: output, ...searched };
  return {
    whole: { content: [{ type: 'text', text: TEXT }], usage },
    stream: [
      { type: 'message_start', message: { usage: { ...all, output_tokens: 1 } } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: TEXT } },
      { type: 'message_delta', usage: last },
      { type: 'message_stop' },
    ],
  };
}

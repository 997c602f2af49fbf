/**
 * OpenAI's Completions (https://platform.openai.com/docs/api-reference/completions): text that
 * continues a prompt. OpenAI calls them legacy; vLLM, llama.cpp and Ollama serve them as well.
 */
import { COMPLETIONS_TABLE } from '../request-guard/tables/completions.ts';
import { CHAT_COMPLETIONS, lastChunk } from './chat-completions.ts';
import {
  countAt,
  EMPTY_CHUNK,
  has,
  type JsonObject,
  objectAt,
  objectsAt,
  type ParsedChunk,
  type ProviderApi,
  textAt,
} from './provider-api.ts';

/** What the API writes at most if a request does not say. */
const DEFAULT_LIMIT = 16;

export const COMPLETIONS: ProviderApi = {
  family: 'openai',
  path: '/completions',
  hasText: true,
  table: COMPLETIONS_TABLE,

  wanted(body) {
    return {
      // Some servers take 0 for no limit.
      outputLimit: Math.max(1, countAt(body, 'max_tokens') ?? DEFAULT_LIMIT),
      answers: promptsIn(body) * writtenPerPrompt(body),
      isStream: body.stream === true,
    };
  },

  overrides(body, { model, outputLimit }) {
    return {
      model,
      max_tokens: Math.max(1, outputLimit),
      ...(has(body, 'n') ? { n: countAt(body, 'n') } : {}),
      ...(has(body, 'best_of') ? { best_of: countAt(body, 'best_of') } : {}),
      ...(body.stream === true
        ? { stream_options: { ...objectAt(body, 'stream_options'), include_usage: true } }
        : {}),
    };
  },

  readResponse: textIn,
  readEvent: textIn,
  endAtLimit: (stream) => [lastChunk(stream, { text: '' })],
};

/**
 * The API for one request. With `echo`, each text begins with its prompt, which was not written by
 * the model and is not billed as its output.
 */
export function completionsFor(body: JsonObject): ProviderApi {
  if (body.echo !== true) return COMPLETIONS;
  const prompts = [body.prompt].flat();
  const perPrompt = Math.max(1, countAt(body, 'n') ?? 1);
  const left = new Map<number, number>();
  /** A prompt of token ids is echoed as a text that is not known here. */
  const echoedIn = (index: number) => {
    const prompt = prompts[Math.floor(index / perPrompt)];
    return typeof prompt === 'string' ? prompt.length : 0;
  };
  const withoutEcho = (response: JsonObject): ParsedChunk => {
    let text = '';
    for (const choice of objectsAt(response, 'choices')) {
      const index = countAt(choice, 'index') ?? 0;
      const echoed = left.get(index) ?? echoedIn(index);
      const piece = textAt(choice, 'text');
      left.set(index, Math.max(0, echoed - piece.length));
      text += piece.slice(echoed);
    }
    return { ...textIn(response), text };
  };
  return { ...COMPLETIONS, readResponse: withoutEcho, readEvent: withoutEcho };
}

/** Of `best_of` texts only `n` come back, but all are written. */
function writtenPerPrompt(body: JsonObject): number {
  return Math.max(1, countAt(body, 'n') ?? 1, countAt(body, 'best_of') ?? 1);
}

/** A prompt is a text or a list of token ids; a list of either is that many prompts. */
function promptsIn({ prompt }: JsonObject): number {
  if (!Array.isArray(prompt) || typeof prompt[0] === 'number') return 1;
  return Math.max(1, prompt.length);
}

/** Usage and errors are where those of Chat Completions are. */
function textIn(response: JsonObject): ParsedChunk {
  const { usage, isUsageOnly, failure } = CHAT_COMPLETIONS.readEvent(response);
  let text = '';
  for (const choice of objectsAt(response, 'choices')) text += textAt(choice, 'text');
  return { ...EMPTY_CHUNK, text, usage, isUsageOnly, failure };
}

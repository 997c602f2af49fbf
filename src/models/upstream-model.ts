import type { PromptContext } from '../core/conversation.ts';
import type { ModelSettings } from '../core/deployment.ts';
import type { Reads } from '../core/files.ts';
import { readsOf } from './abilities.ts';
import { askProvider } from './ask-provider.ts';
import type { Delta, GenerateRequest, Model } from './catalogue.ts';
import { knownOutputLimit } from './known-output-limits.ts';
import { base64Length, promptBody, promptValue } from './prompt/prompt-body.ts';
import { PromptMemory } from './prompt/prompt-memory.ts';
import { filesGiven, hasFiles } from './prompt/prompt-parts.ts';
import { CHAT_COMPLETIONS } from './provider-apis/chat-completions.ts';
import { MESSAGES } from './provider-apis/messages.ts';
import type { ProviderApi } from './provider-apis/provider-api.ts';
import type { Provider } from './provider-client/provider.ts';
import { RequestBody } from './request-body/request-body.ts';

/** For a model of which nobody says how much it writes. */
const DEFAULT_OUTPUT_TOKENS = 4_096;

/** Prompts with files that are in memory. */
const PROMPTS = new PromptMemory();

/** A model of a provider. */
export function upstreamModel(settings: ModelSettings, provider: Provider): Model {
  const { name, price, priceAt, providerPriceAt, upstreamModel: upstream } = settings;
  const { headersTimeoutMs, streamHeadersTimeoutMs, idleTimeoutMs } = provider.settings;
  const outputTokens = settings.outputTokens ?? knownOutputLimit(upstream);
  const { kind } = provider.settings;
  const { contextTokens } = settings;
  const known = { kind, upstreamModel: upstream, contextTokens, reads: settings.reads };
  const reads = readsOf(known);
  return {
    name,
    get price() {
      return priceAt ? priceAt(Date.now()) : price;
    },
    get providerPrice() {
      return providerPriceAt ? providerPriceAt(Date.now()) : settings.providerPrice;
    },
    outputLimit: outputTokens ?? DEFAULT_OUTPUT_TOKENS,
    isOutputLimitKnown: outputTokens !== undefined,
    contextTokens,
    reads,
    idleTimeoutMs: streamHeadersTimeoutMs + idleTimeoutMs,
    wholeAnswerTimeoutMs: headersTimeoutMs + idleTimeoutMs,
    fallbacks: settings.fallbacks,
    allow: settings.allow,
    allowUnpriced: settings.allowUnpriced,
    upstream: { provider, model: upstream },
    generate: (request) => converse(provider, upstream, reads, request),
  };
}

/** Sends a conversation and the message that follows it, over the API of the provider's family. */
function converse(
  provider: Provider,
  model: string,
  reads: readonly Reads[],
  { content, promptContext, outputLimit, signal, attempts }: GenerateRequest,
): AsyncIterable<Delta> {
  const { family } = provider.settings;
  const api = family === 'openai' ? CHAT_COMPLETIONS : MESSAGES;
  const overrides = { model, outputLimit, signal, attempts };
  if (hasFiles(promptContext)) {
    return withFiles(provider, { api, content, promptContext, reads }, overrides);
  }
  const value = promptValue(family, { content, promptContext });
  const body = new RequestBody(Buffer.from(JSON.stringify(value)), value);
  return askProvider(provider, { api, body }, overrides);
}

/** The same with files, which are in memory only until the provider has them. */
async function* withFiles(
  provider: Provider,
  prompt: Pick<GenerateRequest, 'content' | 'promptContext'> & {
    readonly api: ProviderApi;
    readonly reads: readonly Reads[];
  },
  overrides: Parameters<typeof askProvider>[2],
): AsyncGenerator<Delta> {
  const { api, promptContext, reads } = prompt;
  const leave = await PROMPTS.enter(bytesGiven(promptContext, reads), overrides.signal);
  try {
    const body = await promptBody(provider.settings.family, prompt, reads);
    for await (const delta of askProvider(provider, { api, body }, overrides)) {
      // It is answered, so nobody is asked again.
      body.drop();
      leave();
      yield delta;
    }
  } finally {
    leave();
  }
}

function bytesGiven(promptContext: PromptContext, reads: readonly Reads[]): number {
  return filesGiven(promptContext, reads).reduce((sum, { bytes }) => sum + base64Length(bytes), 0);
}

import type { ModelSettings, ProviderKind } from '../core/deployment.ts';
import { askProvider } from './ask-provider.ts';
import type { Delta, GenerateRequest, Model } from './catalogue.ts';
import { knownOutputLimit } from './known-output-limits.ts';
import { CHAT_COMPLETIONS } from './provider-apis/chat-completions.ts';
import { MESSAGES } from './provider-apis/messages.ts';
import type { JsonObject } from './provider-apis/provider-api.ts';
import type { Provider } from './provider-client/provider.ts';
import { RequestBody } from './request-body/request-body.ts';
import { roundMessages, toolMembers, withToolCalls } from './tools/tool-messages.ts';

/** Providers whose models all call functions; those of others say so in `chit.json`. */
const KINDS_WITH_TOOLS: readonly ProviderKind[] = ['openai', 'anthropic', 'gemini', 'xai'];

/** For a model of which nobody says how much it writes. */
const DEFAULT_OUTPUT_TOKENS = 4_096;

/** A model of a provider. */
export function upstreamModel(settings: ModelSettings, provider: Provider): Model {
  const { name, price, priceAt, providerPriceAt, upstreamModel: upstream } = settings;
  const { headersTimeoutMs, streamHeadersTimeoutMs, idleTimeoutMs } = provider.settings;
  const outputTokens = settings.outputTokens ?? knownOutputLimit(upstream);
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
    contextTokens: settings.contextTokens,
    idleTimeoutMs: streamHeadersTimeoutMs + idleTimeoutMs,
    wholeAnswerTimeoutMs: headersTimeoutMs + idleTimeoutMs,
    fallbacks: settings.fallbacks,
    allow: settings.allow,
    allowUnpriced: settings.allowUnpriced,
    tools: settings.tools ?? KINDS_WITH_TOOLS.includes(provider.settings.kind),
    upstream: { provider, model: upstream },
    generate: (request) => converse(provider, upstream, request),
  };
}

/** Sends a conversation and the message that follows it, over the API of the provider's family. */
function converse(
  provider: Provider,
  model: string,
  { content, promptContext, outputLimit, signal, attempts, tools }: GenerateRequest,
): AsyncIterable<Delta> {
  const { systemPrompt, turns } = promptContext;
  const messages: JsonObject[] = turns.flatMap((turn) => [
    { role: 'user', content: turn.content },
    { role: 'assistant', content: turn.reply },
  ]);
  const { family } = provider.settings;
  const isOpenAi = family === 'openai';
  messages.push({ role: 'user', content });
  if (tools) messages.push(...roundMessages(family, tools.rounds));
  const hasPrompt = systemPrompt !== '';
  // OpenAI takes the system prompt as the first message, Anthropic beside the messages.
  if (isOpenAi && hasPrompt) messages.unshift({ role: 'system', content: systemPrompt });
  const body = {
    ...(isOpenAi || !hasPrompt ? {} : { system: systemPrompt }),
    messages,
    ...(tools ? toolMembers(family, tools) : {}),
    stream: true,
  };
  const plain = isOpenAi ? CHAT_COMPLETIONS : MESSAGES;
  const api = tools ? withToolCalls(plain) : plain;
  const whole = new RequestBody(Buffer.from(JSON.stringify(body)), body);
  return askProvider(provider, { api, body: whole }, { model, outputLimit, signal, attempts });
}

import type { ModelSettings } from '../core/deployment.ts';
import { EFFORTS, type ThinkingStyle } from '../core/model-options.ts';
import { askProvider } from './ask-provider.ts';
import type { Delta, GenerateRequest, Model } from './catalogue.ts';
import { knownOutputLimit } from './known-output-limits.ts';
import { knownOptions } from './options/known-options.ts';
import { optionMembers } from './options/option-members.ts';
import { CHAT_COMPLETIONS } from './provider-apis/chat-completions.ts';
import { MESSAGES } from './provider-apis/messages.ts';
import type { JsonObject } from './provider-apis/provider-api.ts';
import type { Provider } from './provider-client/provider.ts';
import { RequestBody } from './request-body/request-body.ts';
import { roundMessages, toolMembers, withToolCalls } from './tools/tool-messages.ts';

/** For a model of which nobody says how much it writes. */
const DEFAULT_OUTPUT_TOKENS = 4_096;

/** A model of a provider. */
export function upstreamModel(settings: ModelSettings, provider: Provider): Model {
  const { name, price, priceAt, providerPriceAt, upstreamModel: upstream } = settings;
  const { headersTimeoutMs, streamHeadersTimeoutMs, idleTimeoutMs } = provider.settings;
  const outputTokens = settings.outputTokens ?? knownOutputLimit(upstream);
  const options = optionsOf(settings);
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
    descriptions: settings.descriptions,
    ...options,
    idleTimeoutMs: streamHeadersTimeoutMs + idleTimeoutMs,
    wholeAnswerTimeoutMs: headersTimeoutMs + idleTimeoutMs,
    fallbacks: settings.fallbacks,
    allow: settings.allow,
    allowUnpriced: settings.allowUnpriced,
    upstream: { provider, model: upstream },
    generate: (request) => converse(provider, upstream, options.thinkingStyle, request),
  };
}

/** What can be chosen of a model: by the file, or else by what is known of it. */
function optionsOf(settings: ModelSettings) {
  const known = knownOptions(settings.upstreamModel);
  const { efforts = known.efforts, usesTools = known.usesTools } = settings;
  return {
    efforts: EFFORTS.filter((it) => efforts.includes(it)),
    thinks: settings.thinks ?? (known.thinks || efforts.length > 0),
    thinkingStyle: known.style,
    takesTemperature: settings.takesTemperature ?? known.takesTemperature,
    usesTools,
  };
}

/** Sends a conversation and the message that follows it, over the API of the provider's family. */
function converse(
  provider: Provider,
  model: string,
  style: ThinkingStyle,
  { content, promptContext, options = {}, outputLimit, signal, attempts, tools }: GenerateRequest,
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
  const system = isOpenAi || !hasPrompt ? {} : { system: systemPrompt };
  const chosen = optionMembers(provider.settings, style, options, outputLimit);
  const offered = tools ? toolMembers(family, tools) : {};
  const body = { ...system, messages, ...offered, stream: true, ...chosen };
  const plain = isOpenAi ? CHAT_COMPLETIONS : MESSAGES;
  const api = tools ? withToolCalls(plain) : plain;
  const whole = new RequestBody(Buffer.from(JSON.stringify(body)), body);
  return askProvider(provider, { api, body: whole }, { model, outputLimit, signal, attempts });
}

import type { PromptContext } from '../core/conversation.ts';
import type { ModelSettings } from '../core/deployment.ts';
import type { Reads } from '../core/files.ts';
import { EFFORTS, type ThinkingStyle } from '../core/model-options.ts';
import { readsOf } from './abilities.ts';
import { askProvider } from './ask-provider.ts';
import type { Delta, GenerateRequest, Model } from './catalogue.ts';
import { knownOutputLimit } from './known-output-limits.ts';
import { knownOptions } from './options/known-options.ts';
import { optionMembers } from './options/option-members.ts';
import { base64Length, promptBody, promptValue } from './prompt/prompt-body.ts';
import { PromptMemory } from './prompt/prompt-memory.ts';
import { filesGiven, hasFiles } from './prompt/prompt-parts.ts';
import { CHAT_COMPLETIONS } from './provider-apis/chat-completions.ts';
import { MESSAGES } from './provider-apis/messages.ts';
import type { JsonObject, ProviderApi } from './provider-apis/provider-api.ts';
import type { Provider } from './provider-client/provider.ts';
import { RequestBody } from './request-body/request-body.ts';
import { toolMembers, withToolCalls } from './tools/tool-messages.ts';
import { canThinkOn, headersToThinkOn } from './tools/written-blocks.ts';

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
  const options = optionsOf(settings);
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
    descriptions: settings.descriptions,
    ...options,
    idleTimeoutMs: streamHeadersTimeoutMs + idleTimeoutMs,
    wholeAnswerTimeoutMs: headersTimeoutMs + idleTimeoutMs,
    fallbacks: settings.fallbacks,
    allow: settings.allow,
    allowUnpriced: settings.allowUnpriced,
    upstream: { provider, model: upstream },
    generate: (request) =>
      converse({ provider, model: upstream, reads, style: options.thinkingStyle }, request),
  };
}

/** What can be chosen of a model: by the file, or else by what is known of it. */
function optionsOf(settings: ModelSettings) {
  const known = knownOptions(settings.upstreamModel);
  const { efforts = known.efforts, usesTools = known.usesTools } = settings;
  return {
    efforts: EFFORTS.filter((it) => efforts.includes(it)),
    thinks: settings.thinks ?? (known.thinks || efforts.length > 0),
    opensThinking: settings.opensThinking ?? false,
    thinkingStyle: known.style,
    takesTemperature: settings.takesTemperature ?? known.takesTemperature,
    usesTools,
  };
}

/** Who is asked, and what it takes. */
interface Asked {
  readonly provider: Provider;
  readonly model: string;
  readonly reads: readonly Reads[];
  readonly style: ThinkingStyle;
}

/** Sends a conversation and the message that follows it, over the API of the provider's family. */
function converse(asked: Asked, request: GenerateRequest): AsyncIterable<Delta> {
  const { provider, model } = asked;
  const { content, promptContext, outputLimit, signal, attempts, tools } = request;
  if (hasFiles(promptContext)) return converseWithFiles(asked, request);
  const { family } = provider.settings;
  const members = chosenMembers(asked, request);
  const value = promptValue(family, { content, promptContext, tools }, members);
  const body = new RequestBody(Buffer.from(JSON.stringify(value)), value);
  const sent = { api: apiFor(family, request), body, headers: headersFor(asked, request, members) };
  return askProvider(provider, sent, { model, outputLimit, signal, attempts });
}

/** The same with files, which are in memory only until the provider has them. */
async function* converseWithFiles(asked: Asked, request: GenerateRequest): AsyncGenerator<Delta> {
  const { provider, model, reads } = asked;
  const { promptContext, outputLimit, signal, attempts } = request;
  const { family } = provider.settings;
  const api = apiFor(family, request);
  const leave = await PROMPTS.enter(bytesGiven(promptContext, reads), signal);
  try {
    const members = chosenMembers(asked, request);
    const body = await promptBody(family, request, reads, members);
    const headers = headersFor(asked, request, members);
    const overrides = { model, outputLimit, signal, attempts };
    for await (const delta of askProvider(provider, { api, body, headers }, overrides)) {
      // It is answered, so nobody is asked again.
      body.drop();
      leave();
      yield delta;
    }
  } finally {
    leave();
  }
}

function apiFor(family: ProviderApi['family'], { tools }: GenerateRequest): ProviderApi {
  const api = family === 'openai' ? CHAT_COMPLETIONS : MESSAGES;
  return tools ? withToolCalls(api) : api;
}

function chosenMembers({ provider, model, style }: Asked, request: GenerateRequest): JsonObject {
  const { options: given = {}, outputLimit, tools } = request;
  const isLost =
    tools !== undefined &&
    provider.settings.family === 'anthropic' &&
    !canThinkOn(tools, model, style);
  const options = isLost ? { ...given, effort: undefined } : given;
  return {
    ...optionMembers(provider.settings, style, options, outputLimit),
    ...(tools ? toolMembers(provider.settings.family, tools) : {}),
  };
}

function headersFor({ provider, style }: Asked, { tools }: GenerateRequest, members: JsonObject) {
  const isThinking = tools !== undefined && 'thinking' in members;
  return isThinking ? headersToThinkOn(provider.settings.kind, style) : {};
}

function bytesGiven(promptContext: PromptContext, reads: readonly Reads[]): number {
  return filesGiven(promptContext, reads).reduce((sum, { bytes }) => sum + base64Length(bytes), 0);
}

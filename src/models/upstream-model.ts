import type { ModelSettings, ProviderSettings } from '../core/deployment.ts';
import type { Delta, GenerateRequest, Model } from './catalogue.ts';
import { Provider } from './provider.ts';
import { CHAT_COMPLETIONS } from './provider-apis/chat-completions.ts';
import { MESSAGES } from './provider-apis/messages.ts';
import { askProvider } from './upstream.ts';

/** A provider that can be asked. */
export function providerFrom(settings: ProviderSettings): Provider {
  return new Provider(settings);
}

/** A model that a provider runs. */
export function upstreamModel(settings: ModelSettings, provider: Provider): Model {
  const { name, price, upstreamModel: upstream, fallbacks, allow } = settings;
  return {
    name,
    price,
    providerPrice: settings.providerPrice,
    outputLimit: settings.outputTokens,
    contextTokens: settings.contextTokens,
    idleTimeoutMs: provider.settings.headersTimeoutMs + provider.settings.idleTimeoutMs,
    fallbacks,
    allow,
    upstream: { provider, model: upstream },
    generate: (request) => converse(provider, upstream, request),
  };
}

/** Words of a user and what was said before them, asked in the wire that the provider speaks. */
function converse(
  provider: Provider,
  model: string,
  { content, promptContext, outputLimit, signal }: GenerateRequest,
): AsyncIterable<Delta> {
  const { systemPrompt: system, turns } = promptContext;
  const said = turns.flatMap(({ content: asked, reply }) => [
    { role: 'user', content: asked },
    { role: 'assistant', content: reply },
  ]);
  const messages = [...said, { role: 'user', content }];
  const isOpenAi = provider.settings.wire === 'openai';
  const wire = isOpenAi ? CHAT_COMPLETIONS : MESSAGES;
  const instructed = isOpenAi
    ? { messages: [...(system === '' ? [] : [{ role: 'system', content: system }]), ...messages] }
    : { ...(system === '' ? {} : { system }), messages };
  const body = { ...instructed, stream: true };
  const json = JSON.stringify(body);
  return askProvider(provider, { wire, json, body }, { model, outputLimit, signal });
}

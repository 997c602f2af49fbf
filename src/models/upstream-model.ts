import type { ModelSettings, ProviderSettings } from '../core/deployment.ts';
import type { Delta, GenerateRequest, Model } from './catalogue.ts';
import { Provider } from './provider.ts';
import { askProvider } from './upstream.ts';
import { CHAT_COMPLETIONS } from './wires/chat-completions.ts';
import { MESSAGES } from './wires/messages.ts';

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
    outputLimit: settings.outputTokens,
    contextTokens: settings.contextTokens,
    idleTimeoutMs: provider.settings.headersTimeoutMs + provider.settings.idleTimeoutMs,
    fallbacks,
    allow,
    upstream: { provider, model: upstream },
    generate: (request) => converse(provider, upstream, request),
  };
}

/** One message of a user, asked in the wire that the provider speaks, as a stream. */
function converse(
  provider: Provider,
  model: string,
  { content, outputLimit, signal }: GenerateRequest,
): AsyncIterable<Delta> {
  const wire = provider.settings.wire === 'openai' ? CHAT_COMPLETIONS : MESSAGES;
  const body = { messages: [{ role: 'user', content }], stream: true };
  const json = JSON.stringify(body);
  return askProvider(provider, { wire, json, body }, { model, outputLimit, signal });
}

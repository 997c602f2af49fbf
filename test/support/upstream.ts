/** Models behind emulated providers, for tests. */
import type { ModelSettings, ProviderSettings } from '../../src/core/deployment.ts';
import { textPrice } from '../../src/core/pricing.ts';
import type { Model } from '../../src/models/catalogue.ts';
import { Provider } from '../../src/models/provider-client/provider.ts';
import { upstreamModel } from '../../src/models/upstream-model.ts';
import type { ProviderEmulator } from './providers/emulator.ts';

/** A credit for each token of input, half of one if it was cached, and two for output. */
export const TOKEN_PRICE = textPrice({
  perMillionInput: 1_000_000,
  perMillionCachedInput: 500_000,
  perMillionOutput: 2_000_000,
});

/** An emulated provider, as configured in a deployment. */
export function providerAt(
  { url }: Pick<ProviderEmulator, 'url'>,
  family: ProviderSettings['family'],
  changed: Partial<ProviderSettings> = {},
): Provider {
  return new Provider({
    name: `emulated-${family}`,
    family,
    kind: 'other',
    unknownMembers: 'refuse',
    fetchesUrls: false,
    baseUrl: family === 'openai' ? `${url}/v1` : url,
    apiKey: 'sk-emulated',
    headers: {},
    outputLimitName: 'max_tokens',
    connectTimeoutMs: 30_000,
    headersTimeoutMs: 60_000,
    streamHeadersTimeoutMs: changed.headersTimeoutMs ?? 60_000,
    idleTimeoutMs: 60_000,
    ...changed,
  });
}

/** A model of a provider, for everyone, at `TOKEN_PRICE`. */
export function modelAt(
  provider: Provider,
  name: string,
  changed: Partial<ModelSettings> = {},
): Model {
  return upstreamModel(
    {
      name,
      provider: provider.settings.name,
      upstreamModel: 'emulated-small',
      price: TOKEN_PRICE,
      providerPrice: undefined,
      contextTokens: 200_000,
      outputTokens: 1_000,
      fallbacks: [],
      allow: 'everyone',
      allowUnpriced: [],
      ...changed,
    },
    provider,
  );
}

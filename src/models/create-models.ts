import { isDeepStrictEqual } from 'node:util';
import type { Credits } from '../core/credits.ts';
import type { Deployment, ModelSettings, ProviderSettings } from '../core/deployment.ts';
import { flatPrice, textPrice } from '../core/pricing.ts';
import type { Model } from './catalogue.ts';
import { builtInModel } from './own-models/built-in.ts';
import { demoModel } from './own-models/demo.ts';
import type { RestBegun } from './provider-client/endpoints.ts';
import type { Provider } from './provider-client/provider.ts';
import type { ProviderFailure } from './provider-client/provider-failure.ts';

/** The default price of the demo: about that of a small model. */
const DEMO_PRICE = textPrice({ perMessage: 10, perMillionInput: 0, perMillionOutput: 10_000 });

const DEFAULT_SETTINGS: Pick<
  ModelSettings,
  | 'providerPrice'
  | 'contextTokens'
  | 'reads'
  | 'outputTokens'
  | 'fallbacks'
  | 'allow'
  | 'allowUnpriced'
> = {
  providerPrice: undefined,
  contextTokens: undefined,
  reads: undefined,
  outputTokens: 4_096,
  fallbacks: [],
  allow: 'everyone',
  allowUnpriced: [],
};

/**
 * The deployment of an installation without `chit.json`: the original's model and, if requested,
 * the demo.
 */
export function defaultDeployment(messagePriceCredits: Credits, hasDemo: boolean): Deployment {
  const dummy: ModelSettings = {
    ...DEFAULT_SETTINGS,
    name: 'dummy',
    provider: 'built-in',
    upstreamModel: 'dummy',
    price: flatPrice(messagePriceCredits),
  };
  const demo: ModelSettings = {
    ...DEFAULT_SETTINGS,
    name: 'demo',
    provider: 'demo',
    upstreamModel: 'demo',
    price: DEMO_PRICE,
  };
  const models = hasDemo ? [dummy, demo] : [dummy];
  return { providers: [], models, defaultModel: 'dummy', aliases: {}, limits: {} };
}

/**
 * Creates the models of a deployment, each connected to its provider.
 * @param options `connected` are providers to keep, with their connections and rests, where their
 *   settings are the same; `onRest` is called when an endpoint of a new one begins to rest
 */
export async function createModels(
  { providers, models }: Deployment,
  options: {
    readonly connected?: readonly Provider[];
    readonly onRest?: (rest: RestBegun) => void;
    /** Called for each request to a new one that failed before it was answered. */
    readonly onFailure?: (failure: ProviderFailure) => void;
  } = {},
): Promise<Model[]> {
  if (providers.length === 0) return models.flatMap((settings) => ownModel(settings) ?? []);
  // The HTTP client takes 12 MB, which a deployment without providers does not need.
  const { Provider } = await import('./provider-client/provider.ts');
  const { upstreamModel } = await import('./upstream-model.ts');
  const { connected = [], onRest, onFailure } = options;
  const providerOf = (settings: ProviderSettings) =>
    connected.find((it) => isDeepStrictEqual(it.settings, settings)) ??
    new Provider(settings, onRest, onFailure);
  const byName = new Map(providers.map((settings) => [settings.name, providerOf(settings)]));
  return models.map(
    (settings) =>
      ownModel(settings) ?? upstreamModel(settings, byName.get(settings.provider) as Provider),
  );
}

/** A model that needs no provider; undefined for any other. */
function ownModel(settings: ModelSettings): Model | undefined {
  if (settings.provider === 'built-in') return builtInModel(settings);
  if (settings.provider === 'demo') return demoModel(settings);
  return undefined;
}

import type { Credits } from '../core/credits.ts';
import type { Deployment, ModelSettings } from '../core/deployment.ts';
import { flatPrice, textPrice } from '../core/pricing.ts';
import { builtInModel } from './built-in.ts';
import type { Model } from './catalogue.ts';
import { demoModel } from './demo.ts';
import type { Provider } from './provider.ts';

/** The default price of the demo: about that of a small model. */
const DEMO_PRICE = textPrice({ perMessage: 10, perMillionInput: 0, perMillionOutput: 10_000 });

const DEFAULT_SETTINGS: Pick<
  ModelSettings,
  'providerPrice' | 'contextTokens' | 'outputTokens' | 'fallbacks' | 'allow' | 'allowUnpriced'
> = {
  providerPrice: undefined,
  contextTokens: undefined,
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
  return { providers: [], models, defaultModel: 'dummy', limits: {} };
}

/** Creates the models of a deployment, each connected to its provider. */
export async function createModels({ providers, models }: Deployment): Promise<Model[]> {
  if (providers.length === 0) return models.flatMap((settings) => ownModel(settings) ?? []);
  // The HTTP client takes 12 MB, which a deployment without providers does not need.
  const { Provider } = await import('./provider.ts');
  const { upstreamModel } = await import('./upstream-model.ts');
  const byName = new Map(providers.map((settings) => [settings.name, new Provider(settings)]));
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

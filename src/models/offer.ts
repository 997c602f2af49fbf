import type { Credits } from '../core/credits.ts';
import type { Deployment, ModelSettings } from '../core/deployment.ts';
import { flatPrice } from '../core/pricing.ts';
import { builtInModel } from './built-in.ts';
import type { Model } from './catalogue.ts';
import { demoModel } from './demo.ts';
import type { Provider } from './provider.ts';

/** What the demo costs where nobody has said: about as much as a small model does. */
const DEMO_PRICE = { ...flatPrice(10), perMillionOutput: 10_000 };

const OWN: Pick<
  ModelSettings,
  'providerPrice' | 'contextTokens' | 'outputTokens' | 'fallbacks' | 'allow'
> = {
  providerPrice: undefined,
  contextTokens: undefined,
  outputTokens: 4_096,
  fallbacks: [],
  allow: 'everyone',
};

/** What is offered where there is no file: the original's model, and the demo if it is wanted. */
export function defaultDeployment(messagePriceCredits: Credits, hasDemo: boolean): Deployment {
  const price = flatPrice(messagePriceCredits);
  const dummy = { ...OWN, name: 'dummy', provider: 'built-in', upstreamModel: 'dummy', price };
  const demo = { ...OWN, name: 'demo', provider: 'demo', upstreamModel: 'demo', price: DEMO_PRICE };
  const models = hasDemo ? [dummy, demo] : [dummy];
  return { providers: [], models, defaultModel: 'dummy', limits: {} };
}

/** The models of a deployment, each with the connection to its provider. */
export async function offeredModels({ providers, models }: Deployment): Promise<Model[]> {
  // The HTTP client takes 12 MB, which a deployment without providers does not need.
  const upstream = providers.length > 0 ? await import('./upstream-model.ts') : undefined;
  const byName = new Map(providers.map((it) => [it.name, upstream?.providerFrom(it)]));
  return models.map((settings) => {
    if (settings.provider === 'built-in') return builtInModel(settings);
    if (settings.provider === 'demo') return demoModel(settings);
    return upstream?.upstreamModel(settings, byName.get(settings.provider) as Provider) as Model;
  });
}

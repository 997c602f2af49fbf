/** The prices of the models in `chit.json`. */
import type { DeploymentFile, PriceEntry, ProviderEntry } from '../deployment-schema.ts';
import { dollarsFrom } from '../prices/decimal.ts';
import {
  type PriceCatalogue,
  PriceFault,
  type ReadPrice,
  readPrice,
} from '../prices/read-price.ts';
import type { DeploymentFault } from './references.ts';

/** `"price": "catalogue"` is short for `"price": { "catalogue": true }`. */
export function withCatalogueEntries(value: unknown): unknown {
  const { models } = (value ?? {}) as { models?: unknown };
  if (!Array.isArray(models)) return value;
  for (const model of models as Record<string, unknown>[]) {
    for (const name of ['price', 'providerPrice']) {
      if (model?.[name] === 'catalogue') model[name] = { catalogue: true };
    }
  }
  return value;
}

/** The prices of a model, as they are charged and as its provider takes them. */
export interface ModelPrices {
  readonly price: ReadPrice;
  readonly providerPrice: ReadPrice | undefined;
}

/**
 * Reads the prices of all models.
 * @param faults receives what is wrong with them
 */
export function readPrices(
  { models, providers = {}, tokenIsWorth }: DeploymentFile,
  { catalogue }: { readonly catalogue?: PriceCatalogue | undefined },
  faults: DeploymentFault[],
): ModelPrices[] {
  return models.flatMap((model, index) => {
    const { name, provider, upstream = name } = model;
    const context = {
      baseUrl: addressOf(providers[provider]),
      model: upstream,
      tokenIsWorth: tokenIsWorth === undefined ? undefined : dollarsFrom(tokenIsWorth),
      catalogue,
      nowMs: Date.now(),
    };
    const read = (member: 'price' | 'providerPrice', entry: PriceEntry) => {
      try {
        return readPrice(entry, context);
      } catch (error) {
        if (!(error instanceof PriceFault)) throw error;
        const path = ['models', index, member, ...(error.member ? [error.member] : [])];
        faults.push({ path, reason: error.message });
        return undefined;
      }
    };
    const price = read('price', model.price);
    const providerPrice = model.providerPrice && read('providerPrice', model.providerPrice);
    return price ? [{ price, providerPrice }] : [];
  });
}

/** By which the catalogue knows a provider; all its endpoints have the same prices. */
function addressOf(provider: ProviderEntry | undefined): string {
  return provider?.baseUrl ?? provider?.endpoints?.[0]?.baseUrl ?? '';
}

/** The prices of the models in `chit.json`. */
import type { Fraction } from '../../core/pricing.ts';
import { dollarsFrom } from '../prices/decimal.ts';
import {
  knownProviderPrice,
  type PriceCatalogue,
  PriceFault,
  type ReadPrice,
  readPrice,
  readProviderPrice,
} from '../prices/read-price.ts';
import type { DeploymentFile, PriceEntry, ProviderEntry } from './deployment-schema.ts';
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
  /** The name that the catalogue knows it by. */
  readonly catalogueName: string;
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
      kind: providers[provider]?.kind,
      model: upstream,
      tokenIsWorth: worthOf(tokenIsWorth),
      catalogue,
      nowMs: Date.now(),
    };
    const read = (member: 'price' | 'providerPrice', entry: PriceEntry) => {
      try {
        return member === 'price' ? readPrice(entry, context) : readProviderPrice(entry, context);
      } catch (error) {
        if (!(error instanceof PriceFault)) throw error;
        const path = ['models', index, member, ...(error.member ? [error.member] : [])];
        faults.push({ path, reason: error.message });
        return undefined;
      }
    };
    const price = read('price', model.price);
    const providerPrice = model.providerPrice
      ? read('providerPrice', model.providerPrice)
      : knownProviderPrice(model.price, context);
    const names = [model.price.catalogue, model.providerPrice?.catalogue, upstream];
    const catalogueName = names.find((it) => typeof it === 'string') ?? upstream;
    return price ? [{ price, providerPrice, catalogueName }] : [];
  });
}

/** The dollars of one credit, as the file has them. */
export function worthOf(tokenIsWorth: string | undefined): Fraction | undefined {
  return tokenIsWorth === undefined ? undefined : dollarsFrom(tokenIsWorth);
}

/** By which the catalogue knows a provider; all its endpoints have the same prices. */
function addressOf(provider: ProviderEntry | undefined): string {
  return provider?.baseUrl ?? provider?.endpoints?.[0]?.baseUrl ?? '';
}

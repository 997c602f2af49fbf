import type { Unit } from '../../core/units.ts';
import type { Model } from '../catalogue.ts';
import type { GuardRules } from './inspect-request.ts';

/** Units that every price covers: writing to a cache costs a multiple of input by default. */
const PRICED_UNITS: ReadonlySet<Unit> = new Set<Unit>([
  'input',
  'cached_input',
  'cache_write_5m',
  'cache_write_1h',
  'output',
]);
const NO_TIERS: ReadonlySet<string> = new Set();

/** What the deployment allows for a model of a provider. */
export function guardRulesOf(model: Model): GuardRules {
  const { price, contextTokens, allowUnpriced, upstream } = model;
  const isInputFree = price.perMillionInput === 0 && price.perMillionCachedInput === 0;
  return {
    pricedUnits: PRICED_UNITS,
    pricedTiers: NO_TIERS,
    allowUnpriced,
    unknownMembers: upstream?.provider.settings.unknownMembers ?? 'refuse',
    fetchesUrls: upstream?.provider.settings.fetchesUrls ?? false,
    canHoldUnseenInput: isInputFree || contextTokens !== undefined,
  };
}

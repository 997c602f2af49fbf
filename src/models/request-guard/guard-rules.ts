import type { ProviderKind } from '../../core/deployment.ts';
import { hasOwnRate, type Price, type PricedUnit, rateOf } from '../../core/pricing.ts';
import { UNITS, type Unit } from '../../core/units.ts';
import type { Model } from '../catalogue.ts';
import type { GuardRules } from './inspect-request.ts';

type Covered = Pick<GuardRules, 'pricedUnits' | 'pricedTiers' | 'namedUnits'>;

/** Kinds whose documents of OpenAI's Responses do not have `max_tool_calls`. */
const WITHOUT_TOOL_CALL_LIMIT: ReadonlySet<ProviderKind> = new Set([
  'gemini',
  'xai',
  'deepseek',
  'groq',
  'mistral',
  'ollama',
  'llama.cpp',
  'vllm',
  'lmstudio',
]);

/** Prices are few, and asked with each request. */
const known = new WeakMap<Price, Covered>();

const NO_PROVIDER = { kind: 'other', unknownMembers: 'refuse', fetchesUrls: false } as const;

/** What the deployment allows for a model of a provider. */
export function guardRulesOf({ price, allowUnpriced, upstream }: Model): GuardRules {
  const { kind, unknownMembers, fetchesUrls } = upstream?.provider.settings ?? NO_PROVIDER;
  const limitsToolCalls = !WITHOUT_TOOL_CALL_LIMIT.has(kind);
  return { ...coveredBy(price), allowUnpriced, unknownMembers, fetchesUrls, limitsToolCalls };
}

function coveredBy(price: Price): Covered {
  const found = known.get(price);
  if (found) return found;
  const pricedUnits: ReadonlySet<Unit> = new Set(
    UNITS.filter((unit) => rateOf(price, unit, 0) !== undefined),
  );
  const covered = {
    pricedUnits,
    pricedTiers: new Set(Object.keys(price.tiers ?? {})),
    namedUnits: new Set<PricedUnit>(UNITS.filter((unit) => hasOwnRate(price, unit))),
  };
  known.set(price, covered);
  return covered;
}

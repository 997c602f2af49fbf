import type { Context } from '../../app/context.ts';
import { readUnpriced } from '../../app/usage/read-unpriced.ts';
import { readUsage } from '../../app/usage/read-usage.ts';
import { durationAt } from '../../core/durations.ts';
import { withoutPassword } from '../../core/hidden-password.ts';
import { creditsFor, type Price, perMillion, rateOf } from '../../core/pricing.ts';
import { shownRates, shownTiers } from '../../core/shown-price.ts';
import { addModelSums, type ModelSums, NO_MODEL_SUMS } from '../../core/usage-sums.ts';
import type { Model } from '../../models/catalogue.ts';
import type { Provider } from '../../models/provider-client/provider.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { READ_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import type { ProxyWatch } from '../framework/undeclared-proxy.ts';
import { AdminModels, AdminSettings } from './deployment-schema.ts';

const security = [{ bearer: [] }];
const HOUR_MS = 3_600_000;
/** From this share of failures on, a model counts as failing. */
const FAILING_SHARE = 0.5;

/** A setting as staff may see it. */
export interface ShownSetting {
  readonly name: string;
  /** undefined for a secret. */
  readonly value: string | undefined;
  readonly source: string;
  readonly fallback: string;
  readonly doc: string;
}

/** The configuration of this deployment, and the health of its models. */
export function deploymentRoutes(
  api: Api,
  context: Context,
  { settings, proxies }: { settings: readonly ShownSetting[]; proxies: ProxyWatch },
): void {
  api.get('/api/admin/models/', {
    config: staffWith('operations:read'),
    schema: {
      tags: ['Admin: site'],
      security,
      summary: 'List models and providers with their health',
      response: { 200: AdminModels, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const toMs = context.now();
      const span = { step: 'hour', fromMs: toMs - HOUR_MS, toMs, model: undefined } as const;
      const { models, unpriced } = await context.heavyReads.run(
        principalOf(request).actor,
        async () => ({
          ...(await readUsage(context, span)),
          unpriced: await readUnpriced(context),
        }),
      );
      const sums = new Map(models.map((it) => [it.model, it.sums]));
      const { all, defaultModel } = context.catalogue;
      // What a fallback answered in place of a model was booked for the fallback.
      const seenOf = ({ name }: Model): Seen => {
        const booked = sums.get(name) ?? NO_MODEL_SUMS;
        const own = context.modelHealth.of(name);
        const { byFallback, byDearerFallback } = own;
        const failed = Math.max(booked.failed, own.failed);
        return { sums: { ...booked, failed }, byFallback, byDearerFallback };
      };
      const isFailing = ({ name }: Model) => context.modelHealth.of(name).isFailing;
      return {
        models: all.map((it) => ({
          ...shownModel(it),
          unpriced: unpriced.get(it.name) ?? [],
          is_default: it === defaultModel,
          health: healthOf(seenOf(it), isFailing(it)),
        })),
        providers: providersOf(all).map(({ provider, models: its }) => ({
          name: provider.settings.name,
          wire: provider.settings.family,
          kind: provider.settings.kind,
          base_url: withoutPassword(provider.settings.baseUrl),
          has_key: provider.settings.apiKey !== undefined,
          endpoints: provider.endpoints.shown().map(shownEndpoint),
          health: healthOf(
            its.map(seenOf).reduce(addSeen, NOTHING_SEEN),
            its.length > 0 && its.every(isFailing),
          ),
        })),
      };
    },
  });

  api.get('/api/admin/settings/', {
    config: staffWith('operations:read'),
    schema: {
      tags: ['Admin: site'],
      security,
      summary: 'List every setting, without the values of secrets',
      response: { 200: AdminSettings, ...STAFF_ERRORS },
    },
    handler: async () => ({
      settings: settings.map(({ name, value, source, fallback, doc }) => ({
        name,
        value: value ?? null,
        source,
        default: fallback,
        meaning: doc,
      })),
      undeclared_proxy: proxies.address ?? null,
    }),
  });
}

function shownModel(model: Model) {
  const { name, price, providerPrice, upstream, allow } = model;
  return {
    name,
    provider: upstream?.provider.settings.name ?? null,
    upstream: upstream?.model ?? null,
    price: shownPrice(price),
    provider_price: providerPrice ? shownPrice(providerPrice) : null,
    output_limit: model.outputLimit,
    context_limit: model.contextTokens ?? null,
    fallbacks: [...model.fallbacks],
    allow: typeof allow === 'string' ? allow : [...allow],
  };
}

function providersOf(all: readonly Model[]) {
  const providers = [...new Set(all.flatMap(({ upstream }) => upstream?.provider ?? []))];
  return providers.map((provider) => ({
    provider,
    models: all.filter(({ upstream }) => upstream?.provider === provider),
  }));
}

function shownPrice(price: Price) {
  return {
    per_message: creditsFor(rateOf(price, 'message', 0)),
    per_million_input: perMillion(rateOf(price, 'input', 0)),
    per_million_cached_input: perMillion(rateOf(price, 'cached_input', 0)),
    per_million_output: perMillion(rateOf(price, 'output', 0)),
    rates: shownRates(price).map(({ unit, per, credits, aboveInput }) => ({
      unit,
      per,
      tokens: credits,
      above_input: aboveInput ?? null,
    })),
    tiers: shownTiers(price),
  };
}

type ShownEndpoint = ReturnType<Provider['endpoints']['shown']>[number];

function shownEndpoint({ settings, rest }: ShownEndpoint) {
  return {
    base_url: withoutPassword(settings.baseUrl),
    has_key: settings.apiKey !== undefined,
    weight: settings.weight,
    rest: rest ? { ...rest, status: rest.status ?? null, model: rest.model ?? null } : null,
  };
}

/** What was booked for a model, and what its fallbacks answered in its place. */
interface Seen {
  readonly sums: ModelSums;
  readonly byFallback: number;
  readonly byDearerFallback: number;
}

const NOTHING_SEEN: Seen = { sums: NO_MODEL_SUMS, byFallback: 0, byDearerFallback: 0 };

function addSeen(one: Seen, other: Seen): Seen {
  return {
    sums: addModelSums(one.sums, other.sums),
    byFallback: one.byFallback + other.byFallback,
    byDearerFallback: one.byDearerFallback + other.byDearerFallback,
  };
}

/** @param isFailingNow whether it has failed several times in a row and not answered since */
function healthOf({ sums, byFallback, byDearerFallback }: Seen, isFailingNow: boolean) {
  const { messages, failed, durations } = sums;
  const all = messages + failed;
  const isFailing = isFailingNow || (failed > 0 && failed >= all * FAILING_SHARE);
  const state = all === 0 ? 'quiet' : isFailing ? 'failing' : 'answering';
  return {
    state,
    messages,
    failed,
    median_ms: durationAt(durations, 0.5) ?? null,
    by_fallback: byFallback,
    by_dearer_fallback: byDearerFallback,
  } as const;
}

/** The endpoints of a provider: which of its addresses and keys is asked next, and which rest. */
import type { EndpointSettings, ProviderSettings } from '../../core/deployment.ts';
import { ProviderFailure } from './provider-failure.ts';

/** Whoever refuses the key or the account does so until the operator has acted. */
const ACCOUNT_REST_MS = 300_000;
/** The first pause of an endpoint that fails; each further failure doubles it up to the longest. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
/** Statuses by which a provider says that it cannot answer now, whatever the request. */
const NOT_NOW = new Set([500, 502, 503, 504, 520, 522, 524, 529]);

/** Why an endpoint rests: the operator has to act, it limits how fast it is asked, or it fails. */
export type RestReason = 'account' | 'limited' | 'failing';

/** A time for which an endpoint is left alone. */
export interface EndpointRest {
  readonly reason: RestReason;
  /** The status of the response; undefined if there was none. */
  readonly status: number | undefined;
  /** The provider's name of the model that this is about; undefined for every model. */
  readonly model: string | undefined;
  /** Until it ends, in seconds, rounded up. */
  readonly seconds: number;
}

/** An endpoint has begun to rest. */
export interface RestBegun extends EndpointRest {
  readonly provider: string;
  /** The position of the endpoint in `chit.json`, from 1. */
  readonly endpoint: number;
  /** For the log; it may name the account. */
  readonly cause: ProviderFailure;
}

interface Rest {
  readonly reason: RestReason;
  readonly failure: ProviderFailure;
  readonly untilMs: number;
  /**
   * Whether it is not asked meanwhile even if all other endpoints rest. Only what the provider
   * itself asks for is firm: whoever can make it fail must not be able to take it from others.
   */
  readonly isFirm: boolean;
  /** Failures without an answer in between. */
  readonly failures: number;
}

/** Where to connect to, and the path to ask for there. */
export interface Target {
  readonly origin: string;
  readonly path: string;
}

/** One address with its key. */
export class Endpoint {
  readonly settings: EndpointSettings;
  /** In `chit.json`, from 1. */
  readonly position: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Rests by the provider's name of a model; '' for those of all models. */
  readonly rests = new Map<string, Rest>();
  /** Where the paths of its APIs are. */
  readonly #targets = new Map<string, Target>();

  constructor(settings: EndpointSettings, position: number, headers: Record<string, string>) {
    this.settings = settings;
    this.position = position;
    this.headers = headers;
  }

  /** Where to send requests for a path below its base URL. */
  targetOf(path: string): Target {
    let target = this.#targets.get(path);
    if (!target) {
      const { origin, pathname, search } = new URL(`${this.settings.baseUrl}${path}`);
      target = { origin, path: pathname + search };
      this.#targets.set(path, target);
    }
    return target;
  }

  /** The rest that keeps it from being asked for a model; undefined if none does. */
  restFor(model: string, nowMs: number): Rest | undefined {
    if (this.rests.size === 0) return undefined;
    const ofAll = current(this.rests.get(''), nowMs);
    const ofModel = current(this.rests.get(model), nowMs);
    if (!ofAll || !ofModel) return ofAll ?? ofModel;
    if (ofAll.isFirm !== ofModel.isFirm) return ofAll.isFirm ? ofAll : ofModel;
    return ofAll.untilMs >= ofModel.untilMs ? ofAll : ofModel;
  }
}

function current(rest: Rest | undefined, nowMs: number): Rest | undefined {
  return rest && rest.untilMs > nowMs ? rest : undefined;
}

/** The next endpoint to ask, and how long to wait before that, in milliseconds. */
export interface Choice {
  readonly endpoint: Endpoint;
  readonly waitMs: number;
}

const NONE_FAILED: ReadonlyMap<Endpoint, ProviderFailure> = new Map();

/** The endpoints of one provider and their rests, on this server. */
export class Endpoints {
  readonly #provider: string;
  /** In the order of `chit.json`. */
  readonly all: readonly Endpoint[];
  readonly #nowMs: () => number;
  readonly #random: () => number;
  readonly #onRest: (rest: RestBegun) => void;
  readonly #onFailure: ((failure: ProviderFailure) => void) | undefined;

  /** @param options `nowMs` is a clock that is never set back; `random` gives 0 up to 1 */
  constructor(
    settings: ProviderSettings,
    options: {
      readonly onRest?: ((rest: RestBegun) => void) | undefined;
      /** Called for each request that failed before it was answered. */
      readonly onFailure?: ((failure: ProviderFailure) => void) | undefined;
      readonly nowMs?: () => number;
      readonly random?: () => number;
    } = {},
  ) {
    this.#provider = settings.name;
    const { baseUrl, apiKey, headers } = settings;
    const all = settings.endpoints ?? [{ baseUrl, apiKey, headers, weight: 1 }];
    this.all = all.map((it, index) => new Endpoint(it, index + 1, headersOf(settings.family, it)));
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#onRest = options.onRest ?? (() => undefined);
    this.#onFailure = options.onFailure;
  }

  /**
   * Chooses by weight among the endpoints that do not rest. If all do, it is the one that returns
   * first of those that only fail, at once; else the one that returns first of the others, if that
   * is soon enough. A provider with one endpoint is asked by every turn: it knows best whether it
   * answers again.
   * @param failed what has failed in this turn; whoever has refused the operator is not asked again
   * @returns undefined if there is none to ask
   */
  choose(
    model: string,
    withinMs: number,
    failed: ReadonlyMap<Endpoint, ProviderFailure> = NONE_FAILED,
  ): Choice | undefined {
    const [only] = this.all;
    if (failed.size === 0 && this.all.length === 1 && only) return { endpoint: only, waitMs: 0 };
    const nowMs = this.#nowMs();
    const allowed = this.all.filter((it) => failed.get(it)?.reason !== 'operator');
    const awake = allowed.filter((it) => !it.restFor(model, nowMs));
    const chosen = this.#byWeight(awake) ?? firstBack(allowed, model, nowMs);
    if (!chosen) return undefined;
    const rest = chosen.restFor(model, nowMs);
    if (!rest?.isFirm) return { endpoint: chosen, waitMs: 0 };
    const waitMs = rest.untilMs - nowMs;
    return waitMs <= withinMs ? { endpoint: chosen, waitMs } : undefined;
  }

  /** The failure of a request that nobody was asked, since all endpoints rest. */
  restingFailure(model: string): ProviderFailure {
    const nowMs = this.#nowMs();
    const first = firstBack(this.all, model, nowMs);
    const rest = first?.restFor(model, nowMs);
    if (!first || !rest) return new ProviderFailure('unreachable', `${this.#provider} rests.`);
    const { failure, reason } = rest;
    const ms = rest.untilMs - nowMs;
    const resting = new ProviderFailure(
      failure.reason,
      `${this.#provider} was not asked, since all its endpoints rest. The first to return is ` +
        `${first.position}, in ${Math.ceil(ms / 1_000)} s: ${failure.message}`,
      {
        status: failure.status,
        ...(reason === 'account' ? {} : { retryAfterMs: ms }),
        cause: failure,
      },
    );
    resting.provider = this.#provider;
    resting.endpoint = first.position;
    return resting;
  }

  /** An endpoint has begun to answer. */
  noteAnswer({ rests }: Endpoint, model: string): void {
    if (rests.size === 0) return;
    const nowMs = this.#nowMs();
    for (const key of ['', model]) {
      const rest = rests.get(key);
      // With others to ask, the answer is to a request of before the rest that was asked for.
      const holds = this.all.length > 1 && rest?.isFirm && rest.untilMs > nowMs;
      if (rest && !holds) rests.delete(key);
    }
  }

  /** A request to an endpoint has failed before it was answered. */
  noteFailure(endpoint: Endpoint, model: string, failure: ProviderFailure): void {
    this.#onFailure?.(failure);
    const scope = scopeOf(failure, model);
    const reason = restReasonOf(failure);
    if (scope === undefined || reason === undefined) return;
    const nowMs = this.#nowMs();
    const before = endpoint.rests.get(scope);
    const running = current(before, nowMs);
    // As it is, so that the log tells of it again for as long as nobody has acted.
    if (running?.reason === 'account') return;
    // Requests that were under way together count as one failure.
    const failures = running?.failures ?? (before?.failures ?? 0) + 1;
    const restMs = this.#lengthOf(reason, failures, failure.retryAfterMs);
    if (restMs <= 0) return;
    const isFirm = reason !== 'failing' || failure.retryAfterMs !== undefined;
    const untilMs = nowMs + restMs;
    const isWithin = running && running.untilMs >= untilMs && (running.isFirm || !isFirm);
    if (isWithin || (running?.isFirm && !isFirm)) return;
    endpoint.rests.set(scope, { reason, failure, untilMs, isFirm, failures });
    if (running?.reason === reason) return;
    this.#onRest({
      provider: this.#provider,
      endpoint: endpoint.position,
      reason,
      status: failure.status,
      model: scope === '' ? undefined : model,
      seconds: Math.ceil(restMs / 1_000),
      cause: failure,
    });
  }

  #lengthOf(reason: RestReason, failures: number, toldMs: number | undefined): number {
    if (reason === 'account') return Math.max(ACCOUNT_REST_MS, toldMs ?? 0);
    if (toldMs !== undefined) return toldMs;
    const growingMs = Math.min(FIRST_REST_MS * 2 ** (failures - 1), LONGEST_REST_MS);
    return growingMs * (0.5 + this.#random() / 2);
  }

  /** Each endpoint in the order of `chit.json`, with its longest rest, if it rests. */
  shown(): { readonly settings: EndpointSettings; readonly rest: EndpointRest | undefined }[] {
    const nowMs = this.#nowMs();
    return this.all.map(({ settings, rests }) => {
      const running = [...rests].filter(([, { untilMs }]) => untilMs > nowMs);
      const [longest] = running.sort(([, a], [, b]) => b.untilMs - a.untilMs);
      if (!longest) return { settings, rest: undefined };
      const [model, { reason, failure, untilMs }] = longest;
      const seconds = Math.ceil((untilMs - nowMs) / 1_000);
      const { status } = failure;
      return { settings, rest: { reason, status, model: model || undefined, seconds } };
    });
  }

  #byWeight(endpoints: readonly Endpoint[]): Endpoint | undefined {
    if (endpoints.length <= 1) return endpoints[0];
    const sum = endpoints.reduce((total, { settings }) => total + settings.weight, 0);
    let left = this.#random() * sum;
    for (const endpoint of endpoints) {
      left -= endpoint.settings.weight;
      if (left < 0) return endpoint;
    }
    return endpoints.at(-1);
  }
}

/** Of endpoints that all rest: the first to return, those first that may be asked meanwhile. */
function firstBack(
  endpoints: readonly Endpoint[],
  model: string,
  nowMs: number,
): Endpoint | undefined {
  const order = (endpoint: Endpoint) => {
    const rest = endpoint.restFor(model, nowMs);
    return { isFirm: rest?.isFirm ?? false, untilMs: rest?.untilMs ?? 0 };
  };
  const [first] = endpoints.toSorted((one, other) => {
    const [a, b] = [order(one), order(other)];
    return Number(a.isFirm) - Number(b.isFirm) || a.untilMs - b.untilMs;
  });
  return first;
}

/** Why a failure makes its endpoint rest; undefined if it says nothing of other requests. */
function restReasonOf({ reason, status, apiError, isFinal }: ProviderFailure) {
  if (reason === 'operator') {
    // The page of a firewall, which the words of one client may have brought about.
    return status === 403 && !apiError ? undefined : ('account' as const);
  }
  if (reason === 'unreachable' || reason === 'timed_out') return 'failing';
  if (status === 429) return isFinal ? undefined : 'limited';
  return status !== undefined && NOT_NOW.has(status) ? 'failing' : undefined;
}

/** What rests: the model at this endpoint, or '' for all of the endpoint. */
function scopeOf({ reason, apiError }: ProviderFailure, model: string): string | undefined {
  // OpenAI's projects and others have access to some models and not to others.
  if (reason === 'operator') return apiError?.code === 'model_not_found' ? model : '';
  // Providers limit how fast each model is asked, and one may be overloaded alone.
  return reason === 'unreachable' ? '' : model;
}

const ANTHROPIC_VERSION = '2023-06-01';

function headersOf(
  family: ProviderSettings['family'],
  { apiKey, headers }: EndpointSettings,
): Record<string, string> {
  if (family === 'anthropic') {
    const key = apiKey === undefined ? {} : { 'x-api-key': apiKey };
    return { 'anthropic-version': ANTHROPIC_VERSION, ...key, ...headers };
  }
  return { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...headers };
}

/** Asks a provider which models it has: it costs nothing and needs the key. */
import { Agent } from 'undici';
import type { ProviderSettings } from '../../core/deployment.ts';
import { withoutSecrets } from '../../core/doctor.ts';
import { type Endpoint, Endpoints } from './endpoints.ts';
import { exchange } from './exchange.ts';
import { ProviderFailure } from './provider-failure.ts';
import { refusalOf } from './refusal.ts';

/** Lists of OpenRouter have a megabyte; nobody has one of this size. */
const MAX_LIST_BYTES = 16_777_216;

/** What an endpoint has answered. */
export interface EndpointAnswer {
  /** The position of the endpoint in `chit.json`, from 1. */
  readonly endpoint: number;
  /** Without a path; nothing in it is secret. */
  readonly host: string;
  /** Until the answer began. */
  readonly ms: number;
  /** How far the clock of this machine is ahead of the answer's `Date`, in seconds. */
  readonly clockAheadSeconds: number | undefined;
  readonly result: EndpointResult;
}

export type EndpointResult =
  /** `isWhole`: whether the list has all of its models. */
  | { readonly kind: 'listed'; readonly models: ReadonlySet<string>; readonly isWhole: boolean }
  /** It answers, and has no such list. */
  | { readonly kind: 'unlisted'; readonly status: number }
  /** `isOperators`: it refuses the key or the account. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly isOperators: boolean;
      readonly reason: string;
    }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Asks every endpoint of a provider, each once and all at the same time. Never rejects. */
export async function askEndpoints(
  settings: ProviderSettings,
  timeoutMs: number,
): Promise<EndpointAnswer[]> {
  const agent = new Agent({ connect: { timeout: timeoutMs }, bodyTimeout: timeoutMs });
  try {
    return await Promise.all(
      new Endpoints(settings).all.map((it) => askOne(agent, settings, it, timeoutMs)),
    );
  } finally {
    await agent.destroy();
  }
}

/**
 * Where the list is: https://platform.openai.com/docs/api-reference/models/list,
 * https://docs.claude.com/en/api/models-list (1,000 on a page at most). OpenRouter shows its list
 * to everybody, so there the key is asked for: https://openrouter.ai/docs/api-reference/limits.
 */
function pathOf({ family, kind }: ProviderSettings): string {
  if (kind === 'openrouter') return '/key';
  return family === 'anthropic' ? '/v1/models?limit=1000' : '/models';
}

async function askOne(
  agent: Agent,
  settings: ProviderSettings,
  endpoint: Endpoint,
  timeoutMs: number,
): Promise<EndpointAnswer> {
  const path = pathOf(settings);
  const target = endpoint.targetOf(path);
  const { host } = new URL(target.origin);
  const of = { endpoint: endpoint.position, host };
  const startMs = performance.now();
  const msNow = () => Math.round(performance.now() - startMs);
  const secrets = secretsOf(endpoint);
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const { headers } = endpoint;
    const request = { ...target, method: 'GET', headers, headersTimeout: timeoutMs } as const;
    const response = await exchange(agent, request, signal);
    const { status } = response;
    const ms = msNow();
    const dateMs = Date.parse([response.headers.date].flat()[0] ?? '');
    const clockAheadSeconds = Number.isNaN(dateMs) ? undefined : (Date.now() - dateMs) / 1000;
    const text = await textOf(response.body);
    const result = resultOf(settings, { status, text, path, headers: response.headers }, secrets);
    return { ...of, ms, clockAheadSeconds, result };
  } catch (error) {
    const reason = withoutSecrets(reasonOf(error, timeoutMs), secrets);
    const result = { kind: 'unreachable', reason } as const;
    return { ...of, ms: msNow(), clockAheadSeconds: undefined, result };
  }
}

function resultOf(
  settings: ProviderSettings,
  response: Parameters<typeof refusalOf>[1],
  secrets: readonly string[],
): EndpointResult {
  const { status, text } = response;
  if (status >= 200 && status < 300) return { kind: 'listed', ...listIn(settings, text) };
  const failure = refusalOf(settings, response);
  const isOperators = failure.reason === 'operator';
  if (!isOperators && [404, 405, 501].includes(status)) return { kind: 'unlisted', status };
  const said = failure.apiError?.message.slice(0, 200) ?? '';
  // A long word may be a key.
  const reason = withoutSecrets(said, secrets).replace(/\S{24,}/g, '…');
  return { kind: 'refused', status, isOperators, reason };
}

interface ListBody {
  readonly data?: unknown;
  readonly has_more?: unknown;
}

function listIn(
  { kind }: ProviderSettings,
  text: string,
): { models: ReadonlySet<string>; isWhole: boolean } {
  let body: ListBody | null;
  try {
    body = JSON.parse(text) as ListBody | null;
  } catch {
    return { models: new Set(), isWhole: false };
  }
  const rows: unknown[] = Array.isArray(body?.data) ? body.data : [];
  const ids = rows.flatMap((it) => {
    const id = (it as { id?: unknown } | null)?.id;
    return typeof id === 'string' ? [id] : [];
  });
  // Azure lists the models that one could deploy, by names that are not those of deployments.
  const isWhole = ids.length > 0 && body?.has_more !== true && kind !== 'azure';
  return { models: new Set(ids), isWhole };
}

/** Whether a list has a model, by the names that its provider takes for it. */
export function hasModel(models: ReadonlySet<string>, name: string): boolean {
  // Gemini lists "models/gemini-…", Ollama "llama3:latest" for "llama3".
  return [name, `models/${name}`, `${name}:latest`].some((it) => models.has(it));
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_LIST_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function secretsOf({ settings, headers }: Endpoint): string[] {
  const { apiKey } = settings;
  const own = Object.values(settings.headers);
  return [...(apiKey === undefined ? [] : [apiKey]), ...own, headers.authorization ?? ''];
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof ProviderFailure) return error.message;
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return message || (code ?? 'unknown');
}

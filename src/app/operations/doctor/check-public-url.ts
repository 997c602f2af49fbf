/** Asks the site at its public address how the request has arrived: what proxies do to requests. */
import { type Finding, finding } from '../../../core/doctor.ts';
import { arrivalPass, PASS_HEADER } from './arrival-pass.ts';
import type { Subject } from './subject.ts';

const TIMEOUT_MS = 10_000;
const PATH = '/api/doctor/arrival/';
/** How long a server waits before it ends the stream. */
export const STREAM_MS = 1_000;
/** A stream whose beginning and end come within this was held back by somebody. */
const HELD_BACK_MS = 500;

/** What a server says of a request. */
export interface Arrival {
  /** Of the client, as the server understands it. */
  readonly address: string;
  /** Whether a proxy forwarded it that is not named. */
  readonly isFromStranger: boolean;
  /** Whether `X-Forwarded-For` was there. */
  readonly hasForwardedAddress: boolean;
  readonly isHttps: boolean;
  readonly host: string;
}

/** Never rejects. */
export async function checkPublicUrl(
  subject: Pick<Subject, 'settings' | 'secretKey'>,
  nowMs: number,
): Promise<Finding[]> {
  const { settings, secretKey } = subject;
  const { publicUrl: url } = settings;
  if (url === '') return [finding('public_url_unset', {})];
  // That there is no key is said elsewhere.
  if (secretKey === undefined) return [];
  try {
    return await ask(url, arrivalPass(secretKey, nowMs), settings.trustedProxies.length > 0);
  } catch (error) {
    return [finding('public_url_failed', { url, reason: reasonOf(error) })];
  }
}

async function ask(url: string, pass: string, hasProxies: boolean): Promise<Finding[]> {
  const startMs = performance.now();
  const response = await fetch(url + PATH, {
    headers: { [PASS_HEADER]: pass, accept: 'text/event-stream' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const ms = Math.round(performance.now() - startMs);
  const { status } = response;
  const isOurs = status === 200 && response.headers.get('content-type')?.includes('event-stream');
  if (!isOurs || !response.body) {
    await response.body?.cancel();
    return [finding('public_url_foreign', { url, status })];
  }
  const { arrival, heldBackMs } = await readStream(response.body);
  if (!arrival) return [finding('public_url_foreign', { url, status })];
  const isHttps = url.startsWith('https:');
  const cookies = response.headers.getSetCookie();
  const areSecure = cookies.length > 0 && cookies.every((it) => /;\s*secure/i.test(it));
  const found = [
    ...arrivalFindings(arrival, url, hasProxies),
    ...(isHttps && !areSecure ? [finding('cookies_not_secure', {})] : []),
    ...(heldBackMs < HELD_BACK_MS ? [finding('stream_buffered', { url })] : []),
  ];
  return found.length > 0
    ? found
    : [finding('public_url_ok', { url, address: arrival.address, ms })];
}

function arrivalFindings(arrival: Arrival, url: string, hasProxies: boolean): Finding[] {
  const { address, host } = arrival;
  const { host: expected, protocol } = new URL(url);
  const lacksAddress = hasProxies && !arrival.isFromStranger && !arrival.hasForwardedAddress;
  return [
    ...(arrival.isFromStranger ? [finding('arrives_from_stranger', { address })] : []),
    ...(lacksAddress ? [finding('arrives_without_address', { address })] : []),
    ...(protocol === 'https:' && !arrival.isHttps ? [finding('arrives_without_https', {})] : []),
    ...(host === expected ? [] : [finding('arrives_at_other_host', { host, expected })]),
  ];
}

/** Reads the two events, and how much later the second one came. */
async function readStream(
  body: AsyncIterable<Uint8Array>,
): Promise<{ arrival: Arrival | undefined; heldBackMs: number }> {
  const decoder = new TextDecoder();
  let text = '';
  let firstMs: number | undefined;
  let endMs: number | undefined;
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('event: arrived')) firstMs ??= performance.now();
    if (text.includes('event: end')) endMs ??= performance.now();
  }
  const [, data] = /event: arrived\ndata: (.*)\n/.exec(text) ?? [];
  if (data === undefined || firstMs === undefined || endMs === undefined) {
    return { arrival: undefined, heldBackMs: 0 };
  }
  return { arrival: JSON.parse(data) as Arrival, heldBackMs: endMs - firstMs };
}

/** `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  return cause?.message || cause?.code || message;
}

/** Posts one event to a webhook, signed as Standard Webhooks asks. */
import { createHmac } from 'node:crypto';
import { SECRET_PREFIX, signatureHeader, signedText } from '../../core/webhook-signature.ts';

/** What is posted. */
export interface PostedEvent {
  /** The same for every attempt. */
  readonly id: string;
  readonly kind: string;
  readonly data: object;
  /** When it happened. */
  readonly atMs: number;
}

export interface PostResult {
  readonly status: number | undefined;
  /** Why it did not arrive; undefined if it did. */
  readonly error: string | undefined;
  /** Until when the receiver wants no other attempt, if it says so. */
  readonly notBeforeMs?: number | undefined;
}

export type Post = (url: string, init: RequestInit) => Promise<Response>;

/** The longest that a receiver may take to answer. */
const MOST_MS = 10_000;

/**
 * Posts an event. Only the status of the response counts: its body is not read, and a redirect is
 * not followed, since it would be a way to addresses that may not be asked.
 * @param secrets signed with all of them: for a while two, when one was replaced
 */
export async function postEvent(
  { id, kind, data, atMs }: PostedEvent,
  to: { readonly url: string; readonly secrets: readonly string[]; readonly nowMs: number },
  post: Post,
): Promise<PostResult> {
  const body = JSON.stringify({ type: kind, timestamp: new Date(atMs).toISOString(), data });
  const atSeconds = Math.floor(to.nowMs / 1000);
  const text = signedText(id, atSeconds, body);
  const signatures = to.secrets.map((secret) => signatureOf(text, secret));
  try {
    const response = await post(to.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(MOST_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Chit',
        'webhook-id': id,
        'webhook-timestamp': `${atSeconds}`,
        'webhook-signature': signatureHeader(signatures),
      },
      body,
    });
    const { status } = response;
    await response.body?.cancel().catch(() => undefined);
    const isTaken = status >= 200 && status < 300;
    if (isTaken) return { status, error: undefined };
    const notBeforeMs = retryAfterMs(response.headers.get('retry-after'), to.nowMs);
    return { status, error: `It answered with the status ${status}.`, notBeforeMs };
  } catch (error) {
    return { status: undefined, error: reasonOf(error as Error) };
  }
}

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). Undefined if it is neither. */
function retryAfterMs(text: string | null, nowMs: number): number | undefined {
  const said = text?.trim() ?? '';
  const atMs = /^\d{1,9}$/.test(said) ? nowMs + Number(said) * 1000 : Date.parse(said);
  return Number.isFinite(atMs) && atMs > nowMs ? atMs : undefined;
}

function signatureOf(text: string, secret: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return createHmac('sha256', key).update(text).digest('base64');
}

function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `It did not answer within ${MOST_MS / 1000} seconds.`;
  // `fetch` says only that it failed; why is below.
  const cause = error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { code?: string };
  return cause.message || code || error.name;
}

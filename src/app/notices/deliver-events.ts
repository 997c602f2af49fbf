/** Posts the events that are due to webhooks. */
import type { ClaimedEvent } from '../../store/notices/deliveries.ts';
import type { Context } from '../context.ts';
import { DAY_MS, nextAttemptMs } from './attempts.ts';
import { type PostResult, postEvent } from './post-event.ts';
import { turnOffGone } from './webhooks.ts';

/**
 * Of each webhook, posted side by side: one that does not answer holds up the others for as long as
 * one attempt takes, and never takes their places.
 */
const AT_ONCE = 20;
/** Much longer than a receiver may take. */
const TAKEN_FOR_MS = 120_000;
/** The receiver wants no more of it (RFC 9110, 15.5.11). */
const GONE = 410;

/** Posts what is due, a limited number of each webhook at each run. @returns how many arrived */
export async function deliverEvents(context: Context): Promise<number> {
  const { deliveries, now } = context;
  const lease = { limit: AT_ONCE, nowMs: now(), forMs: TAKEN_FOR_MS };
  const claimed = await deliveries.claimEvents(lease);
  const results = await Promise.all(claimed.map((it) => deliverOne(context, it)));
  const isGone = (index: number) => results[index]?.status === GONE;
  const gone = new Map(claimed.filter((_, at) => isGone(at)).map((it) => [it.webhookId, it.url]));
  for (const [id, url] of gone) await turnOffGone(context, { id, url });
  return results.filter(({ error }) => error === undefined).length;
}

async function deliverOne(context: Context, claimed: ClaimedEvent): Promise<PostResult> {
  const result = await post(context, claimed);
  const { status, error } = result;
  const atMs = context.now();
  const nextAtMs =
    error === undefined || status === GONE ? undefined : nextOf(claimed, result, atMs);
  const ended = error === undefined ? 'sent' : 'failed';
  const state = nextAtMs === undefined ? ended : 'waiting';
  await context.deliveries.end(claimed, { state, nextAtMs, status, error }, atMs);
  return result;
}

/** When it is tried again: not sooner than the receiver says, and for no longer than a day. */
function nextOf(
  claimed: ClaimedEvent,
  { notBeforeMs = 0 }: PostResult,
  atMs: number,
): number | undefined {
  const nextAtMs = nextAttemptMs(claimed, atMs);
  if (nextAtMs === undefined || notBeforeMs <= nextAtMs) return nextAtMs;
  return Math.min(notBeforeMs, claimed.sinceMs + DAY_MS);
}

async function post(context: Context, claimed: ClaimedEvent): Promise<PostResult> {
  const { outboxSeal, webhookPost, now } = context;
  const { noticeId: id, kind, data, atMs, url, sealedSecrets } = claimed;
  const opened = sealedSecrets.map((it) => outboxSeal.open(it));
  const secrets = opened.filter((it) => it !== undefined);
  if (secrets.length > 0) {
    return postEvent({ id, kind, data, atMs }, { url, secrets, nowMs: now() }, webhookPost);
  }
  const error =
    'Its secret cannot be read: the secret key of the site is another one than when it was made. ' +
    'Renew the secret.';
  return { status: undefined, error };
}

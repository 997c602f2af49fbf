/** Webhooks: made, changed, tried out and ended by superusers. */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { WebhookKind } from '../../core/notices.ts';
import { SECRET_PREFIX } from '../../core/webhook-signature.ts';
import {
  isOnPrivateNetwork,
  isPrivateAddress,
} from '../../models/provider-client/private-network.ts';
import type { ListedWebhook, WebhookChoice } from '../../store/notices/webhooks.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { operatorNotice } from './new-notice.ts';

const MOST_WEBHOOKS = 50;
/** As many bytes as HMAC-SHA256 has; Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;
/** Who turns a webhook off by the answer 410. */
const RECEIVER = 'webhook:receiver';
const OVERLAP_MS = 24 * 3_600_000;

export interface WebhookWish {
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly WebhookKind[];
  readonly isActive: boolean;
}

/**
 * Makes a webhook.
 * @returns its secret, which is shown only now
 * @throws ChitError `invalid_fields`, `too_many_webhooks`
 */
export async function makeWebhook(
  context: Context,
  principal: Principal,
  wish: WebhookWish,
): Promise<{ readonly id: string; readonly secret: string }> {
  const chosen = checked(context, wish);
  if ((await context.webhooks.all()).length >= MOST_WEBHOOKS) {
    throw new ChitError('too_many_webhooks', { most: MOST_WEBHOOKS });
  }
  const id = newId();
  const secret = newSecret();
  const webhook: ListedWebhook = {
    ...chosen,
    id,
    createdAtMs: context.now(),
    earlierSecretUntilMs: undefined,
  };
  const entry = auditEntry(principal, {
    action: 'webhook.create',
    target: `webhook:${id}`,
    after: factsOf(chosen),
  });
  await context.webhooks.add(webhook, context.outboxSeal.seal(secret), entry);
  return { id, secret };
}

/** @throws ChitError `invalid_fields`, `webhook_not_found` */
export async function changeWebhook(
  context: Context,
  principal: Principal,
  id: string,
  wish: WebhookWish,
): Promise<void> {
  const before = await existing(context, id);
  const chosen = checked(context, wish);
  const entry = auditEntry(principal, {
    action: 'webhook.change',
    target: `webhook:${id}`,
    before: factsOf(before),
    after: factsOf(chosen),
  });
  const isChanged = await context.webhooks.change(id, chosen, entry);
  if (!isChanged) throw new ChitError('webhook_not_found', undefined);
}

/**
 * Turns off a webhook whose receiver has answered with 410 Gone, as Standard Webhooks ask. It stays
 * so until somebody turns it on.
 */
export async function turnOffGone(
  context: Context,
  webhook: Pick<ListedWebhook, 'id' | 'url'>,
): Promise<void> {
  const entry = auditEntry(
    { actor: RECEIVER, address: undefined, user: undefined },
    {
      action: 'webhook.change',
      target: `webhook:${webhook.id}`,
      before: { is_active: true },
      after: { is_active: false },
    },
  );
  const error = 'It was turned off: its receiver had answered with the status 410 (Gone).';
  await context.webhooks.turnOff(webhook, { error, entry });
}

/** When a webhook was turned off since its receiver was gone; undefined if it was not. */
export async function goneSince(
  { auditLog }: Context,
  { id, isActive }: ListedWebhook,
): Promise<number | undefined> {
  if (isActive) return undefined;
  const changes = { action: 'webhook.change', target: `webhook:${id}` } as const;
  const [newest] = await auditLog.newestOf(changes, 1);
  return newest?.actor === RECEIVER ? newest.atMs : undefined;
}

/**
 * Gives a webhook another secret. For a day events are signed with both.
 * @throws ChitError `webhook_not_found`
 */
export async function renewSecret(
  context: Context,
  principal: Principal,
  id: string,
): Promise<{ readonly id: string; readonly secret: string }> {
  const secret = newSecret();
  const entry = auditEntry(principal, { action: 'webhook.secret', target: `webhook:${id}` });
  const { outboxSeal, webhooks, now } = context;
  const sealed = outboxSeal.seal(secret);
  const isRenewed = await webhooks.replaceSecret(id, sealed, now() + OVERLAP_MS, entry);
  if (!isRenewed) throw new ChitError('webhook_not_found', undefined);
  return { id, secret };
}

/** @throws ChitError `webhook_not_found` */
export async function endWebhook(
  context: Context,
  principal: Principal,
  id: string,
): Promise<void> {
  const before = factsOf(await existing(context, id));
  const entry = auditEntry(principal, {
    action: 'webhook.end',
    target: `webhook:${id}`,
    before,
  });
  const isEnded = await context.webhooks.end(id, entry);
  if (!isEnded) throw new ChitError('webhook_not_found', undefined);
}

/**
 * Sends an event of the kind `webhook.test`, whatever the webhook is for, even if it is off.
 * @returns the id of the delivery
 * @throws ChitError `webhook_not_found`
 */
export async function testWebhook(
  context: Context,
  { user }: Principal,
  id: string,
): Promise<string> {
  await existing(context, id);
  const deliveryId = newId();
  const notice = operatorNotice('webhook.test', { by: user?.username ?? '' });
  await context.webhooks.send(id, notice, { id: deliveryId, atMs: context.now() });
  return deliveryId;
}

/**
 * Lets an event be sent again, for another day, whether it arrived or not.
 * @throws ChitError `delivery_not_found`
 */
export async function resend(context: Context, id: string, deliveryId: string): Promise<void> {
  const isQueued = await context.deliveries.tryAgain(id, deliveryId, context.now());
  if (!isQueued) throw new ChitError('delivery_not_found', undefined);
}

async function existing({ webhooks }: Context, id: string): Promise<ListedWebhook> {
  const webhook = await webhooks.find(id);
  if (!webhook) throw new ChitError('webhook_not_found', undefined);
  return webhook;
}

/** Addresses that the name stands for are checked whenever it is connected to. */
function checked({ policy }: Context, wish: WebhookWish): WebhookChoice {
  const { url: text, name } = wish;
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalidUrl('Give an address such as https://example.org/hook, without a password.');
  }
  const { hasPrivateWebhooks } = policy;
  if (!hasPrivateWebhooks && url.protocol !== 'https:') {
    throw invalidUrl('It must begin with https://. CHIT_WEBHOOKS_PRIVATE=1 would allow http://.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isPrivate = isIP(host) === 0 ? isOnPrivateNetwork(url.href) : isPrivateAddress(host);
  if (!hasPrivateWebhooks && isPrivate) {
    throw invalidUrl('It is on a private network. CHIT_WEBHOOKS_PRIVATE=1 would allow it.');
  }
  return { ...wish, name: name.trim(), url: url.href };
}

function invalidUrl(message: string) {
  return invalidField('url', message, { code: 'invalid' });
}

function newSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** The path and the query of the URL often have a secret. */
function factsOf({ name, url, kinds, isActive }: WebhookChoice) {
  return { name, origin: new URL(url).origin, kinds: kinds.join(', '), is_active: isActive };
}

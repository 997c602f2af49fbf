import type { Context } from '../../app/context.ts';
import {
  changeWebhook,
  endWebhook,
  goneSince,
  makeWebhook,
  renewSecret,
  resend,
  testWebhook,
} from '../../app/notices/webhooks.ts';
import { WEBHOOK_KINDS } from '../../core/notices.ts';
import type { ShownDelivery } from '../../store/notices/deliveries.ts';
import type { ListedWebhook } from '../../store/notices/webhooks.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorText, idIn, limitIn, nextPage } from '../framework/paging.ts';
import { requireSuperuser } from './require-superuser.ts';
import {
  DeliveryList,
  DeliveryPath,
  DeliveryQuery,
  NewSecret,
  Queued,
  WebhookBody,
  WebhookList,
  WebhookPath,
} from './webhook-schema.ts';

const shared = { tags: ['Admin: site'], security: [{ bearer: [] }] };
const NotFound = detailed('There is no such webhook, or it has no such delivery.');

/** Webhooks, for superusers. */
export function webhookRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  oneRoutes(api, context);
  deliveryRoutes(api, context);
}

function listRoutes(api: Api, context: Context): void {
  api.get('/api/admin/webhooks/', {
    config: staffWith('operations:read'),
    schema: {
      ...shared,
      summary: 'List the webhooks; superusers only',
      response: { 200: WebhookList, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const all = await context.webhooks.all();
      return {
        webhooks: await Promise.all(
          all.map(async (it) => shownWebhook(it, await goneSince(context, it))),
        ),
        kinds: [...WEBHOOK_KINDS],
        allows_private: context.policy.hasPrivateWebhooks,
      };
    },
  });

  api.post('/api/admin/webhooks/', {
    config: staffWith('signed_in_only'),
    schema: {
      ...shared,
      summary: 'Make a webhook; superusers only',
      body: WebhookBody,
      response: { 201: NewSecret, 409: detailed('There are too many.'), ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      await requireFreshProof(context, request);
      const { is_active: isActive = true, ...wish } = request.body;
      const made = await makeWebhook(context, principalOf(request), { ...wish, isActive });
      return reply.code(201).send(made);
    },
  });
}

function oneRoutes(api: Api, context: Context): void {
  api.put('/api/admin/webhooks/:id/', {
    config: staffWith('signed_in_only'),
    schema: {
      ...shared,
      summary: 'Change a webhook; superusers only',
      params: WebhookPath,
      body: WebhookBody,
      response: { 204: NoContent, 404: NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      await requireFreshProof(context, request);
      const { is_active: isActive = true, ...wish } = request.body;
      const { id } = request.params;
      await changeWebhook(context, principalOf(request), id, { ...wish, isActive });
      return reply.code(204).send(null);
    },
  });

  api.delete('/api/admin/webhooks/:id/', {
    config: staffWith('signed_in_only'),
    schema: {
      ...shared,
      summary: 'Delete a webhook with its deliveries; superusers only',
      params: WebhookPath,
      response: { 204: NoContent, 404: NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      await endWebhook(context, principalOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });

  api.post('/api/admin/webhooks/:id/secret/', {
    config: staffWith('signed_in_only'),
    schema: {
      ...shared,
      summary: 'Give a webhook another secret; for a day both sign; superusers only',
      params: WebhookPath,
      response: { 200: NewSecret, 404: NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      await requireFreshProof(context, request);
      return renewSecret(context, principalOf(request), request.params.id);
    },
  });

  api.post('/api/admin/webhooks/:id/test/', {
    config: staffWith('operations:write'),
    schema: {
      ...shared,
      summary: 'Send an event of the kind webhook.test; superusers only',
      params: WebhookPath,
      response: { 202: Queued, 404: NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      const id = await testWebhook(context, principalOf(request), request.params.id);
      return reply.code(202).send({ id });
    },
  });
}

function deliveryRoutes(api: Api, context: Context): void {
  api.get('/api/admin/webhooks/:id/deliveries/', {
    config: staffWith('operations:read'),
    schema: {
      ...shared,
      summary: 'List what was sent to a webhook; superusers only',
      params: WebhookPath,
      querystring: DeliveryQuery,
      response: { 200: DeliveryList, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const limit = limitIn(request.query);
      const page = { beforeId: idIn(request.query.cursor), limit: limit + 1 };
      const found = await context.deliveries.ofWebhook(request.params.id, page);
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        deliveries: shown.map(shownDelivery),
        ...nextPage(last && cursorText(last.id)),
      };
    },
  });

  api.post('/api/admin/webhooks/:id/deliveries/:delivery/retry/', {
    config: staffWith('operations:write'),
    schema: {
      ...shared,
      summary: 'Send an event again; superusers only',
      params: DeliveryPath,
      response: { 202: Queued, 404: NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      const { id, delivery } = request.params;
      await resend(context, id, delivery);
      return reply.code(202).send({ id: delivery });
    },
  });
}

function shownWebhook(webhook: ListedWebhook, goneSinceMs: number | undefined) {
  const { id, name, url, kinds, isActive, createdAtMs, earlierSecretUntilMs } = webhook;
  return {
    id,
    name,
    url,
    kinds: [...kinds],
    is_active: isActive,
    gone_since: isoTime(goneSinceMs),
    created_at: isoTime(createdAtMs),
    earlier_secret_until: isoTime(earlierSecretUntilMs),
  };
}

function shownDelivery(delivery: ShownDelivery) {
  return {
    id: delivery.id,
    kind: delivery.kind,
    state: delivery.state,
    attempts: delivery.attempts,
    next_at: isoTime(delivery.nextAtMs),
    last_status: delivery.lastStatus ?? null,
    last_error: delivery.lastError ?? null,
    created_at: isoTime(delivery.createdAtMs),
    ended_at: isoTime(delivery.endedAtMs),
  };
}

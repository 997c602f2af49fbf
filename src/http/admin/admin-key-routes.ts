import { Type } from 'typebox';
import { keySuffices } from '../../app/accounts/factors/staff-factor.ts';
import { createAdminKey, endAdminKey, listAdminKeys } from '../../app/admin/admin-keys.ts';
import type { Context } from '../../app/context.ts';
import type { ListedAdminKey } from '../../store/admin/admin-keys.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, STAFF_BODY_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import { requireFreshProof, sessionOfRequest } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { AdminKeyList, AdminKeyPath, MadeAdminKey, NewAdminKey } from './admin-key-schema.ts';

const tags = ['Admin: keys'];
const security = [{ bearer: [] }];
/** A key that leaks must not be able to make others, or to end those that are in use. */
const config = staffWith('signed_in_only');

/** Keys with which programs of staff reach the routes of staff. */
export function adminKeyRoutes(api: Api, context: Context): void {
  api.get('/api/admin/keys/', {
    config,
    schema: {
      tags,
      security,
      summary: 'List your admin keys; for superusers, those of all staff',
      response: { 200: AdminKeyList, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const keys = await listAdminKeys(context, principalOf(request));
      return { keys: await Promise.all(keys.map((it) => shown(context, it))) };
    },
  });

  api.post('/api/admin/keys/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Make an admin key, with which a program reaches the routes of staff',
      body: NewAdminKey,
      response: {
        201: MadeAdminKey,
        409: detailed('You have as many as you can have.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const { name, scopes, expires_in_days: expiresInDays } = request.body;
      const provedBy = sessionOfRequest(context, request).proof?.by;
      const wanted = { name, scopes, expiresInDays, provedBy };
      const { adminKey, key } = await createAdminKey(context, principalOf(request), wanted);
      return reply.code(201).send({ ...(await shown(context, adminKey)), key });
    },
  });

  api.delete('/api/admin/keys/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'End an admin key; superusers end those of others too',
      params: AdminKeyPath,
      response: {
        204: Type.Null({ description: 'It stops working within a second, on all servers.' }),
        404: detailed('Admin key not found.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await endAdminKey(context, principalOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}

async function shown(context: Context, key: ListedAdminKey) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    made_by: { id: key.userId, username: key.username ?? null },
    created_at: isoTime(key.createdAtMs),
    expires_at: isoTime(key.expiresAtMs),
    is_expired: key.expiresAtMs <= context.now(),
    is_unproven: !(await keySuffices(context, key)),
    last_used_at: isoTime(key.lastUsedAtMs),
  };
}

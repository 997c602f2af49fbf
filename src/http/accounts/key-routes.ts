import { Type } from 'typebox';
import { createApiKey, deleteApiKey } from '../../app/accounts/api-keys.ts';
import type { Context } from '../../app/context.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, USER_BODY_ERRORS, USER_ERRORS } from '../framework/common-schema.ts';
import { KeyList, KeyPath, MadeKey, NewKey } from './key-schema.ts';

const security = [{ bearer: [] }];

/** The keys by which programs use the APIs under `/v1/`. */
export function keyRoutes(api: Api, context: Context): void {
  api.post('/api/keys/', {
    config: { access: 'user' },
    schema: {
      tags: ['Keys'],
      summary: 'Make a key for the APIs under /v1/',
      body: NewKey,
      security,
      response: { 201: MadeKey, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { name, models, budget: budgetCredits, expires_at: expiresAt } = request.body;
      const expiresAtMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
      const userId = userOf(request).id;
      const wanted = { userId, name, models, budgetCredits, expiresAtMs };
      const { apiKey, key } = await createApiKey(context, wanted);
      return reply.code(201).send({ ...shown(apiKey), key });
    },
  });

  api.get('/api/keys/', {
    config: { access: 'user' },
    schema: {
      tags: ['Keys'],
      summary: 'List your keys',
      security,
      response: { 200: KeyList, ...USER_ERRORS },
    },
    handler: async (request) => {
      const keys = await context.apiKeys.of(userOf(request).id);
      return { keys: keys.map(shown) };
    },
  });

  api.delete('/api/keys/:id/', {
    config: { access: 'user' },
    schema: {
      tags: ['Keys'],
      summary: 'End a key',
      params: KeyPath,
      security,
      response: {
        204: Type.Null({ description: 'It ends within a second.' }),
        404: detailed('There is no such key of yours.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await deleteApiKey(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function shown(key: ApiKey) {
  const { id, name, prefix, models, createdAtMs, expiresAtMs, lastUsedAtMs } = key;
  return {
    id,
    name,
    prefix,
    models: models ? [...models] : null,
    budget: key.budgetCredits ?? null,
    spent: key.spentCredits,
    held: key.heldCredits,
    created_at: new Date(createdAtMs).toISOString(),
    expires_at: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
    last_used_at: lastUsedAtMs === undefined ? null : new Date(lastUsedAtMs).toISOString(),
  };
}

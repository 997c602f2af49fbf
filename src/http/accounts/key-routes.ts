import { Type } from 'typebox';
import { createApiKey, deleteApiKey } from '../../app/accounts/api-keys.ts';
import type { Context } from '../../app/context.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  ProofRequired,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { KeyList, KeyPath, MadeKey, NewKey } from './key-schema.ts';

const security = [{ bearer: [] }];

/** API keys, with which programs use the APIs under `/v1/`. */
export function keyRoutes(api: Api, context: Context): void {
  api.post('/api/keys/', {
    config: { access: 'user' },
    schema: {
      tags: ['Keys'],
      summary: 'Create an API key for the APIs under /v1/',
      body: NewKey,
      security,
      response: { 201: MadeKey, 403: ProofRequired, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const { name, models, group: groupId, budget: budgetCredits } = request.body;
      const { expires_at: expiresAt } = request.body;
      const { apiKey, key } = await createApiKey(context, {
        userId: userOf(request).id,
        passwordVersion: userOf(request).passwordVersion,
        name,
        models,
        budgetCredits,
        groupId,
        expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt),
      });
      return reply.code(201).send({ ...shownKey(apiKey), key });
    },
  });

  api.get('/api/keys/', {
    config: { access: 'user' },
    schema: {
      tags: ['Keys'],
      summary: 'List your API keys',
      security,
      response: { 200: KeyList, ...USER_ERRORS },
    },
    handler: async (request) => {
      const keys = await context.apiKeys.of(userOf(request).id);
      return { keys: keys.map(shownKey) };
    },
  });

  api.delete('/api/keys/:id/', {
    config: { access: 'user' },
    schema: {
      tags: ['Keys'],
      summary: 'Delete an API key',
      params: KeyPath,
      security,
      response: {
        204: Type.Null({ description: 'It stops working within a second.' }),
        404: detailed('API key not found.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await deleteApiKey(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

/** A key, as its owner sees it. */
export function shownKey(key: ApiKey) {
  const { id, name, prefix, models, createdAtMs, expiresAtMs, lastUsedAtMs } = key;
  return {
    id,
    name,
    prefix,
    models: models ? [...models] : null,
    budget: key.budgetCredits ?? null,
    spent: key.spentCredits,
    held: key.heldCredits,
    group: key.groupId === undefined ? null : { id: key.groupId, name: key.groupName ?? '' },
    created_at: isoTime(createdAtMs),
    expires_at: isoTime(expiresAtMs),
    last_used_at: isoTime(lastUsedAtMs),
  };
}

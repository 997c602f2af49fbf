/** The models that a key may use, in the shape of the API whose client asks. */
import { type Static, Type } from 'typebox';
import type { Context } from '../../app/context.ts';
import { keyPermits, offeredTo } from '../../app/metering/models-for.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { Model } from '../../models/catalogue.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { Requester } from '../../store/accounts/requesters.ts';
import { keyOfOwner, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { storable } from '../framework/common-schema.ts';
import { type Family, familyOf, idHeaders } from './gateway-family.ts';
import { GatewayResponse, lookupErrors } from './gateway-schema.ts';

const security = [{ key: [] }];
/** Anthropic's, for a page of its list. */
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;

const text = (description: string) => Type.Optional(storable({ description }));
const ListQuery = Type.Object({
  limit: text(`For clients of Anthropic: 1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} by default.`),
  after_id: text('For clients of Anthropic: the model that the page follows.'),
  before_id: text('For clients of Anthropic: the model that the page precedes.'),
});
type ListQuery = Static<typeof ListQuery>;

/**
 * `GET /v1/models` and `GET /v1/models/{id}`, as in
 * https://platform.openai.com/docs/api-reference/models and
 * https://docs.claude.com/en/api/models-list: the models that are served in the API of the client.
 */
export function modelRoutes(api: Api, context: Context): void {
  api.get('/v1/models', {
    config: { access: 'key' },
    schema: {
      tags: ['Wires'],
      summary: 'List the models that the API key may use',
      security,
      querystring: ListQuery,
      response: { 200: GatewayResponse, ...lookupErrors() },
    },
    handler: async (request, reply) => {
      reply.headers(idHeaders(request));
      const family = familyOf(request);
      const models = await modelsOf(context, family, userOf(request), keyOfOwner(request));
      if (family === 'anthropic') return anthropicPage(models, request.query);
      return { object: 'list', data: models.map(openAiModel) };
    },
  });

  // A name may have slashes, which most clients send as `%2F` and some as they are.
  for (const path of ['/v1/models/:model', '/v1/models/*']) {
    api.get<{ Params: Record<string, string> }>(path, {
      config: { access: 'key' },
      schema: {
        tags: ['Wires'],
        summary: 'One of the models that the API key may use',
        security,
        hide: path.endsWith('*'),
        response: { 200: GatewayResponse, ...lookupErrors() },
      },
      handler: async (request, reply) => {
        reply.headers(idHeaders(request));
        const family = familyOf(request);
        const { params } = request;
        const name = params.model ?? params['*'] ?? '';
        const models = await modelsOf(context, family, userOf(request), keyOfOwner(request));
        const model = models.find((it) => it.name === name);
        if (!model) throw new ChitError('model_not_found', { model: name });
        return family === 'anthropic' ? anthropicModel(model) : openAiModel(model);
      },
    });
  }
}

/** The models that are served in an API and that the user and the key may use, under each name. */
async function modelsOf(
  context: Context,
  family: Family,
  user: Requester,
  { models: allowed, groupId }: ApiKey,
): Promise<Model[]> {
  const models = await offeredTo(context, user, groupId);
  const isAllowed = keyPermits(context, allowed);
  return models
    .filter((it) => it.upstream?.provider.settings.family === family && isAllowed(it.name))
    .flatMap((it) => context.catalogue.namesOf(it).map((name) => ({ ...it, name })));
}

/** When a model was published is not known; 0 is the time for that in both APIs. */
function openAiModel({ name }: Model): object {
  return { id: name, object: 'model', created: 0, owned_by: 'chit' };
}

function anthropicModel({ name, contextTokens, outputLimit }: Model): object {
  return {
    type: 'model',
    id: name,
    display_name: name,
    created_at: '1970-01-01T00:00:00Z',
    max_input_tokens: contextTokens ?? null,
    max_tokens: outputLimit,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}

/** @throws ChitError `invalid_fields` */
function anthropicPage(models: readonly Model[], query: ListQuery): object {
  const limit = limitOf(query.limit);
  const { after_id: after, before_id: before } = query;
  const start = after === undefined ? 0 : indexOf(models, 'after_id', after) + 1;
  const end = before === undefined ? models.length : indexOf(models, 'before_id', before);
  const inRange = models.slice(start, Math.max(start, end));
  // A page that precedes a model has the last ones before it.
  const page = before === undefined ? inRange.slice(0, limit) : inRange.slice(-limit);
  return {
    data: page.map(anthropicModel),
    has_more: page.length < inRange.length,
    first_id: page[0]?.name ?? null,
    last_id: page.at(-1)?.name ?? null,
  };
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? DEFAULT_LIMIT : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  const message = `Give a whole number from 1 to ${MAX_LIMIT}.`;
  throw invalidField('limit', message, { code: 'out_of_range', min: 1, max: MAX_LIMIT });
}

function indexOf(models: readonly Model[], field: string, name: string): number {
  const index = models.findIndex((it) => it.name === name);
  if (index !== -1) return index;
  const message = `There is no model "${name}" in the list.`;
  throw invalidField(field, message, { code: 'unknown_model', model: name });
}

import { Type } from 'typebox';
import type { Context } from '../../app/context.ts';
import { createScimToken, endScimToken, listScimTokens } from '../../app/directory/scim-tokens.ts';
import type { ScimToken } from '../../store/directory/scim-tokens.ts';
import { namesOf } from '../accounts/usernames.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, STAFF_BODY_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { MadeScimToken, NewScimToken, ScimTokenList, ScimTokenPath } from './scim-token-schema.ts';
import { baseOf } from './scim-views.ts';

const tags = ['Admin: directory'];
const security = [{ bearer: [] }];
const config = staffWith('signed_in_only');

/** The tokens with which directories call the SCIM API, for superusers. */
export function scimTokenRoutes(api: Api, context: Context): void {
  api.get('/api/admin/scim-tokens/', {
    config,
    schema: {
      tags,
      security,
      summary: 'List the tokens for the SCIM API; superusers only',
      response: { 200: ScimTokenList, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const tokens = await listScimTokens(context, principalOf(request));
      const nameOf = await namesOf(
        context,
        tokens.map(({ madeBy }) => madeBy),
      );
      return { address: baseOf(request), tokens: tokens.map((it) => shown(it, nameOf)) };
    },
  });

  api.post('/api/admin/scim-tokens/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Make a token for the SCIM API; superusers only',
      body: NewScimToken,
      response: {
        201: MadeScimToken,
        409: detailed('Another token has the name.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      // It makes and disables accounts for as long as it lasts.
      await requireFreshProof(context, request);
      const { name, expires_at: expiresAt } = request.body;
      const { scimToken, token } = await createScimToken(context, principalOf(request), {
        name,
        expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt),
      });
      const nameOf = await namesOf(context, [scimToken.madeBy]);
      return reply.code(201).send({ ...shown(scimToken, nameOf), token });
    },
  });

  api.delete('/api/admin/scim-tokens/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'End a token for the SCIM API; superusers only',
      params: ScimTokenPath,
      response: {
        204: Type.Null({ description: 'Its next request is refused.' }),
        404: detailed('Token not found.'),
        ...STAFF_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await endScimToken(context, principalOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function shown(token: ScimToken, nameOf: (name: string) => string | null) {
  const { id, name, prefix, madeBy, createdAtMs, expiresAtMs, lastUsedAtMs } = token;
  return {
    id,
    name,
    prefix,
    made_by: madeBy,
    made_by_name: nameOf(madeBy),
    created_at: isoTime(createdAtMs),
    expires_at: isoTime(expiresAtMs),
    last_used_at: isoTime(lastUsedAtMs),
  };
}

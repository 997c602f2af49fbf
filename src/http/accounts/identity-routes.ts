/** Identities elsewhere that sign in to an account: seen and untied by its user and by staff. */
import type { Static } from 'typebox';
import {
  type TiedIdentity as Tied,
  tiedIdentitiesOf,
  untieByStaff,
  untieOwn,
} from '../../app/accounts/sign-in/untie-identity.ts';
import type { Context } from '../../app/context.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  ProofRequired,
  STAFF_BODY_ERRORS,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { requireFreshProof } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { FactorReset } from './factor-schema.ts';
import { IdentityList, IdentityPath, type TiedIdentity } from './identity-schema.ts';
import { AdminIdentityPath } from './managed-user-schema.ts';

const tags = ['Accounts'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;

/** The identities of the signed-in user, and their removal, also by staff. */
export function identityRoutes(api: Api, context: Context): void {
  api.get('/api/account/identities/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Read by which identities elsewhere you can sign in',
      response: { 200: IdentityList, ...USER_ERRORS },
    },
    handler: async (request) => ({
      identities: (await tiedIdentitiesOf(context, userOf(request).id)).map(shownIdentity),
    }),
  });

  api.delete('/api/account/identities/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Disconnect an identity elsewhere from your account',
      params: IdentityPath,
      response: {
        204: NoContent,
        404: detailed('Your account is not connected to that.'),
        ...USER_BODY_ERRORS,
        403: ProofRequired,
        409: detailed('You could not sign in any more (`only_way_in`).'),
      },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const owner = { user: userOf(request), address: request.ip };
      await untieOwn(context, owner, request.params.id);
      return reply.code(204).send(null);
    },
  });

  api.delete('/api/admin/users/:id/identities/:identity/', {
    config: staffWith('signed_in_only'),
    schema: {
      tags: ['Admin: users'],
      security,
      summary: 'Disconnect an identity elsewhere from an account; ends all sessions of the user',
      params: AdminIdentityPath,
      querystring: FactorReset,
      response: {
        204: NoContent,
        404: detailed('User not found, or the account is not connected to that.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const { id, identity } = request.params;
      const of = { userId: Number(id), id: identity };
      await untieByStaff(context, principalOf(request), of, request.query.reason);
      return reply.code(204).send(null);
    },
  });
}

/** An identity as its user and staff see it. */
export function shownIdentity(identity: Tied): Static<typeof TiedIdentity> {
  const { id, by, provider = null, names = null, createdAtMs, lastUsedAtMs } = identity;
  return {
    id,
    by,
    provider,
    names: names && { en: names.en, de: names.de },
    created_at: isoTime(createdAtMs),
    last_used_at: isoTime(lastUsedAtMs),
  };
}

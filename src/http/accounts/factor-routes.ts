/** One's own second factors, and those that staff remove when they are lost. */
import type { FastifyRequest } from 'fastify';
import {
  addPasskey,
  beginTotp,
  confirmTotp,
  type FactorOwner,
  removeFactor,
  renamePasskey,
  renewRecoveryCodes,
  resetFactors,
} from '../../app/accounts/factors/manage-factors.ts';
import { passkeyCreation } from '../../app/accounts/factors/passkeys.ts';
import { requireParty } from '../../app/accounts/factors/second-step.ts';
import { renewProof } from '../../app/accounts/prove.ts';
import type { Context } from '../../app/context.ts';
import type { ProofKind } from '../../core/proofs.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  ProofRequired,
  STAFF_BODY_ERRORS,
  Throttled,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { requireFreshProof, sessionOfRequest } from '../framework/fresh-proof.ts';
import { isoTime } from '../framework/iso-time.ts';
import { relyingParty } from '../framework/relying-party.ts';
import {
  AddedFactor,
  AddedPasskey,
  ConfirmedTotp,
  FactorList,
  FactorReset,
  NewPasskey,
  NewRecoveryCodes,
  NewTotp,
  PasskeyOptions,
  PasskeyPath,
  PasskeyRename,
} from './factor-schema.ts';
import { AdminUserPath } from './managed-user-schema.ts';

const tags = ['Second factors'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const NotFound = { 404: detailed('There is nothing like that in your account.') };
const ERRORS = {
  403: ProofRequired,
  409: detailed('It cannot be done here, or not now; the code says why.'),
  ...USER_BODY_ERRORS,
};

/** Second factors of the signed-in user, and their removal by staff. */
export function factorRoutes(api: Api, context: Context): void {
  listRoute(api, context);
  totpRoutes(api, context);
  passkeyRoutes(api, context);
  recoveryRoute(api, context);
  resetRoute(api, context);
}

function listRoute(api: Api, context: Context): void {
  api.get('/api/account/factors/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Read your second factors',
      response: { 200: FactorList, ...USER_ERRORS },
    },
    handler: async (request) => {
      const user = userOf(request);
      const { totp, passkeys, recoveryCodes } = await context.factors.of(user.id);
      return {
        totp: totp ? { created_at: isoTime(totp.createdAtMs) } : null,
        passkeys: passkeys.map(({ id, name, createdAtMs, lastUsedAtMs }) => ({
          id,
          name,
          created_at: isoTime(createdAtMs),
          last_used_at: isoTime(lastUsedAtMs),
        })),
        recovery_codes: recoveryCodes,
        is_required: user.isStaff && context.policy.staffSecondFactor !== 'optional',
        has_passkeys: relyingParty(request) !== undefined,
      };
    },
  });
}

function totpRoutes(api: Api, context: Context): void {
  api.post('/api/account/totp/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Begin adding an authenticator app',
      response: { 200: NewTotp, ...ERRORS },
    },
    handler: async (request) => {
      await requireFreshProof(context, request);
      const issuer = request.server.publicSite.host ?? 'Chit';
      return beginTotp(context, userOf(request), issuer);
    },
  });

  api.post('/api/account/totp/confirm/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Add an authenticator app with a code that it shows',
      body: ConfirmedTotp,
      response: { 200: AddedFactor, 429: Throttled, ...ERRORS },
    },
    handler: async (request) => {
      await requireFreshProof(context, request);
      const codes = await confirmTotp(context, ownerOf(request), request.body);
      const access = await proved(context, request, 'factor');
      return { recovery_codes: codes ? [...codes] : null, access };
    },
  });

  api.delete('/api/account/totp/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Remove your authenticator app',
      response: { 204: NoContent, ...NotFound, ...ERRORS },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      await removeFactor(context, ownerOf(request), 'totp');
      return reply.code(204).send(null);
    },
  });
}

function passkeyRoutes(api: Api, context: Context): void {
  api.post('/api/account/passkeys/options/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Get what a browser needs to make a passkey',
      response: { 200: PasskeyOptions, ...ERRORS },
    },
    handler: async (request) => {
      await requireFreshProof(context, request);
      const party = requireParty(relyingParty(request));
      return { options: { ...(await passkeyCreation(context, userOf(request), party)) } };
    },
  });

  api.post('/api/account/passkeys/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Add a passkey',
      body: NewPasskey,
      response: { 201: AddedPasskey, ...ERRORS },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const party = requireParty(relyingParty(request));
      const { name, passkey: response } = request.body;
      const added = await addPasskey(
        context,
        ownerOf(request),
        { name: name.trim(), response },
        party,
      );
      const access = await proved(context, request, 'passkey');
      const { id, codes } = added;
      return reply.code(201).send({ id, recovery_codes: codes ? [...codes] : null, access });
    },
  });

  api.patch('/api/account/passkeys/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Rename a passkey',
      params: PasskeyPath,
      body: PasskeyRename,
      response: { 204: NoContent, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { name } = request.body;
      await renamePasskey(context, userOf(request).id, request.params.id, name.trim());
      return reply.code(204).send(null);
    },
  });

  api.delete('/api/account/passkeys/:id/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Remove a passkey',
      params: PasskeyPath,
      response: { 204: NoContent, ...NotFound, ...ERRORS },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      await removeFactor(context, ownerOf(request), { passkey: request.params.id });
      return reply.code(204).send(null);
    },
  });
}

function recoveryRoute(api: Api, context: Context): void {
  api.post('/api/account/recovery-codes/', {
    config,
    schema: {
      tags,
      security,
      summary: 'Make your recovery codes anew',
      response: {
        200: NewRecoveryCodes,
        404: detailed('You have no second factor that they would stand in for.'),
        ...ERRORS,
      },
    },
    handler: async (request) => {
      await requireFreshProof(context, request);
      return { recovery_codes: [...(await renewRecoveryCodes(context, ownerOf(request)))] };
    },
  });
}

function resetRoute(api: Api, context: Context): void {
  api.delete('/api/admin/users/:id/factors/', {
    config: staffWith('signed_in_only'),
    schema: {
      tags: ['Admin: users'],
      security,
      summary: 'Remove the second factors that a user has lost; ends all sessions of the user',
      params: AdminUserPath,
      querystring: FactorReset,
      response: {
        204: NoContent,
        404: detailed('User not found, or the user has no second factor.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      await requireFreshProof(context, request);
      const id = Number(request.params.id);
      await resetFactors(context, principalOf(request), id, request.query.reason);
      return reply.code(204).send(null);
    },
  });
}

function ownerOf(request: FastifyRequest): FactorOwner {
  return { user: userOf(request), address: request.ip };
}

/** An access token that says that the user has just used what was added. */
async function proved(context: Context, request: FastifyRequest, by: ProofKind): Promise<string> {
  const { id: session } = sessionOfRequest(context, request);
  const proof = { session, by, atMs: context.now() };
  return (await renewProof(context, userOf(request), proof)).access;
}

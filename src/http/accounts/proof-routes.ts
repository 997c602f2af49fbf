import { passkeyRequest } from '../../app/accounts/factors/passkeys.ts';
import { requireParty } from '../../app/accounts/factors/second-step.ts';
import { prove } from '../../app/accounts/prove.ts';
import type { Context } from '../../app/context.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  ProofRequired,
  Throttled,
  USER_BODY_ERRORS,
} from '../framework/common-schema.ts';
import { sessionOfRequest } from '../framework/fresh-proof.ts';
import { relyingParty } from '../framework/relying-party.ts';
import { GivenProof, PasskeyOptions, Proved } from './factor-schema.ts';

const tags = ['Accounts'];
const security = [{ bearer: [] }];

/** Proving once more who one is, where a request was refused with `proof_required`. */
export function proofRoutes(api: Api, context: Context): void {
  api.post('/api/account/proof/', {
    config: { access: 'user' },
    schema: {
      tags,
      summary: 'Prove once more who you are, for what needs a fresh proof',
      description:
        'Making staff or superusers, giving many tokens, creating API keys and links to choose a ' +
        'password need a proof that is at most ten minutes old. Signing in is one.',
      security,
      body: GivenProof,
      response: {
        200: Proved,
        403: ProofRequired,
        409: detailed('Passkeys do not work at this address.'),
        429: Throttled,
        ...USER_BODY_ERRORS,
      },
    },
    handler: (request) =>
      prove(context, userOf(request), {
        given: request.body,
        session: sessionOfRequest(context, request).id,
        address: request.ip,
        party: relyingParty(request),
      }),
  });

  api.post('/api/account/proof/passkey/', {
    config: { access: 'user' },
    schema: {
      tags,
      summary: 'Get what a browser needs to prove who you are with a passkey',
      security,
      response: {
        200: PasskeyOptions,
        409: detailed('Passkeys do not work at this address.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const party = requireParty(relyingParty(request));
      const { id } = userOf(request);
      return { options: { ...(await passkeyRequest(context, 'passkey:proof', id, party)) } };
    },
  });
}

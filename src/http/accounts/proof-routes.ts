import { prove } from '../../app/accounts/prove.ts';
import type { Context } from '../../app/context.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { Throttled, USER_BODY_ERRORS } from '../framework/common-schema.ts';
import { sessionOfRequest } from '../framework/fresh-proof.ts';
import { GivenProof, Proved } from './proof-schema.ts';

/** Proving once more who one is, where a request was refused with `proof_required`. */
export function proofRoutes(api: Api, context: Context): void {
  api.post('/api/account/proof/', {
    config: { access: 'user' },
    schema: {
      tags: ['Accounts'],
      summary: 'Prove once more who you are, for what needs a fresh proof',
      description:
        'Making staff or superusers, giving many tokens, creating API keys and links to choose a ' +
        'password need a proof that is at most ten minutes old. Signing in is one.',
      security: [{ bearer: [] }],
      body: GivenProof,
      response: { 200: Proved, 429: Throttled, ...USER_BODY_ERRORS },
    },
    handler: (request) =>
      prove(context, userOf(request), {
        given: request.body,
        session: sessionOfRequest(context, request).id,
        address: request.ip,
      }),
  });
}

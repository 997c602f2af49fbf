/** The responses to errors about proofs and second factors, in the one table of `errors.ts`. */
import type { ErrorCode } from '../../core/errors.ts';
import type { Responses } from './limit-errors.ts';

type FactorErrorCode = Extract<
  ErrorCode,
  | `proof_${string}`
  | `second_factor_${string}`
  | `passkey_${string}`
  | 'passkeys_unavailable'
  | 'too_many_passkeys'
  | 'ticket_invalid'
  | 'code_wrong'
  | 'last_factor'
>;

export const FACTOR_RESPONSES: Responses<FactorErrorCode> = {
  proof_required: ({ methods }) => ({
    status: 403,
    detail:
      'Prove who you are once more, with POST /api/account/proof/, and repeat this request with ' +
      'the access token that you get. A proof counts for ten minutes, and signing in is one.',
    params: { methods },
  }),
  second_factor_required: ({ methods, ticket }) => ({
    status: 401,
    detail:
      'This account has a second factor. Send it with this ticket to POST /api/login/factor/ ' +
      'within five minutes.',
    params: { methods, ticket },
    headers: { 'www-authenticate': 'Bearer realm="api"' },
  }),
  second_factor_missing: () => ({
    status: 403,
    detail:
      'Staff of this site need a second factor. Set one up in your account, on the page ' +
      '/account; until then nothing else of the panel works.',
  }),
  ticket_invalid: () => ({
    status: 400,
    detail: 'This step was too late, or was done before. Please begin again.',
  }),
  code_wrong: () => ({
    status: 400,
    detail: 'This code is wrong, or was used before. Wait for the next one.',
  }),
  passkey_refused: () => ({ status: 400, detail: 'This passkey was not accepted.' }),
  passkey_not_found: () => ({ status: 404, detail: 'There is nothing like that in your account.' }),
  passkeys_unavailable: () => ({
    status: 409,
    detail:
      'Passkeys work only at the public address of the site, over https. Whoever runs this site ' +
      'has to set CHIT_PUBLIC_URL.',
  }),
  too_many_passkeys: ({ most }) => ({
    status: 400,
    detail: `An account can have at most ${most} passkeys. Remove one that you no longer use.`,
    params: { max: most },
  }),
  last_factor: () => ({
    status: 409,
    detail: 'Staff of this site need a second factor. Add another one before you remove this.',
  }),
};

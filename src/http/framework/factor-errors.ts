/** The responses to errors about proofs of who somebody is, in the one table of `errors.ts`. */
import type { ErrorCode } from '../../core/errors.ts';
import type { Responses } from './limit-errors.ts';

type FactorErrorCode = Extract<ErrorCode, `proof_${string}`>;

export const FACTOR_RESPONSES: Responses<FactorErrorCode> = {
  proof_required: ({ methods }) => ({
    status: 403,
    detail:
      'Prove who you are once more, with POST /api/account/proof/, and repeat this request with ' +
      'the access token that you get. A proof counts for ten minutes, and signing in is one.',
    params: { methods },
  }),
};

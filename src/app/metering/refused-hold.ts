import { ChitError } from '../../core/errors.ts';
import type { HoldResult } from '../../core/ledger.ts';

type Refused = Exclude<HoldResult, { outcome: 'held' } | { outcome: 'key_done' }>;

/** The error for a hold that was refused. */
export function refusalOf(result: Refused, neededCredits: number): Error {
  switch (result.outcome) {
    case 'insufficient_credits': {
      const { availableCredits } = result;
      return new ChitError('insufficient_credits', { neededCredits, availableCredits });
    }
    case 'api_key_budget_exceeded': {
      const { availableCredits } = result;
      return new ChitError('api_key_budget_exceeded', { neededCredits, availableCredits });
    }
    case 'api_key_unknown':
      return new ChitError('api_key_invalid', undefined);
    case 'account_unknown':
      return new ChitError('user_inactive', undefined);
    case 'conversation_unknown':
      return new ChitError('conversation_not_found', undefined);
    case 'key_running':
      return new ChitError('idempotency_key_running', undefined);
    case 'key_reused':
      return new ChitError('idempotency_key_reused', undefined);
    case 'id_taken':
      return new Error('The new id of a generation was taken.');
  }
}

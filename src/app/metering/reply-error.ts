import { ChitError, hasCode } from '../../core/errors.ts';
import { ProviderFailure } from '../../models/provider-client/provider-failure.ts';
import { refusalKind } from '../../models/provider-client/refusal.ts';
import { isDatabaseUnavailable } from '../../store/database/unavailable.ts';
import type { MeteredReply } from './meter.ts';

/**
 * The error to tell instead of a reply, by what the ledger says of its end; undefined if there is a
 * reply, complete or not.
 */
export function errorInPlaceOf(metered: MeteredReply): ChitError | undefined {
  const { end, failure, chargedCredits, stopReason, cause } = metered;
  if (failure === 'server_lost' || failure === 'server_lost_before_reply') {
    return new ChitError('server_lost', { chargedCredits });
  }
  if (end === 'settled') return undefined;
  if (failure === 'ledger_unavailable') {
    return new ChitError('ledger_unavailable', { isOutcomeUnknown: false });
  }
  if (stopReason === 'account_disabled') return new ChitError('user_inactive', undefined);
  if (stopReason === 'key_ended') return new ChitError('api_key_invalid', undefined);
  return modelFailed(cause);
}

/** The error for a generation that delivered nothing. */
function modelFailed(cause: unknown): ChitError {
  if (!(cause instanceof ProviderFailure)) {
    return new ChitError('model_failed', undefined, { cause });
  }
  const kind = refusalKind(cause);
  switch (kind) {
    case 'request': {
      const { status = 400, body } = cause;
      return new ChitError('model_refused', { status, body }, { cause });
    }
    case 'busy': {
      const { retryAfterSeconds = 1 } = cause;
      return new ChitError('model_busy', { retryAfterSeconds }, { cause });
    }
    case 'failed':
      return new ChitError('model_failed', undefined, { cause });
    default:
      return new ChitError('model_unavailable', { lacks: kind }, { cause });
  }
}

/**
 * Waits for a query about something that may have been charged already. If the database is away,
 * nobody may say that nothing was charged.
 * @throws ChitError `ledger_unavailable` with an unknown outcome
 */
export async function outcomeUnknownUnless<T>(answered: Promise<T>): Promise<T> {
  try {
    return await answered;
  } catch (error) {
    throw afterBooking(error);
  }
}

/** An error that comes after something was booked: that the database is away says nothing of it. */
export function afterBooking(error: unknown): unknown {
  if (!isDatabaseUnavailable(error) && !hasCode(error, 'ledger_unavailable')) return error;
  return new ChitError('ledger_unavailable', { isOutcomeUnknown: true }, { cause: error });
}

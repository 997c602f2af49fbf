import { ChitError } from '../../core/errors.ts';
import { ProviderFailure } from '../../models/provider-failure.ts';

/** What a client did wrong, by the provider's judgement; its own words say what. */
const CLIENTS_FAULT = new Set([400, 413, 422]);
const BUSY = new Set([429, 503, 529]);

/** The error for a generation that delivered nothing. */
export function modelFailed(cause: unknown): ChitError {
  const { status, body, retryAfterSeconds } =
    cause instanceof ProviderFailure ? cause : ({} as Partial<ProviderFailure>);
  if (status !== undefined && CLIENTS_FAULT.has(status)) {
    return new ChitError('model_refused', { status, body: body ?? '' }, { cause });
  }
  if (status !== undefined && BUSY.has(status)) {
    return new ChitError('model_busy', { retryAfterSeconds: retryAfterSeconds ?? 1 }, { cause });
  }
  return new ChitError('model_failed', undefined, { cause });
}

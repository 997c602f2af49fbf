import { ChitError } from '../../core/errors.ts';
import { ProviderFailure } from '../../models/provider-failure.ts';

/** Statuses by which a provider blames the request; its body says why. */
const BAD_REQUEST = new Set([400, 413, 422]);
const BUSY = new Set([429, 503, 529]);

/** The error for a generation that delivered nothing. */
export function modelFailed(cause: unknown): ChitError {
  const { status, body, retryAfterSeconds } =
    cause instanceof ProviderFailure ? cause : ({} as Partial<ProviderFailure>);
  if (status !== undefined && BAD_REQUEST.has(status)) {
    return new ChitError('model_refused', { status, body: body ?? '' }, { cause });
  }
  if (status !== undefined && BUSY.has(status)) {
    return new ChitError('model_busy', { retryAfterSeconds: retryAfterSeconds ?? 1 }, { cause });
  }
  return new ChitError('model_failed', undefined, { cause });
}

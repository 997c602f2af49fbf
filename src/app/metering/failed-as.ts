/** What is kept of why a model has failed. */
import type { ReplyFailure } from '../../core/reply-failure.ts';
import { ProviderFailure } from '../../models/provider-client/provider-failure.ts';
import { refusalKind } from '../../models/provider-client/refusal.ts';

/**
 * Why a generation that delivered nothing has failed, as far as its provider said; undefined if it
 * only failed.
 */
export function replyFailureOf(cause: unknown): ReplyFailure | undefined {
  if (!(cause instanceof ProviderFailure)) return undefined;
  if (cause.reason === 'unreachable') return 'model_unreachable';
  const kind = refusalKind(cause);
  if (kind === 'failed') return undefined;
  if (kind === 'busy') return 'model_busy';
  return kind === 'request' ? 'model_refused' : 'model_unavailable';
}

/** How long a provider asked to be left alone; undefined if it did not. */
export function retryAfterOf(cause: unknown): number | undefined {
  return cause instanceof ProviderFailure ? cause.retryAfterSeconds : undefined;
}

import type { ModelHealth } from '../../models/model-health.ts';
import { ProviderFailure } from '../../models/provider-client/provider-failure.ts';

/** Where warnings go. */
interface Log {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/**
 * Tells the log what clients do not see of models and providers: failures that a fallback or
 * another endpoint hides, usage without a price, and what only the operator can mend. Keys are
 * never named, only the position of their endpoint in `chit.json`.
 */
export function warnOfModels(log: Log, health: ModelHealth): void {
  health.onChange = ({ model, isFailing, cause: err }) => {
    if (isFailing) log.warn({ model, err }, 'a model does not answer');
    else log.warn({ model }, 'a model answers again');
  };
  health.onFallback = ({ fallback, isDearer, failures }) => {
    for (const { model, cause } of failures) {
      const details = { model, fallback, isDearer, ...whereOf(cause), err: cause };
      log.warn(details, 'a fallback answered in place of a model that failed');
    }
  };
  health.onUnpriced = ({ model, unit, count }) => {
    log.warn({ model, unit, count }, 'a model used what has no price: the operator pays for it');
  };
  health.onRest = ({ provider, endpoint, model, reason, status, seconds, cause: err }) => {
    const details = { provider, endpoint, model, reason, status, seconds, err };
    if (reason === 'account') {
      log.error(details, 'a provider refuses the key or the account: the operator has to act');
    } else {
      log.warn(details, 'an endpoint of a provider rests');
    }
  };
}

function whereOf(cause: unknown): object {
  if (!(cause instanceof ProviderFailure)) return {};
  const { provider, endpoint, status } = cause;
  return { provider, endpoint, status };
}

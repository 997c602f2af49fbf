/** Which rate limits hold, and where each of them comes from. */
import type { Deployment, RateLimits } from '../../core/deployment.ts';

/** A limit that holds, or that nobody has set. */
export interface LimitInForce {
  readonly who: 'account' | 'key';
  readonly what: keyof RateLimits;
  /** 0 is no limit. */
  readonly value: number;
  /** `file` is `chit.json`, `setting` one of the environment. */
  readonly source: 'file' | 'setting' | 'none';
}

const KINDS: readonly (keyof RateLimits)[] = [
  'requestsPerMinute',
  'concurrentGenerations',
  'usageTokensPerMinute',
];

/**
 * Limits in the file override the settings, which only limit accounts.
 * @param settings limits of accounts; 0 is none
 */
export function limitsInForce(
  settings: RateLimits,
  { account = {}, key = {} }: Deployment['limits'],
): LimitInForce[] {
  const ofAccounts = KINDS.map((what): LimitInForce => {
    const inFile = account[what];
    if (inFile !== undefined) return { who: 'account', what, value: inFile, source: 'file' };
    const value = settings[what];
    return { who: 'account', what, value, source: value === 0 ? 'none' : 'setting' };
  });
  const ofKeys = KINDS.map((what): LimitInForce => {
    const value = key[what];
    return { who: 'key', what, value: value ?? 0, source: value === undefined ? 'none' : 'file' };
  });
  return [...ofAccounts, ...ofKeys];
}

/** The limits of accounts, or of keys. */
export function limitsOf(limits: readonly LimitInForce[], who: LimitInForce['who']): RateLimits {
  const limit = (what: keyof RateLimits) =>
    limits.find((it) => it.who === who && it.what === what)?.value ?? 0;
  return {
    requestsPerMinute: limit('requestsPerMinute'),
    concurrentGenerations: limit('concurrentGenerations'),
    usageTokensPerMinute: limit('usageTokensPerMinute'),
  };
}

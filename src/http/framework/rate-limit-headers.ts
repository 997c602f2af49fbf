import type { RateLimitState } from '../../core/rate-limit-state.ts';

/**
 * `RateLimit-Policy` and `RateLimit` of the IETF draft
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/, version 10): structured
 * lists of named quotas `q` per window of `w` seconds, and of what remains, `r`, for `t` seconds.
 * @returns no headers without limits
 */
export function rateLimitHeaders(states: readonly RateLimitState[]): Record<string, string> {
  if (states.length === 0) return {};
  const policy = states.map(
    (it) => `${nameOf(it)};q=${it.quota}${parameter('w', it.windowSeconds)}`,
  );
  const left = states.map(
    (it) => `${nameOf(it)};r=${it.remaining}${parameter('t', it.resetSeconds)}`,
  );
  return { 'ratelimit-policy': policy.join(', '), ratelimit: left.join(', ') };
}

function nameOf({ who, what }: RateLimitState): string {
  return `"${who}-${what}"`;
}

function parameter(name: string, value: number | undefined): string {
  return value === undefined ? '' : `;${name}=${value}`;
}

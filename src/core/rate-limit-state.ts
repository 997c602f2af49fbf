/** One rate limit on the use of models, and what remains of it. */
export interface RateLimitState {
  readonly who: 'account' | 'key';
  readonly what: 'requests' | 'generations' | 'usage-tokens' | 'counts';
  readonly quota: number;
  readonly remaining: number;
  /** The window of the quota; undefined for concurrent generations. */
  readonly windowSeconds?: number;
  /** When the quota is full again. */
  readonly resetSeconds?: number;
}

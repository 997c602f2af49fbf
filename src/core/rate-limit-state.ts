/** One limit on how fast models may be used, and what is left of it. */
export interface RateLimitState {
  readonly who: 'account' | 'key';
  readonly what: 'requests' | 'generations' | 'usage-tokens';
  readonly quota: number;
  readonly remaining: number;
  /** The time in which the quota holds; undefined for what runs at the same time. */
  readonly windowSeconds?: number;
  /** When the quota is whole again. */
  readonly resetSeconds?: number;
}

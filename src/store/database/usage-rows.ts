/** Row types of the sums of usage. */

/** Usage of a model, summed up by hour, day or month. */
export interface UsageModelRow {
  granularity: 'hour' | 'day' | 'month';
  /** As `2026-11-23T18`, `2026-11-23` or `2026-11`, in UTC. */
  period: string;
  model: string;
  messages: number;
  failed: number;
  charged: number;
  shortfall: number;
  refunded: number;
  usage_input: number;
  usage_cached_input: number;
  usage_output: number;
  /** JSON, a histogram of durations: the buckets of `core/durations.ts`. */
  durations: string;
}

/** Usage of a user, summed up by hour, day or month. */
export interface UsageUserRow {
  user_id: number;
  /** As `2026-11-23T18`, `2026-11-23` or `2026-11`, in UTC. */
  period: string;
  messages: number;
  failed: number;
  charged: number;
  usage_input: number;
  usage_output: number;
}

/** How many users were active in a period. */
export interface UsageActiveRow {
  period: string;
  users: number;
}

/** One row: up to when usage is summed up. */
export interface UsageProgressRow {
  id: number;
  until_at: number;
}

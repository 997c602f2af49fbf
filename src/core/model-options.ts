/** What a chat can choose of how its model works. */

/** How hard a model thinks, from not at all to as much as it can. */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

export type Effort = (typeof EFFORTS)[number];

/** How a model is told to think: by its effort, or by a budget of tokens. */
export type ThinkingStyle = 'effort' | 'adaptive' | 'budget';

export interface ModelOptions {
  /** Undefined leaves it to the model. */
  readonly effort?: Effort | undefined;
  /** From 0 to 2; undefined leaves it to the model. */
  readonly temperature?: number | undefined;
}

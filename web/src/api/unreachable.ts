/** Whether the server could not be reached, until it answers again. */
import { signal } from '@preact/signals';

/** Set by a request that got no answer; `state/reach-again.ts` finds out when there is one. */
export const isUnreachable = signal(false);

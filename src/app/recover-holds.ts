import type { Context } from './context.ts';
import { endGeneration } from './end-generation.ts';

const AT_ONCE = 200;

/**
 * Ends the holds of servers that are gone, each once, by the outcome table: what had been journaled
 * as delivered is charged and kept; where nothing had been, nothing is charged. Two servers may do
 * this at the same moment, since ending a hold again changes nothing.
 * @returns how many holds were found
 */
export async function recoverHolds(context: Context): Promise<number> {
  let found = 0;
  for (;;) {
    const abandoned = await context.holds.abandoned(AT_ONCE);
    for (const hold of abandoned) {
      const said = await context.holds.journaled(hold.generationId);
      const delivery = { ...said, hasText: true, reported: undefined, charged: undefined };
      await endGeneration(context, { ...hold, ...delivery, ending: 'server_lost' });
    }
    found += abandoned.length;
    if (abandoned.length < AT_ONCE) return found;
  }
}

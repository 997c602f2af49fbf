import type { OpenHold } from '../../store/metering/holds.ts';
import type { Context } from '../context.ts';
import { endGeneration } from './end-generation.ts';

const AT_ONCE = 200;

/**
 * Ends the holds of servers that are gone, each once, by the outcome table: what had been journaled
 * as delivered is charged and kept; where nothing had been, nothing is charged. Two servers may do
 * this at the same moment, since ending a hold again changes nothing.
 * @returns how many holds were ended
 * @throws the first of what went wrong, once all the others are ended
 */
export async function recoverHolds(context: Context): Promise<number> {
  let ended = 0;
  for (;;) {
    const abandoned = await context.holds.abandoned(AT_ONCE);
    const faults: unknown[] = [];
    for (const hold of abandoned) {
      // One that cannot be ended keeps nobody from the others.
      await recover(context, hold).then(
        () => {
          ended += 1;
        },
        (error: unknown) => faults.push(error),
      );
    }
    if (faults.length > 0) throw faults[0];
    if (abandoned.length < AT_ONCE) return ended;
  }
}

async function recover(context: Context, hold: OpenHold): Promise<void> {
  const said = await context.holds.journaled(hold.generationId);
  const delivery = { ...said, hasText: true, reported: undefined, charged: undefined };
  await endGeneration(context, { ...hold, ...delivery, ending: 'server_lost' });
}

import { priceWithCalls } from '../../core/tool-price.ts';
import type { OpenHold } from '../../store/metering/holds.ts';
import type { Context } from '../context.ts';
import { endGeneration, eraseUnpaidWords } from './end-generation.ts';

const BATCH = 200;
/** Ended at the same time, so that they share a batch of the ledger; their texts are in memory. */
const AT_ONCE = 20;

/**
 * Ends the holds of crashed servers by the outcome table: what was journaled is charged and kept;
 * if nothing was, nothing is charged. Several servers may do this at the same time, since ending a
 * hold again changes nothing. The leases of crashed servers are taken over first, so that a server
 * that was only slow cannot renew its lease and go on while its holds are being ended. A server
 * never ends the holds of its own lease here, whatever its lease says.
 * @returns how many holds were ended
 * @throws the first error, once all other holds are ended
 */
export async function recoverHolds(context: Context): Promise<number> {
  let ended = 0;
  await context.leases.takeOverExpired(context.lease.id);
  for (;;) {
    const abandoned = await context.holds.abandoned(BATCH, context.lease.id);
    const errors: unknown[] = [];
    for (let start = 0; start < abandoned.length; start += AT_ONCE) {
      const some = abandoned.slice(start, start + AT_ONCE);
      // A hold that cannot be ended must not block the others.
      const outcomes = await Promise.allSettled(some.map((hold) => recover(context, hold)));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') errors.push(outcome.reason);
        else ended += 1;
      }
    }
    if (errors.length > 0) throw errors[0];
    if (abandoned.length < BATCH) return ended;
  }
}

/** Ends a hold whose generation is lost. */
export async function recover(context: Context, hold: OpenHold): Promise<void> {
  const { generationId, accountId, model, price } = hold;
  const { text, nonReplyOutput, toolOutput } = await context.holds.journaled(generationId);
  // A call that was answered and not recorded is not charged, as text that was not journaled.
  const answered = await context.toolLoops.answeredCalls(generationId);
  const { end } = await endGeneration(context, {
    ...hold,
    estimateInput: async () => hold.inputTokens,
    text,
    nonReplyOutput,
    toolOutput,
    hasText: true,
    // How many were requested is not stored: at least one was given.
    answers: 1,
    ending: 'server_lost',
    reported: answered.length === 0 ? undefined : { counts: { tool_call: answered.length } },
    charged: answered.length === 0 ? undefined : { model, price: priceWithCalls(price, answered) },
    keepsThinking: hold.isOfChat,
    // When the first word came is not stored.
    thinkingMs: undefined,
    response: undefined,
  });
  if (end === 'released') await eraseUnpaidWords(context, accountId, generationId);
}

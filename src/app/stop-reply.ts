import { setTimeout as sleep } from 'node:timers/promises';
import { ChitError } from '../core/errors.ts';
import type { Message } from '../store/messages.ts';
import type { Context } from './context.ts';
import { endGeneration } from './end-generation.ts';

/** After it was stopped, the end of a reply is in the book at once, or the book is away. */
const LOOK_EVERY_MS = 20;
const LOOK_TIMES = 250;

/**
 * Ends a reply that is being written; what came of it is charged and kept. One that is over stays
 * as it is.
 * @returns the message as it is then
 * @throws ChitError `message_not_found`, `ledger_unavailable`
 */
export async function stopReply(context: Context, userId: number, id: string): Promise<Message> {
  const message = await find(context, userId, id);
  if (message.status !== 'pending') return message;
  const running = context.generations.find(id);
  if (running) running.stop();
  else await endElsewhere(context, id);
  for (let looks = 0; looks < LOOK_TIMES; looks += 1) {
    const now = await find(context, userId, id);
    if (now.status !== 'pending') return now;
    await sleep(LOOK_EVERY_MS);
  }
  throw new ChitError('ledger_unavailable', { isOutcomeUnknown: true });
}

/**
 * Another server writes it. Its hold is ended here with what that server has journaled; it will see
 * so at its next piece, and stop.
 */
async function endElsewhere(context: Context, id: string): Promise<void> {
  const hold = await context.holds.open(id);
  if (!hold) return;
  const text = await context.holds.journaledText(id);
  const delivery = { text, aside: '', hasText: true, reported: undefined, charged: undefined };
  await endGeneration(context, { ...hold, ...delivery, ending: 'stopped' });
}

async function find(context: Context, userId: number, id: string): Promise<Message> {
  const message = await context.messages.find(userId, id);
  if (!message) throw new ChitError('message_not_found', undefined);
  return message;
}

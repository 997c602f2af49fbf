import { setTimeout as sleep } from 'node:timers/promises';
import { ChitError } from '../../core/errors.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { requireMessage } from './find-message.ts';

const LOOK_EVERY_MS = 20;
/** A server that writes ends it within this time, or its lease runs out and another one does. */
const PATIENCE_MS = 5_000;

/**
 * Ends a reply that is being written, by this server or by another; what was delivered of it is
 * charged and kept. One that is over stays as it is.
 * @returns the message as it is then
 * @throws ChitError `message_not_found`, `ledger_unavailable`
 */
export async function stopReply(context: Context, userId: number, id: string): Promise<Message> {
  await askToStop(context, userId, id);
  const { now, policy } = context;
  const untilMs = now() + policy.leaseMs + PATIENCE_MS;
  for (;;) {
    const message = await requireMessage(context, userId, id);
    if (message.status !== 'pending') return message;
    if (now() > untilMs) throw new ChitError('ledger_unavailable', { isOutcomeUnknown: true });
    await sleep(LOOK_EVERY_MS);
  }
}

/**
 * Sees to it that a reply ends soon, without waiting for that. Only the server that writes it knows
 * what was delivered, so no other one ends it, unless that one is gone.
 */
async function askToStop(context: Context, userId: number, id: string): Promise<void> {
  const message = await requireMessage(context, userId, id);
  if (message.status !== 'pending' || context.running.stop(userId, id)) return;
  await context.holds.askToStop(id, context.now());
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ChitError } from '../../core/errors.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { outcomeUnknownUnless } from '../metering/reply-error.ts';
import { requireMessage } from './find-message.ts';

const POLL_MS = 20;
/** The server that runs the reply ends it within this time, or its lease expires. */
const STOP_WITHIN_MS = 5_000;

/**
 * Stops a reply that is being generated, by this server or another; what was delivered of it is
 * charged and kept. A reply that has ended stays as it is.
 * @returns the message once its reply has ended
 * @throws ChitError `message_not_found`, `ledger_unavailable`
 */
export async function stopReply(context: Context, userId: number, id: string): Promise<Message> {
  let areRoundsAsked = await requestStop(context, userId, id);
  const deadlineMs = performance.now() + context.policy.leaseMs + STOP_WITHIN_MS;
  for (;;) {
    const message = await outcomeUnknownUnless(requireMessage(context, userId, id));
    if (message.status !== 'pending') return message;
    // Its first round may have ended in between.
    if (message.tools && !areRoundsAsked) areRoundsAsked = await requestStop(context, userId, id);
    if (performance.now() > deadlineMs) {
      throw new ChitError('ledger_unavailable', { isOutcomeUnknown: true });
    }
    await sleep(POLL_MS);
  }
}

/**
 * Makes a reply stop soon, without waiting for it. Only the server that runs it knows what was
 * delivered, so another server leaves it a note, unless that server is gone.
 * @returns whether it has rounds, all of which were asked to stop
 */
async function requestStop(context: Context, userId: number, id: string): Promise<boolean> {
  const { generations, holds, toolLoops } = context;
  const message = await requireMessage(context, userId, id);
  if (message.status !== 'pending') return false;
  const isHere = generations.stop(userId, id);
  const atMs = context.now();
  if (!message.tools) {
    if (!isHere) await holds.askToStop(id, atMs);
    return false;
  }
  const wasWaiting = await toolLoops.askToStop(userId, id, atMs);
  const end = { failure: 'stopped', atMs } as const;
  if (wasWaiting) await toolLoops.end(id, { states: ['waiting'] }, end);
  const latest = message.tools.rounds.at(-1);
  if (latest && !isHere) await holds.askToStop(latest.generationId, atMs);
  return true;
}

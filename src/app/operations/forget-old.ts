/** Deletes what is older than the operator keeps it. Bookings always stay. */
import type { RetentionStore } from '../../store/operations/retention.ts';
import type { Context, Policy } from '../context.ts';
import { firstIdAt } from '../ids.ts';
import { periodsOf } from '../usage/periods.ts';

export type ForgetContext = Pick<Context, 'eraseRemains' | 'now'> & {
  readonly retention: RetentionStore;
  readonly policy: Pick<Policy, 'retention'>;
};

/** How much was deleted. */
export interface Forgotten {
  readonly conversations: number;
  /** Outside of conversations. */
  readonly messages: number;
  readonly auditLog: number;
  readonly usage: number;
}

/**
 * Deletes all that is too old, in small transactions, with a turn of the event loop after each.
 * Several servers may do it at the same time.
 */
export async function forgetOld(
  context: ForgetContext,
  isStopping: () => boolean = () => false,
): Promise<Forgotten> {
  const { chatsMs, auditLogMs, usageMs } = context.policy.retention;
  const { retention, now } = context;
  const work = { context, isStopping };
  const chats = chatsMs === undefined ? NO_CHATS : await forgetChats(work, now() - chatsMs);
  let auditLog = 0;
  if (auditLogMs !== undefined) {
    const beforeMs = now() - auditLogMs;
    const beforeId = firstIdAt(beforeMs);
    auditLog = await untilNone(work, () => retention.deleteAuditLog(beforeMs, beforeId));
  }
  let usage = 0;
  if (usageMs !== undefined) {
    const { day } = periodsOf(now() - usageMs);
    usage = await untilNone(work, () => retention.deleteUsage(day));
  }
  if (chats.conversations + chats.messages + auditLog > 0) await context.eraseRemains();
  return { ...chats, auditLog, usage };
}

interface Work {
  readonly context: ForgetContext;
  readonly isStopping: () => boolean;
}

const NO_CHATS = { conversations: 0, messages: 0 };

async function forgetChats({ context, isStopping }: Work, beforeMs: number) {
  const { retention, now } = context;
  const beforeId = firstIdAt(beforeMs);
  let conversations = 0;
  let messages = 0;
  let range = await retention.usersAfter(-1);
  while (range && !isStopping()) {
    const users = range;
    conversations += await untilNone({ context, isStopping }, async () => {
      let gone = 0;
      for (const id of await retention.idleConversations(users, beforeMs)) {
        if (isStopping()) break;
        if (await eraseConversation({ context, isStopping }, id, beforeMs)) gone += 1;
      }
      return gone;
    });
    messages += await untilNone({ context, isStopping }, async () => {
      const ids = await retention.oldMessages(users, beforeId);
      return ids.length === 0 ? 0 : retention.eraseMessages(ids, now());
    });
    range = await retention.usersAfter(users.lastId);
  }
  return { conversations, messages };
}

async function eraseConversation(
  { context, isStopping }: Work,
  id: string,
  beforeMs: number,
): Promise<boolean> {
  while (!isStopping()) {
    const state = await context.retention.eraseFrom(id, beforeMs, context.now());
    await nextTurn();
    if (state !== 'more') return state === 'gone';
  }
  return false;
}

/** Repeats a step until it does nothing more; returns how much all of them did. */
async function untilNone({ isStopping }: Work, step: () => Promise<number>): Promise<number> {
  let sum = 0;
  while (!isStopping()) {
    const done = await step();
    sum += done;
    if (done === 0) break;
    await nextTurn();
  }
  return sum;
}

/** Requests have the event loop and the connection in between. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

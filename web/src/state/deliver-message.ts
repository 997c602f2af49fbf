/** How words are sent: so that they arrive once, and leave nothing behind if they do not. */
import { ApiError, call } from '../api/client.ts';
import type { Conversation, Message } from '../api/types.ts';
import { makeConversation } from './conversations.ts';
import type { Intention } from './outbox.ts';

/** Among the newest messages is the one that an earlier attempt made. */
const NEWEST = 20;

/** A message that the server has taken, and the conversation that was made or found for it. */
export interface Taken {
  readonly message: Message;
  /** undefined if it was open already. */
  readonly opened: Conversation | undefined;
}

/**
 * Sends words, to a conversation that is made for them if there is none.
 * @param onMade told of that conversation, so that another attempt goes there as well
 * @throws ApiError, Unreachable, SessionOver
 */
export async function deliver(
  intention: Intention,
  onMade: (conversation: string) => void,
): Promise<Taken> {
  const { from, chosen } = intention;
  if (from !== undefined) return { message: await post(intention, from), opened: undefined };
  const opened = await (intention.conversation === undefined
    ? makeConversation(chosen === undefined ? {} : { model: chosen })
    : call<Conversation>('GET', `/api/conversations/${intention.conversation}/`));
  onMade(opened.id);
  return { message: await post(intention, opened.id), opened };
}

/** Takes away the conversation that was made for words which were then refused. */
export function discard(conversation: string): void {
  void call('DELETE', `/api/conversations/${conversation}/`).catch(() => undefined);
}

async function post(intention: Intention, conversation: string): Promise<Message> {
  const { content, parent, model, key } = intention;
  const path = `/api/conversations/${conversation}/messages/`;
  const body = { message: content, parent, ...(model === undefined ? {} : { model }) };
  try {
    return await call<Message>('POST', path, body, { 'idempotency-key': key });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
    // An earlier attempt has arrived and is being answered.
    const page = await call<{ messages: Message[] }>('GET', `${path}?limit=${NEWEST}`);
    const arrived = page.messages.find((it) => it.content === content && it.parent === parent);
    if (!arrived) throw error;
    return arrived;
  }
}

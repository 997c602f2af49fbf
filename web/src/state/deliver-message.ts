/** Delivers a message to the server, so that it arrives once. */
import { ApiError, call } from '../api/client.ts';
import type { Conversation, Message } from '../api/types.ts';
import { createConversation } from './conversations.ts';
import { fileIds, type OutboxEntry } from './machines/sending.ts';
import { noteMade, temporaryField } from './temporary.ts';

/** A message that an earlier attempt made is among this many newest ones. */
const NEWEST = 20;

/** A message that the server accepted. */
export interface Accepted {
  readonly message: Message;
  /** The conversation that was made or found for it; undefined if it was open already. */
  readonly opened: Conversation | undefined;
}

/**
 * Sends a message, to a conversation that is made for it if there is none.
 * @param onConversation gets the id of that conversation, where another attempt goes as well
 * @throws ApiError, Unreachable, SessionOver
 */
export async function deliver(
  entry: OutboxEntry,
  onConversation: (id: string) => void,
): Promise<Accepted> {
  const { origin, chosenModel, options = {}, tools } = entry;
  if (origin !== undefined) return { message: await post(entry, origin), opened: undefined };
  const opened = await (entry.conversation === undefined
    ? createConversation({
        ...options,
        ...(chosenModel !== undefined && { model: chosenModel }),
        ...temporaryField(),
        ...(tools && { tools }),
      })
    : call<Conversation>('GET', `/api/conversations/${entry.conversation}/`));
  noteMade(opened);
  onConversation(opened.id);
  return { message: await post(entry, opened.id), opened };
}

/** Deletes the conversation that was made for a message which was then refused. */
export function discard(conversation: string): void {
  void call('DELETE', `/api/conversations/${conversation}/`).catch(() => undefined);
}

async function post(entry: OutboxEntry, conversation: string): Promise<Message> {
  const { content, parent, model, payer, key, mostCost } = entry;
  const files = fileIds(entry);
  const path = `/api/conversations/${conversation}/messages/`;
  const body = {
    message: content,
    ...(files.length > 0 && { files }),
    parent,
    ...(model !== undefined && { model }),
    ...(payer !== undefined && { payer }),
    ...(mostCost !== undefined && { most_cost: mostCost }),
  };
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

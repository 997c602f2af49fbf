/** The conversation that is open and its messages, as plain data and pure transitions. */
import type { Conversation, Message } from '../../api/types.ts';
import type { OutboxEntry } from './sending.ts';
import { branchTo, branchWith, childrenOf, leafBelow } from './tree.ts';

export interface ThreadState {
  readonly conversation: Conversation | undefined;
  readonly messages: ReadonlyMap<string, Message>;
}

/** The id that a message has in the branch while it is on its way. */
export const IN_FLIGHT_ID = 'in-flight';

export const emptyThread: ThreadState = { conversation: undefined, messages: new Map() };

/**
 * The thread of a conversation that was just read.
 * @param search what was searched for: the branch that has it is shown
 */
export function openedThread(
  conversation: Conversation,
  read: readonly Message[],
  search: string,
): ThreadState {
  const messages = new Map(read.map((it) => [it.id, it]));
  const leaf = branchWith(messages, conversation.leaf, search);
  return { conversation: { ...conversation, leaf }, messages };
}

/** A message of the open conversation. A reply that has ended does not become pending again. */
export function mergeMessage(state: ThreadState, message: Message): ThreadState {
  if (message.conversation !== state.conversation?.id) return state;
  const known = state.messages.get(message.id);
  if (known && known.status !== 'pending') return state;
  return { ...state, messages: new Map(state.messages).set(message.id, message) };
}

/** A message at the end of the branch that is shown. */
export function appendMessage(state: ThreadState, message: Message): ThreadState {
  return setLeaf(mergeMessage(state, message), message.id);
}

/**
 * The thread with what was read anew. The branch follows what was written elsewhere, unless its
 * reader chose another one, or is sending, while it was read.
 * @param before the leaf when reading began
 */
export function refreshThread(
  state: ThreadState,
  read: {
    readonly conversation: Conversation;
    readonly messages: readonly Message[];
    readonly before: string | null;
    readonly isSending: boolean;
  },
): ThreadState {
  const { conversation, before, isSending } = read;
  const leaf = state.conversation?.leaf ?? null;
  const hasNew = read.messages.some(({ id }) => !state.messages.has(id));
  const isMoved = leaf !== before || isSending;
  const merged = read.messages.reduce(mergeMessage, state);
  const shown = hasNew && !isMoved ? conversation.leaf : leaf;
  return { ...merged, conversation: { ...conversation, leaf: shown } };
}

/** Shows another leaf. */
export function setLeaf(state: ThreadState, leaf: string): ThreadState {
  const { conversation } = state;
  return conversation ? { ...state, conversation: { ...conversation, leaf } } : state;
}

/** The leaf to show for the branch that goes through a message. */
export function leafThrough(state: ThreadState, message: string): string {
  return leafBelow(childrenOf(state.messages.values()), message);
}

/** The branch that is shown, oldest message first. */
export function branchOf({ conversation, messages }: ThreadState): Message[] {
  return branchTo(messages, conversation?.leaf ?? null);
}

/** The branch as it will be once the message on its way has arrived. */
export function branchWithEntry(state: ThreadState, entry: OutboxEntry): Message[] {
  const expected: Message = {
    id: IN_FLIGHT_ID,
    conversation: state.conversation?.id ?? null,
    parent: entry.parent,
    content: entry.content,
    files: [...(entry.files ?? [])],
    model: entry.model ?? '',
    status: 'pending',
    reply: null,
    thinking: null,
    failure: null,
    failure_code: null,
    cost: null,
    paid_by: null,
    tools: null,
    ended_at: null,
    created_at: '',
  };
  return [...branchTo(state.messages, entry.parent), expected];
}

/** Messages whose reply is being generated. */
export function pendingMessages({ messages }: ThreadState): Message[] {
  return [...messages.values()].filter(({ status }) => status === 'pending');
}

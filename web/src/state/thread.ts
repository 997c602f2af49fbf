/** The conversation that is open: its messages, what is being written, and what is said in it. */
import { batch, computed, type Signal, signal } from '@preact/signals';
import { ApiError, call, Unreachable } from '../api/client.ts';
import { followReply } from '../api/stream.ts';
import type { Conversation, Message } from '../api/types.ts';
import { refreshBalance } from './account.ts';
import { changeConversation, putInList } from './conversations.ts';
import { go } from './router.ts';
import { branchTo, childrenOf, leafBelow } from './tree.ts';

const PAGE = 200;

/** Why something that was said could not be sent. */
export interface Failure {
  readonly kind: 'balance' | 'limit' | 'network' | 'other';
  readonly sentence: string;
  readonly retryAfterSeconds: number | undefined;
  /** What was to be said, to try again. */
  readonly content: string;
  readonly parent: string | null;
}

export const conversation = signal<Conversation | undefined>(undefined);
export const messages = signal<ReadonlyMap<string, Message>>(new Map());
export const failure = signal<Failure | undefined>(undefined);
export const isLoading = signal(false);
/** Why the conversation cannot be shown. */
export const loadFailure = signal<'missing' | 'network' | undefined>(undefined);
/** Whether the connection to a reply that is being written is lost. */
export const isCutOff = signal(false);
/** What is said to who cannot see the page. */
export const announcement = signal<'' | 'generating' | 'done'>('');
/** Text of replies that are being written, by message. */
const live = new Map<string, Signal<string>>();

export const children = computed(() => childrenOf(messages.value.values()));
/** The messages that are shown, oldest first. */
export const branch = computed(() => branchTo(messages.value, conversation.value?.leaf ?? null));
/** The message whose reply is being written, in the branch that is shown. */
export const running = computed(() => branch.value.find(({ status }) => status === 'pending'));

let following = new AbortController();

/** The text so far of a reply that is being written. */
export function liveText(id: string): Signal<string> {
  const text = live.get(id) ?? signal('');
  live.set(id, text);
  return text;
}

/** Opens a conversation, or an empty page for a new one. */
export async function openThread(id: string | undefined): Promise<void> {
  if (id !== undefined && id === conversation.value?.id) return;
  following.abort();
  following = new AbortController();
  live.clear();
  batch(() => {
    conversation.value = undefined;
    messages.value = new Map();
    failure.value = undefined;
    loadFailure.value = undefined;
    isCutOff.value = false;
    isLoading.value = id !== undefined;
  });
  if (id === undefined) return;
  const { signal: isOpen } = following;
  try {
    const [opened, all] = await Promise.all([
      call<Conversation>('GET', `/api/conversations/${id}/`),
      allMessages(id),
    ]);
    if (isOpen.aborted) return;
    batch(() => {
      conversation.value = opened;
      messages.value = new Map(all.map((it) => [it.id, it]));
    });
    for (const message of all) if (message.status === 'pending') void follow(message);
  } catch (error) {
    if (isOpen.aborted) return;
    const isMissing = error instanceof ApiError && error.status === 404;
    loadFailure.value = isMissing ? 'missing' : 'network';
  } finally {
    if (!isOpen.aborted) isLoading.value = false;
  }
}

async function allMessages(id: string): Promise<Message[]> {
  const all: Message[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = `?limit=${PAGE}${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page: { messages: Message[]; next_cursor: string | null } = await call(
      'GET',
      `/api/conversations/${id}/messages/${query}`,
    );
    all.push(...page.messages);
    cursor = page.next_cursor;
  }
  return all;
}

/**
 * Says something; in a new conversation if none is open.
 * @param parent the message that it follows
 * @returns whether it was taken
 */
export async function say(
  content: string,
  options: { readonly model: string | undefined; readonly parent: string | null },
): Promise<boolean> {
  failure.value = undefined;
  try {
    if (!conversation.value) {
      const wishes = options.model ? { model: options.model } : {};
      conversation.value = await call<Conversation>('POST', '/api/conversations/', wishes);
    }
    const { id } = conversation.value;
    const body = { message: content, parent: options.parent, ...modelOf(options.model) };
    const headers = { 'idempotency-key': newKey() };
    const path = `/api/conversations/${id}/messages/`;
    const message = await call<Message>('POST', path, body, headers);
    batch(() => {
      add(message);
      setLeaf(message.id);
    });
    go(`/c/${id}`);
    void call<Conversation>('GET', `/api/conversations/${id}/`).then(putInList, () => undefined);
    void follow(message);
    return true;
  } catch (error) {
    failure.value = { ...kindOf(error), content, parent: options.parent };
    return false;
  }
}

/** Says how the model is to answer, from the next message on; begins a conversation if need be. */
export async function instruct(systemPrompt: string): Promise<void> {
  const wishes = { system_prompt: systemPrompt };
  const { value: open } = conversation;
  if (open) {
    conversation.value = await changeConversation(open.id, wishes);
    return;
  }
  conversation.value = await call<Conversation>('POST', '/api/conversations/', wishes);
  putInList(conversation.value);
  go(`/c/${conversation.value.id}`);
}

function modelOf(model: string | undefined): { model?: string } {
  return model ? { model } : {};
}

/** Asks for another answer to the same words. */
export function regenerate(message: Message, model: string | undefined): Promise<boolean> {
  return say(message.content, { model, parent: message.parent });
}

/** Ends the reply that is being written. */
export async function stop(): Promise<void> {
  const message = running.value;
  if (message) add(await call<Message>('POST', `/api/messages/${message.id}/stop/`, {}));
}

/** Shows the branch that goes through a message. */
export function showBranch(id: string): void {
  const leaf = leafBelow(children.value, id);
  setLeaf(leaf);
  const { value: open } = conversation;
  if (open) void changeConversation(open.id, { leaf }).catch(() => undefined);
}

async function follow(message: Message): Promise<void> {
  const { signal: isOpen } = following;
  const text = liveText(message.id);
  text.value = '';
  announcement.value = 'generating';
  try {
    const done = await followReply(message.id, {
      onText: (piece) => {
        text.value += piece;
      },
      onConnection: (isThere) => {
        isCutOff.value = !isThere;
      },
      signal: isOpen,
    });
    add(done);
    announcement.value = 'done';
  } catch (error) {
    if (!isOpen.aborted) failure.value = { ...kindOf(error), content: '', parent: null };
  } finally {
    void refreshBalance().catch(() => undefined);
  }
}

function add(message: Message): void {
  if (message.conversation !== conversation.value?.id) return;
  messages.value = new Map(messages.value).set(message.id, message);
}

function setLeaf(leaf: string): void {
  if (conversation.value) conversation.value = { ...conversation.value, leaf };
}

function kindOf(error: unknown): Pick<Failure, 'kind' | 'sentence' | 'retryAfterSeconds'> {
  if (error instanceof ApiError) {
    const { message: sentence, status, retryAfterSeconds } = error;
    const isPoor = status === 400 && sentence === 'Insufficient tokens';
    const kind = isPoor ? 'balance' : status === 429 ? 'limit' : 'other';
    return { kind, sentence, retryAfterSeconds };
  }
  const kind = error instanceof Unreachable ? 'network' : 'other';
  return { kind, sentence: '', retryAfterSeconds: undefined };
}

/** `crypto.randomUUID` is there over https only, and home networks often have none. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((it) => it.toString(16).padStart(2, '0')).join('');
}

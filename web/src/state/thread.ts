/** The conversation that is open: its messages, and what is being written in it. */
import { batch, computed, type Signal, signal } from '@preact/signals';
import { ApiError, call } from '../api/client.ts';
import { followReply } from '../api/stream.ts';
import type { Conversation, Message } from '../api/types.ts';
import { atSessionEnd, me, refreshBalance } from './account.ts';
import { changeConversation, conversations, search } from './conversations.ts';
import { complain } from './error-notice.ts';
import { setWriting } from './generating-chats.ts';
import type { Intention } from './outbox.ts';
import { tellTabs } from './tabs.ts';
import { branchTo, branchWith, childrenOf, leafBelow } from './tree.ts';

const PAGE = 200;
/** Stands in the branch for words that are on their way. */
export const ON_ITS_WAY = 'on its way';

/** Why the last thing that was said here is not there. */
export interface Failure {
  readonly kind: 'balance' | 'limit' | 'network' | 'other';
  readonly sentence: string;
  readonly retryAfterSeconds: number | undefined;
  /** Whether it may have arrived all the same. */
  readonly isInDoubt: boolean;
  /** Whether the words stand neither in the composer nor in the place of what they change. */
  readonly isApart: boolean;
  /** What was to be said. */
  readonly intention: Intention;
}

let places = 0;

export const conversation = signal<Conversation | undefined>(undefined);
/** Where words go: the id of the conversation that is open, or a name for one that is not made. */
export const place = signal('new-0');
export const messages = signal<ReadonlyMap<string, Message>>(new Map());
export const failure = signal<Failure | undefined>(undefined);
export const isLoading = signal(false);
/** Why the conversation cannot be shown. */
export const loadFailure = signal<'missing' | 'network' | undefined>(undefined);
/** Whether the connection to a reply that is being written is lost. */
export const isCutOff = signal(false);
/** The model that was chosen since the conversation was opened. */
export const chosenModel = signal<string | undefined>(undefined);
/** What is said to who cannot see the page: that an answer will come, or the one that came. */
export const announcement = signal<'generating' | Message | undefined>(undefined);
/** What is on its way, by the place that it goes to; one at a time for each. */
export const underWay = signal<ReadonlyMap<string, Intention>>(new Map());
/** Whether somebody waits for the end of a reply. */
export const isStopping = signal(false);
/** Text of replies that are being written, by message. */
const live = new Map<string, Signal<string>>();

export const children = computed(() => childrenOf(messages.value.values()));
/** The messages of the branch that is open, oldest first. */
export const branch = computed(() => branchTo(messages.value, conversation.value?.leaf ?? null));
/** What is on its way here. */
export const outgoing = computed(() => underWay.value.get(place.value));
/** What is shown: the branch, or where it will be once the words on their way have arrived. */
export const shown = computed(() => {
  const { value: words } = outgoing;
  return words ? [...branchTo(messages.value, words.parent), expected(words)] : branch.value;
});
/** The message whose reply is being written, in the branch that is open. */
export const running = computed(() => branch.value.find(({ status }) => status === 'pending'));

let following = { stop: new AbortController(), ids: new Set<string>() };

atSessionEnd(() => {
  clear(`new-${++places}`);
  underWay.value = new Map();
  announcement.value = undefined;
});

/** The text so far of a reply that is being written. */
export function liveText(id: string): Signal<string> {
  const text = live.get(id) ?? signal('');
  live.set(id, text);
  return text;
}

/** Opens a conversation, or an empty page for a new one. */
export async function openThread(id: string | undefined): Promise<void> {
  if (id !== undefined && id === place.value && !loadFailure.value) return;
  places += 1;
  clear(id ?? `new-${places}`);
  if (id === undefined) {
    search.value = '';
    return;
  }
  isLoading.value = true;
  const { signal: isOver } = following.stop;
  try {
    const [opened, all] = await Promise.all([
      call<Conversation>('GET', `/api/conversations/${id}/`),
      messagesOf(id, () => false),
    ]);
    if (isOver.aborted) return;
    batch(() => {
      messages.value = new Map(all.map((it) => [it.id, it]));
      const leaf = branchWith(messages.value, opened.leaf, search.value);
      conversation.value = { ...opened, leaf };
    });
    followAll(id);
  } catch (error) {
    if (isOver.aborted) return;
    const isMissing = error instanceof ApiError && error.status === 404;
    loadFailure.value = isMissing ? 'missing' : 'network';
  } finally {
    if (!isOver.aborted) isLoading.value = false;
  }
}

/** Reads what was said elsewhere since, and goes on from there. */
export async function refreshThread(): Promise<void> {
  const { value: before } = conversation;
  if (!before) return;
  const { id } = before;
  const { signal: isOver } = following.stop;
  try {
    const [now, newest] = await Promise.all([
      call<Conversation>('GET', `/api/conversations/${id}/`),
      messagesOf(id, (it) => messages.value.has(it.id)),
    ]);
    if (isOver.aborted) return;
    const isMoved = conversation.value?.leaf !== before.leaf || outgoing.value !== undefined;
    const isNews = newest.some((it) => !messages.value.has(it.id));
    batch(() => {
      for (const message of newest) add(message);
      const leaf = isNews && !isMoved ? now.leaf : (conversation.value?.leaf ?? null);
      conversation.value = { ...now, leaf };
    });
    followAll(id);
  } catch (error) {
    const isGone = error instanceof ApiError && error.status === 404;
    if (isGone && !isOver.aborted) loadFailure.value = 'missing';
  }
}

/** Makes the page that of a conversation that has just been made. */
export function adopt(made: Conversation): void {
  batch(() => {
    conversation.value = made;
    place.value = made.id;
  });
}

/** Puts a message into the conversation that is open, at the end of the branch that is shown. */
export function append(message: Message): void {
  batch(() => {
    add(message);
    setLeaf(message.id);
  });
  followAll(message.conversation ?? '');
}

/** Ends the reply that is being written; says so if it cannot. */
export async function stop(): Promise<void> {
  const { value: message } = running;
  if (!message || isStopping.value) return;
  isStopping.value = true;
  try {
    add(await call<Message>('POST', `/api/messages/${message.id}/stop/`, {}));
  } catch (error) {
    complain(error);
  } finally {
    isStopping.value = false;
  }
}

/** Shows the branch that goes through a message. */
export function showBranch(id: string): void {
  const leaf = leafBelow(children.value, id);
  setLeaf(leaf);
  const { value: open } = conversation;
  if (open) void changeConversation(open.id, { leaf }).catch(complain);
}

/** The title of the conversation that is open, as the list has it if it is there. */
export const title = computed(() => {
  const { value: open } = conversation;
  const listed = conversations.value?.find(({ id }) => id === open?.id);
  return listed?.title ?? open?.title ?? '';
});

function clear(next: string): void {
  following.stop.abort();
  following = { stop: new AbortController(), ids: new Set() };
  live.clear();
  batch(() => {
    place.value = next;
    conversation.value = undefined;
    messages.value = new Map();
    failure.value = undefined;
    loadFailure.value = undefined;
    chosenModel.value = undefined;
    isCutOff.value = false;
    isLoading.value = false;
    announcement.value = undefined;
  });
}

/** Messages of a conversation, newest first, up to the page that has one that is known. */
async function messagesOf(id: string, isKnown: (it: Message) => boolean): Promise<Message[]> {
  const all: Message[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = `?limit=${PAGE}${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page: { messages: Message[]; next_cursor: string | null } = await call(
      'GET',
      `/api/conversations/${id}/messages/${query}`,
    );
    all.push(...page.messages);
    cursor = page.messages.some(isKnown) ? null : page.next_cursor;
  }
  return all;
}

function followAll(id: string): void {
  const pending = [...messages.value.values()].filter(({ status }) => status === 'pending');
  setWriting(id, pending.length > 0);
  for (const message of pending) void follow(message);
}

async function follow(message: Message): Promise<void> {
  const { stop: stopped, ids } = following;
  if (ids.has(message.id)) return;
  ids.add(message.id);
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
      signal: stopped.signal,
    });
    if (stopped.signal.aborted) return;
    add(done);
    announcement.value = done;
    settled(done);
  } catch (error) {
    if (!stopped.signal.aborted) complain(error);
  } finally {
    ids.delete(message.id);
  }
}

function settled({ conversation: id }: Message): void {
  if (id === null || !me.value) return;
  const isAnyLeft = [...messages.value.values()].some(({ status }) => status === 'pending');
  if (isAnyLeft) void refreshBalance().catch(() => undefined);
  else setWriting(id, false);
  const { id: user } = me.value;
  tellTabs({ kind: 'changed', user, conversation: id, isWritten: isAnyLeft });
}

/** What has ended does not begin again, whatever an answer says that was on its way meanwhile. */
function add(message: Message): void {
  if (message.conversation !== conversation.value?.id) return;
  const known = messages.value.get(message.id);
  if (known && known.status !== 'pending') return;
  messages.value = new Map(messages.value).set(message.id, message);
}

function setLeaf(leaf: string): void {
  if (conversation.value) conversation.value = { ...conversation.value, leaf };
}

function expected({ content, parent, model = '' }: Intention): Message {
  const unknown = {
    reply: null,
    failure: null,
    failure_code: null,
    cost: null,
    ended_at: null,
    created_at: '',
  };
  const where = { id: ON_ITS_WAY, conversation: conversation.value?.id ?? null, parent };
  return { ...where, content, model, status: 'pending', ...unknown };
}

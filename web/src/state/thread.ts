/** The conversation that is open, as signals: it is read, followed and stopped here. */
import { batch, computed, type Signal, signal } from '@preact/signals';
import { ApiError, call } from '../api/client.ts';
import { followReply } from '../api/stream.ts';
import type { Conversation, Message } from '../api/types.ts';
import { perFrame } from '../ui/per-frame.ts';
import { atSessionEnd, me, refreshBalance } from './account.ts';
import { changeConversation, listedConversation, search } from './conversations.ts';
import { reportError } from './error-notice.ts';
import { setGenerating } from './generating-chats.ts';
import { showComposer, toNewConversation } from './machines/sending.ts';
import {
  appendMessage,
  branchOf,
  branchWithEntry,
  emptyThread,
  leafThrough,
  mergeMessage,
  openedThread,
  pendingMessages,
  refreshThread,
  setLeaf,
} from './machines/thread.ts';
import { childrenOf } from './machines/tree.ts';
import { waitUntil } from './retry-times.ts';
import { changeSending, composerKey, newComposerKey, outgoing } from './sending.ts';
import { tellTabs } from './tabs.ts';
import { awaitTitle } from './title-news.ts';

const PAGE = 200;
/** A message that seems to have been pending for longer was sent by another clock. */
const MAX_AGE_MS = 3_600_000;

const thread = signal(emptyThread);

export const conversation = computed(() => thread.value.conversation);
export const messages = computed(() => thread.value.messages);
export const isLoading = signal(false);
/** Why the conversation cannot be shown. */
export const loadFailure = signal<'missing' | 'network' | undefined>(undefined);
/** Whether the connection to a reply that is being generated is lost. */
export const isCutOff = signal(false);
/** The model that was chosen since the conversation was opened. */
export const chosenModel = signal<string | undefined>(undefined);
/** What a screen reader announces: that an answer will come, or the one that came. */
export const announcement = signal<'generating' | Message | undefined>(undefined);
/** Whether a reply was asked to stop and has not ended yet. */
export const isStopping = signal(false);
/** Text so far of replies that are being generated, by message. */
const live = new Map<string, Signal<string>>();
const thoughts = new Map<string, Signal<LiveThinking>>();

export const children = computed(() => childrenOf(messages.value.values()));
/** The messages of the branch that is open, oldest first. */
export const branch = computed(() => branchOf(thread.value));
/** What is shown: the branch, or what it will be once the message on its way has arrived. */
export const shown = computed(() =>
  outgoing.value ? branchWithEntry(thread.value, outgoing.value) : branch.value,
);
/** The message whose reply is being generated, in the branch that is open. */
export const running = computed(() => branch.value.find(({ status }) => status === 'pending'));

let following = { stop: new AbortController(), ids: new Set<string>() };

atSessionEnd(clear);

/** The text so far of a reply that is being generated. */
export function liveText(id: string): Signal<string> {
  const text = live.get(id) ?? signal('');
  live.set(id, text);
  return text;
}

/** What the model of a reply that is being generated has thought so far. */
export interface LiveThinking {
  readonly text: string;
  /** When it began, by `performance.now()`. */
  readonly begunMs: number;
  /** How long it took to the first word of the reply, once that is there. */
  readonly endedAfterMs: number | undefined;
  /** Whether the last thing that came was a thought. */
  readonly isLasting: boolean;
}

/** What the model of a reply that is being generated thinks. */
export function liveThinking(id: string): Signal<LiveThinking> {
  const known = thoughts.get(id);
  if (known) return known;
  const begunMs = performance.now() - ageOf(messages.peek().get(id));
  const made = signal<LiveThinking>({
    text: '',
    begunMs,
    endedAfterMs: undefined,
    isLasting: false,
  });
  thoughts.set(id, made);
  return made;
}

/** How long ago a message was sent, unless the clocks of server and browser disagree. */
function ageOf(message: Message | undefined): number {
  const age = Date.now() - Date.parse(message?.created_at ?? '');
  return age > 0 && age < MAX_AGE_MS ? age : 0;
}

/** Opens a conversation, or an empty page for a new one. */
export async function openThread(id: string | undefined): Promise<void> {
  if (id !== undefined && id === composerKey.value && !loadFailure.value) return;
  batch(() => {
    clear();
    changeSending((it) => showComposer(it, id ?? newComposerKey()), id);
  });
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
    thread.value = openedThread(opened, all, search.value);
    followAll(id);
  } catch (error) {
    if (isOver.aborted) return;
    const isMissing = error instanceof ApiError && error.status === 404;
    loadFailure.value = isMissing ? 'missing' : 'network';
  } finally {
    if (!isOver.aborted) isLoading.value = false;
  }
}

/** Reads what is new in the conversation that is open, and shows it. */
export async function refreshOpenThread(): Promise<void> {
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
    thread.value = refreshThread(thread.value, {
      conversation: now,
      messages: newest,
      before: before.leaf,
      isSending: outgoing.value !== undefined,
    });
    followAll(id);
  } catch (error) {
    const isDeleted = error instanceof ApiError && error.status === 404;
    if (!isDeleted || isOver.aborted) return;
    changeSending((it) => toNewConversation(it, id), id);
    loadFailure.value = 'missing';
  }
}

/** Shows a conversation that was just made in place of the new one. */
export function adopt(made: Conversation): void {
  thread.value = { ...thread.value, conversation: made };
}

/** Changes the open conversation, if it is still this one. */
export function updateConversation(id: string, change: (now: Conversation) => Conversation): void {
  const { value: now } = conversation;
  if (now?.id === id) thread.value = { ...thread.value, conversation: change(now) };
}

/** Appends a message to the branch that is shown, and follows its reply. */
export function append(message: Message): void {
  thread.value = appendMessage(thread.value, message);
  followAll(message.conversation ?? '');
}

/** Stops the reply that is being generated; reports it if that fails. */
export async function stop(): Promise<void> {
  const { value: message } = running;
  if (!message || isStopping.value) return;
  isStopping.value = true;
  try {
    add(await call<Message>('POST', `/api/messages/${message.id}/stop/`, {}));
  } catch (error) {
    reportError(error);
  } finally {
    isStopping.value = false;
  }
}

/** Shows the branch that goes through a message on this page only. */
export function reveal(id: string): void {
  if (branch.value.some((it) => it.id === id)) return;
  thread.value = setLeaf(thread.value, leafThrough(thread.value, id));
}

/** Stops one reply, which may be in another branch; reports it if that fails. */
export async function stopMessage(id: string): Promise<void> {
  try {
    add(await call<Message>('POST', `/api/messages/${id}/stop/`, {}));
  } catch (error) {
    reportError(error);
  }
}

/** Shows the branch that goes through a message. */
export function showBranch(id: string): void {
  const leaf = leafThrough(thread.value, id);
  thread.value = setLeaf(thread.value, leaf);
  const { value: open } = conversation;
  if (open) void changeConversation(open.id, { leaf }).catch(reportError);
}

/** The title of the open conversation; the list may have a newer one. */
export const title = computed(() => {
  const { value: open } = conversation;
  const listed = open && listedConversation(open.id);
  return listed?.title ?? open?.title ?? '';
});

function clear(): void {
  following.stop.abort();
  following = { stop: new AbortController(), ids: new Set() };
  live.clear();
  thoughts.clear();
  batch(() => {
    thread.value = emptyThread;
    loadFailure.value = undefined;
    chosenModel.value = undefined;
    isCutOff.value = false;
    isLoading.value = false;
    announcement.value = undefined;
  });
}

/** Messages of a conversation, newest first, up to the page that has a known one. */
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
  const pending = pendingMessages(thread.value);
  setGenerating(id, pending.length > 0);
  for (const message of pending) void follow(message);
}

async function follow(message: Message): Promise<void> {
  const { stop: stopped, ids } = following;
  if (ids.has(message.id)) return;
  ids.add(message.id);
  const text = liveText(message.id);
  text.value = '';
  const thinking = liveThinking(message.id);
  thinking.value = { ...thinking.value, text: '', endedAfterMs: undefined };
  announcement.value = 'generating';
  const drawn = perFrame((piece) => {
    text.value += piece;
  });
  try {
    const done = await followReply(message.id, {
      onText: (piece) => {
        const { begunMs, endedAfterMs = performance.now() - begunMs, isLasting } = thinking.value;
        if (text.value === '' || isLasting) {
          thinking.value = { ...thinking.value, endedAfterMs, isLasting: false };
        }
        drawn.add(piece);
      },
      onThinking: (piece, ms) => {
        const begunMs = performance.now() - ms;
        const { text: before } = thinking.value;
        thinking.value = { ...thinking.value, text: before + piece, begunMs, isLasting: true };
      },
      onTools: (now) => {
        thinking.value = { ...thinking.value, isLasting: false };
        if (!stopped.signal.aborted) add(now);
      },
      onConnection: (isThere) => {
        isCutOff.value = !isThere;
      },
      signal: stopped.signal,
    });
    if (stopped.signal.aborted) return;
    const { retry_after_seconds: seconds = 0 } = done;
    if (seconds > 0) waitUntil(message.id, seconds);
    add(done);
    announcement.value = done;
    onReplyEnd(done);
    void awaitTitle(done);
  } catch (error) {
    if (!stopped.signal.aborted) reportError(error);
  } finally {
    ids.delete(message.id);
  }
}

function onReplyEnd({ conversation: id }: Message): void {
  if (id === null || !me.value) return;
  const isGenerating = pendingMessages(thread.value).length > 0;
  if (isGenerating) void refreshBalance().catch(() => undefined);
  else setGenerating(id, false);
  const { id: user } = me.value;
  tellTabs({ kind: 'changed', user, conversation: id, isGenerating });
}

/** Shows a message of the open conversation as it is now. */
export function add(message: Message): void {
  thread.value = mergeMessage(thread.value, message);
}

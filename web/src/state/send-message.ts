/** What is said in the conversation that is open: once, however often it is sent. */
import { batch } from '@preact/signals';
import {
  ApiError,
  call,
  hasCode,
  isOutcomeUnknown,
  SessionOver,
  Unreachable,
} from '../api/client.ts';
import type { Conversation, Message } from '../api/types.ts';
import { me, refreshBalance, refreshModels } from './account.ts';
import { changeConversation, makeConversation, putInList } from './conversations.ts';
import { deliver, discard, type Taken } from './deliver-message.ts';
import { draftFor, moveDraft, putBack } from './drafts.ts';
import { reportError, trouble } from './error-notice.ts';
import { setWriting } from './generating-chats.ts';
import { shownModel } from './model.ts';
import { type Intention, keepSent, newKey, sentIn } from './outbox.ts';
import { go, path } from './router.ts';
import { tellTabs } from './tabs.ts';
import {
  adopt,
  append,
  branch,
  chosenModel,
  conversation,
  type Failure,
  failure,
  isLoading,
  loadFailure,
  messages,
  openThread,
  outgoing,
  place,
  refreshThread,
  underWay,
} from './thread.ts';

/** Says what comes next in the branch that is shown; in a new conversation if none is open. */
export function say(content: string): Promise<boolean> {
  const parent = branch.value.at(-1)?.id ?? null;
  return send(intentionFor({ content, parent, purpose: 'next', edited: undefined }));
}

/** Says other words in the place of a message. */
export function edit({ id, parent }: Message, content: string): Promise<boolean> {
  return send(intentionFor({ content, parent, purpose: 'edit', edited: id }));
}

/** Asks for another answer to the same words. */
export function regenerate({ content, parent }: Message): Promise<boolean> {
  return send(intentionFor({ content, parent, purpose: 'again', edited: undefined }));
}

/** Says once more what could not be said. */
export async function retry(): Promise<void> {
  const { value: failed } = failure;
  if (!failed) return;
  const { intention } = failed;
  const { content, parent, purpose, edited } = intention;
  // What may have arrived is sent as it was; what was refused goes to the model that is shown now.
  const isSame = failed.isInDoubt;
  await send(isSame ? intention : intentionFor({ content, parent, purpose, edited }));
}

/** Says how the model is to answer, from the next message on; begins a conversation if need be. */
export async function instruct(systemPrompt: string): Promise<void> {
  const wishes = { system_prompt: systemPrompt };
  const { value: open } = conversation;
  if (open) {
    const changed = await changeConversation(open.id, wishes);
    const { value: now } = conversation;
    if (now?.id === open.id) conversation.value = { ...changed, leaf: now.leaf };
    return;
  }
  const { value: at } = place;
  const { value: model } = chosenModel;
  const made = await makeConversation({ ...wishes, ...(model ? { model } : {}) });
  putInList(made);
  if (place.value !== at) return;
  moveDraft(made.id);
  adopt(made);
  go(`/c/${made.id}`);
}

/** Opens a conversation, with words that were sent there and may not have arrived. */
export async function visit(id: string | undefined): Promise<void> {
  await openThread(id);
  if (conversation.value?.id === id) settle(id);
}

/** Reads what is new in the conversation that is open. */
export async function catchUp(): Promise<void> {
  await refreshThread();
  if (conversation.value) settle(conversation.value.id);
}

/** One key for one intention: what may have arrived goes on with the key that it has. */
function intentionFor(
  wish: Pick<Intention, 'content' | 'parent' | 'purpose' | 'edited'>,
): Intention {
  const from = conversation.value?.id;
  const model = shownModel.value?.name;
  const about = { ...wish, from, user: me.value?.id, chosen: chosenModel.value };
  const failed = failure.value?.isInDoubt ? failure.value.intention : undefined;
  const earlier = wish.purpose === 'next' ? sentIn(from) : undefined;
  for (const it of [failed, earlier]) {
    const isSame = it?.content === wish.content && it.parent === wish.parent && it.model === model;
    if (it && isSame) return { ...about, ...it, isApart: false };
  }
  return { ...about, key: newKey(), model, conversation: from, isApart: false };
}

/** @returns whether it was taken; nothing is sent while something else is on its way here */
async function send(intention: Intention): Promise<boolean> {
  const { value: at } = place;
  const isReady = !isLoading.value && !loadFailure.value;
  if (outgoing.value || !isReady || intention.from !== conversation.value?.id) return false;
  let sent = intention;
  begin(at, sent);
  try {
    const taken = await deliver(intention, (id) => {
      sent = { ...intention, conversation: id };
      if (sent.purpose === 'next') keepSent(sent.from, sent);
    });
    arrive(at, sent, taken);
    return true;
  } catch (error) {
    fail(at, sent, error);
    return false;
  }
}

function begin(at: string, intention: Intention): void {
  const { content, from } = intention;
  batch(() => {
    failure.value = undefined;
    trouble.value = '';
    underWay.value = new Map(underWay.value).set(at, intention);
    if (intention.purpose !== 'next') return;
    const draft = draftFor(from);
    if (draft.value === content) draft.value = '';
    const before = sentIn(from);
    if (before?.isApart && before.key !== intention.key) putBack(before.content, from);
    // As long as nobody knows whether it arrived, it stands in no draft.
    keepSent(from, { ...intention, isApart: true });
  });
}

function arrive(at: string, intention: Intention, { message, opened }: Taken): void {
  const { from, purpose } = intention;
  const isHere = place.value === at;
  // Whoever went to another page meanwhile is not fetched back.
  const isSeen = path.value === (from === undefined ? '/' : `/c/${from}`);
  const id = opened?.id ?? from ?? '';
  const isWritten = message.status === 'pending';
  batch(() => {
    over(at);
    if (purpose === 'next') keepSent(from, undefined);
    if (isHere) {
      if (opened) moveDraft(opened.id);
      if (opened) adopt(opened);
      append(message);
    } else {
      setWriting(id, isWritten);
    }
  });
  if (isHere && isSeen && opened) go(`/c/${opened.id}`);
  if (me.value) tellTabs({ kind: 'changed', user: me.value.id, conversation: id, isWritten });
  void call<Conversation>('GET', `/api/conversations/${id}/`).then(putInList, () => undefined);
}

function fail(at: string, intention: Intention, error: unknown): void {
  const { content, from, purpose, user } = intention;
  const isInDoubt = isOutcomeUnknown(error);
  batch(() => {
    over(at);
    if (error instanceof SessionOver) {
      // What comes next is kept with its key; the rest becomes a draft for when its writer is back.
      if (purpose === 'edit' && error.reason !== 'left') putBack(content, from, user);
      return;
    }
    const isHere = place.value === at;
    const stays = purpose === 'next' ? stayInComposer(intention, isInDoubt) : isHere;
    if (purpose === 'edit' && !isHere) putBack(content, from);
    if (isHere)
      failure.value = { kind: kindOf(error), error, isInDoubt, isApart: !stays, intention };
    else reportError(error);
  });
  if (error instanceof SessionOver) return;
  const { conversation: made } = intention;
  if (!isInDoubt && from === undefined && made !== undefined) discard(made);
  if (error instanceof ApiError && error.status === 404) void refreshModels().catch(() => {});
  void refreshBalance().catch(() => undefined);
}

/** Words that were not taken go back to where they came from, unless others stand there by now. */
function stayInComposer(intention: Intention, isInDoubt: boolean): boolean {
  const { content, from } = intention;
  const draft = draftFor(from);
  const isFree = draft.value.trim() === '';
  if (isFree) draft.value = content;
  const isForgotten = isFree && !isInDoubt;
  keepSent(from, isForgotten ? undefined : { ...intention, isApart: !isFree });
  return isFree;
}

/** Finds out what became of words that were sent and not heard of again. */
function settle(id: string | undefined): void {
  const sent = sentIn(id);
  if (!sent || [...underWay.value.values()].some(({ key }) => key === sent.key)) return;
  const hasArrived = [...messages.value.values()].some(
    ({ content, parent }) => content === sent.content && parent === sent.parent,
  );
  const draft = draftFor(id);
  batch(() => {
    if (id !== undefined && hasArrived) {
      keepSent(id, undefined);
      if (draft.value === sent.content) draft.value = '';
      if (failure.value?.intention.key === sent.key) failure.value = undefined;
    } else if (sent.isApart && failure.value?.intention.key !== sent.key) {
      putBack(sent.content, id);
      keepSent(id, { ...sent, isApart: false });
    }
  });
}

function over(at: string): void {
  const others = new Map(underWay.value);
  others.delete(at);
  underWay.value = others;
}

function kindOf(error: unknown): Failure['kind'] {
  if (hasCode(error, 'insufficient_credits')) return 'balance';
  if (error instanceof ApiError) return error.status === 429 ? 'limit' : 'other';
  return error instanceof Unreachable ? 'network' : 'other';
}

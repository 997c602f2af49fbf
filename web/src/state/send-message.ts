/** Sends messages: runs the effects that the transitions of `machines/sending.ts` ask for. */
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
import { moveFiles, putFilesBack, takeSent } from '../chat/files/attachments.ts';
import { me, refreshBalance, refreshModels } from './account.ts';
import {
  changeConversation,
  createConversation,
  loadConversations,
  putInList,
} from './conversations.ts';
import { deliver, discard } from './deliver-message.ts';
import { errorNotice, reportError } from './error-notice.ts';
import { setGenerating } from './generating-chats.ts';
import { chosenPayer } from './limits.ts';
import {
  adoptConversation,
  canSend,
  createEntry,
  markSending,
  type OutboxEntry,
  onAccepted,
  onConversationReady,
  onRejected,
  reconcileOutbox,
  type SendError,
  type SendingEffect,
  type SendingState,
  type Step,
  setDraft,
  slotOf,
} from './machines/sending.ts';
import { comparedModel, compareWith, modelOfNew, optionsOfNew, shownModel } from './model.ts';
import { go, path } from './router.ts';
import { changeSending, composerKey, failure, saveDraft, sendingWith } from './sending.ts';
import { tellTabs } from './tabs.ts';
import { noteMade, temporaryField } from './temporary.ts';
import {
  adopt,
  append,
  branch,
  conversation,
  isLoading,
  loadFailure,
  messages,
  openThread,
  refreshOpenThread,
  updateConversation,
} from './thread.ts';
import { toolFieldsFor, toolsOn } from './tools.ts';

/** Sends the next message of the branch that is shown; in a new conversation if none is open. */
export function submitMessage(content: string, files: Message['files'] = []): Promise<boolean> {
  const parent = branch.value.at(-1)?.id ?? null;
  const { value: second } = comparedModel;
  const wanted = { content, files, parent };
  const sent = send(entryFor({ ...wanted, purpose: 'next', editedMessage: undefined }));
  return second ? sent.then((isTaken) => isTaken && compare(wanted, second.name)) : sent;
}

/** Sends a message that was just taken to a second model as well, as another branch. */
async function compare(
  wanted: Pick<OutboxEntry, 'content' | 'files' | 'parent'>,
  model: string,
): Promise<boolean> {
  compareWith(undefined);
  const again = { ...wanted, purpose: 'regenerate', editedMessage: undefined } as const;
  await send(entryFor(again, model));
  return true;
}

/** Sends another text in the place of a message. */
export function edit({ id, parent, files }: Message, content: string): Promise<boolean> {
  return send(entryFor({ content, files, parent, purpose: 'edit', editedMessage: id }));
}

/**
 * Asks for another answer to the same message.
 * @param model the one to ask; the shown one if not given
 */
export function regenerate({ content, files, parent }: Message, model?: string): Promise<boolean> {
  const about = { content, files, parent, editedMessage: undefined };
  return send(entryFor({ ...about, purpose: 'regenerate' }, model));
}

/** Sends again what could not be sent. */
export async function retry(): Promise<void> {
  const { value: failed } = failure;
  if (!failed) return;
  // What may have arrived is sent as it was; what was refused goes to the model shown now.
  await send(failed.isOutcomeUnknown ? failed.entry : entryFor(failed.entry));
}

/** Sends what its conversation was deleted before: in a new one. */
export async function sendAsNew(): Promise<void> {
  const { value: failed } = failure;
  if (!failed) return;
  const { content, files = [], origin } = failed.entry;
  if (origin !== undefined) changeSending((it) => setDraft(it, origin, ''), origin);
  await showNewChat();
  void loadConversations();
  takeSent(origin, files);
  await submitMessage(content, files);
}

/** Shows the start page, with the composer of a conversation that does not exist yet. */
export function showNewChat(): Promise<void> {
  const { value: before } = composerKey;
  return new Promise((resolve) => {
    const unsubscribe = composerKey.subscribe((key) => {
      if (key === before) return;
      resolve();
      queueMicrotask(() => unsubscribe());
    });
    go('/');
  });
}

/** Sets the instructions for the model from the next message on; makes a conversation if needed. */
export async function setSystemPrompt(systemPrompt: string): Promise<void> {
  const { value: open } = conversation;
  if (open) {
    const changed = await changeConversation(open.id, { system_prompt: systemPrompt });
    updateConversation(open.id, ({ leaf }) => ({ ...changed, leaf }));
    return;
  }
  const { value: key } = composerKey;
  const { value: model } = modelOfNew;
  const made = await createConversation({
    system_prompt: systemPrompt,
    ...temporaryField(),
    ...optionsOfNew(),
    ...(model && { model }),
    ...(toolsOn.value.length > 0 && { tools: toolsOn.value }),
  });
  noteMade(made);
  putInList(made);
  if (composerKey.value !== key) return;
  batch(() => {
    changeSending((it) => adoptConversation(it, made.id), made.id);
    adopt(made);
    moveFiles(made.id);
  });
  go(`/c/${made.id}`);
}

/** Opens a conversation, with the message that was sent there and may not have arrived. */
export async function openConversation(id: string | undefined): Promise<void> {
  await openThread(id);
  if (conversation.value?.id === id) reconcile(id);
}

/** Reads what is new in the conversation that is open. */
export async function refreshConversation(): Promise<void> {
  await refreshOpenThread();
  if (conversation.value) reconcile(conversation.value.id);
}

function reconcile(id: string | undefined): void {
  changeSending((it) => reconcileOutbox(it, id, messages.value.values()), id);
  const lost = sendingWith(id).unconfirmed[slotOf(id)];
  if (lost && !lost.isDetachedFromComposer) putFilesBack(id, lost.files ?? []);
}

function entryFor(
  wanted: Pick<OutboxEntry, 'content' | 'files' | 'parent' | 'purpose' | 'editedMessage'>,
  model = shownModel.value?.name,
): OutboxEntry {
  const origin = conversation.value?.id;
  return createEntry(sendingWith(origin), {
    content: wanted.content,
    files: wanted.files ?? [],
    parent: wanted.parent,
    purpose: wanted.purpose,
    editedMessage: wanted.editedMessage,
    key: newKey(),
    model,
    payer: chosenPayer.value?.id,
    origin,
    user: me.value?.id,
    chosenModel: modelOfNew.value,
    options: optionsOfNew(),
    ...toolFieldsFor(wanted.content, wanted.files ?? []),
  });
}

/** @returns whether it was taken; nothing is sent while another message is on its way here */
async function send(entry: OutboxEntry): Promise<boolean> {
  const { origin } = entry;
  const { value: key } = composerKey;
  const isReady = !isLoading.value && !loadFailure.value && origin === conversation.value?.id;
  if (!isReady || !canSend(sendingWith(origin))) return false;
  let latest = entry;
  batch(() => {
    errorNotice.value = '';
    changeSending((it) => markSending(it, entry), origin);
    if (entry.purpose === 'next') takeSent(origin, entry.files ?? []);
  });
  try {
    const taken = await deliver(entry, (id) => {
      latest = { ...entry, conversation: id };
      changeSending((it) => onConversationReady(it, key, id), origin);
    });
    const accepted = { composerKey: key, entry: latest, path: path.value, ...taken };
    run((it) => onAccepted(it, accepted), taken.opened?.id ?? origin);
    return true;
  } catch (error) {
    run((it) => onRejected(it, key, latest, sendErrorOf(error)), origin);
    if (entry.purpose === 'next') putFilesBack(origin, entry.files ?? []);
    return false;
  }
}

/** Makes a transition and runs its effects. */
function run(transition: (state: SendingState) => Step, id: string | undefined): void {
  batch(() => {
    let effects: readonly SendingEffect[] = [];
    changeSending((it) => {
      const step = transition(it);
      ({ effects } = step);
      return step.state;
    }, id);
    for (const effect of effects) runEffect(effect);
  });
}

function runEffect(effect: SendingEffect): void {
  switch (effect.kind) {
    case 'adopt_conversation':
      adopt(effect.conversation);
      moveFiles(effect.conversation.id);
      break;
    case 'append_message':
      append(effect.message);
      break;
    case 'open_path':
      go(effect.path);
      break;
    case 'tell_tabs':
      if (me.value) tellTabs({ ...effect, kind: 'changed', user: me.value.id });
      break;
    case 'mark_generating':
      setGenerating(effect.conversation, effect.isGenerating);
      break;
    case 'reload_list_entry':
      void reloadListEntry(effect.conversation);
      break;
    case 'delete_conversation':
      discard(effect.conversation);
      break;
    case 'save_draft':
      saveDraft(effect.user, effect.conversation, effect.content);
      break;
    case 'report_error':
      reportError(effect.error);
      break;
    case 'refresh_models':
      void refreshModels().catch(() => undefined);
      break;
    case 'refresh_balance':
      void refreshBalance().catch(() => undefined);
      break;
  }
}

async function reloadListEntry(id: string): Promise<void> {
  await call<Conversation>('GET', `/api/conversations/${id}/`).then(putInList, () => undefined);
}

function sendErrorOf(error: unknown): SendError {
  return {
    kind: kindOf(error),
    error,
    isOutcomeUnknown: isOutcomeUnknown(error),
    isNotFound: error instanceof ApiError && error.status === 404,
    sessionEnd: error instanceof SessionOver ? error.reason : undefined,
  };
}

function kindOf(error: unknown): SendError['kind'] {
  if (hasCode(error, 'insufficient_credits')) return 'balance';
  if (hasCode(error, 'budget_exceeded')) return 'balance';
  if (hasCode(error, 'balance_in_use')) return 'other';
  if (hasCode(error, 'conversation_not_found')) return 'deleted';
  if (error instanceof ApiError) return error.status === 429 ? 'limit' : 'other';
  return error instanceof Unreachable ? 'network' : 'other';
}

/** `crypto.randomUUID` exists over https only, which home networks often lack. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((it) => it.toString(16).padStart(2, '0')).join('');
}

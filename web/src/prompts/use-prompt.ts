/** Uses prompts and assistants: in the composer, or for the chat that begins. */
import { batch } from '@preact/signals';
import { call } from '../api/client.ts';
import type { ListedPrompt, Prompt } from '../api/types.ts';
import { models } from '../state/account.ts';
import { newAssistant } from '../state/assistant.ts';
import { changeConversation } from '../state/conversations.ts';
import { errorNotice } from '../state/error-notice.ts';
import { shownModel } from '../state/model.ts';
import { chosenModel, conversation, shown, updateConversation } from '../state/thread.ts';
import { promptsText } from '../strings/prompts/prompts.ts';

/**
 * All that the user may use.
 * @param address where else to read, for those who share
 * @throws ApiError, Unreachable, SessionOver
 */
export async function readPrompts(address = '/api/prompts/'): Promise<readonly ListedPrompt[]> {
  const { prompts } = await call<{ prompts: ListedPrompt[] }>('GET', address);
  return prompts;
}

/** @throws ApiError, Unreachable, SessionOver */
export function readPrompt(address: string): Promise<Prompt> {
  return call<Prompt>('GET', address);
}

/** Whether the chat that is shown has no message yet, so that an assistant can begin it. */
export function isBeginning(): boolean {
  return shown.value.length === 0;
}

/** Whether the user may use the model of an assistant; true if it leaves the choice. */
export function mayUseModelOf({ model }: Pick<Prompt, 'model'>): boolean {
  return model === null || models.value.some(({ name }) => name === model);
}

/**
 * Begins the chat that is shown with an assistant. Its model is chosen, if the user may use it, and
 * not remembered for other chats.
 * @throws ApiError, Unreachable, SessionOver
 */
export async function beginWith(assistant: Prompt): Promise<void> {
  const { value: open } = conversation;
  const canUse = mayUseModelOf(assistant);
  if (open) {
    const model = canUse ? {} : { model: shownModel.value?.name ?? null };
    const changed = await changeConversation(open.id, { assistant: assistant.id, ...model });
    batch(() => {
      updateConversation(open.id, ({ leaf }) => ({ ...changed, leaf }));
      if (conversation.value?.id !== open.id) return;
      if (canUse) chosenModel.value = undefined;
      else errorNotice.value = otherModelText(assistant);
    });
    return;
  }
  batch(() => {
    newAssistant.value = assistant;
    if (canUse && assistant.model !== null) chosenModel.value = assistant.model;
  });
}

/** Says that another model than that of an assistant will answer, and which. */
export function otherModelText({ model }: Pick<Prompt, 'model'>): string {
  return promptsText.value.otherModel(model ?? '', shownModel.value?.name);
}

/** The chat that is shown begins without an assistant again. */
export function beginWithout(): void {
  const { value: assistant } = newAssistant;
  batch(() => {
    if (assistant && chosenModel.value === assistant.model) chosenModel.value = undefined;
    newAssistant.value = undefined;
  });
}

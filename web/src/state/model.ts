/** The model that answers next, and what that costs. */
import { computed } from '@preact/signals';
import { balance, defaultModel, models } from './account.ts';
import { changeConversation } from './conversations.ts';
import { reportError } from './error-notice.ts';
import { bytesIn, type Estimate, estimateOf, highestOf, readBefore } from './price.ts';
import { branch, chosenModel, conversation, updateConversation } from './thread.ts';

/** What was chosen, as long as it is there; else the default model. This one is asked. */
export const shownModel = computed(() => {
  const name = chosenModel.value ?? conversation.value?.model;
  return models.value.find((it) => it.name === name) ?? defaultModel.value;
});

const bytesBefore = computed(() =>
  bytesIn(readBefore(branch.value, conversation.value?.system_prompt ?? '')),
);

/** What words cost that follow the branch that is shown; undefined without any model. */
export function estimateFor(content: string): Estimate | undefined {
  const { value: model } = shownModel;
  if (!model) return undefined;
  const standIns = models.value.filter(({ name }) => model.fallbacks.includes(name));
  return highestOf([model, ...standIns], bytesBefore.value + bytesIn([content]));
}

/**
 * Whether the balance is too low whatever is said. What is held for a price that depends on length
 * is cut to what is there, so only an exact one that is too high stops anything.
 */
export const isBalanceTooLow = computed(() => {
  const { value: model } = shownModel;
  if (!model) return false;
  const { credits, isExact } = estimateOf(model, 0);
  return isExact ? credits > balance.value : balance.value === 0;
});

/** Lets another model answer from now on, and says so if the conversation cannot keep it. */
export async function chooseModel(name: string): Promise<void> {
  const { value: before } = chosenModel;
  const { value: open } = conversation;
  chosenModel.value = name;
  if (!open) return;
  try {
    const changed = await changeConversation(open.id, { model: name });
    updateConversation(open.id, (now) => ({ ...now, model: changed.model }));
  } catch (error) {
    if (conversation.value?.id === open.id) chosenModel.value = before;
    reportError(error);
  }
}

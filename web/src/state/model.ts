/** The model for the next message, and its price. */
import { computed, effect } from '@preact/signals';
import { balance, defaultModel, models } from './account.ts';
import { changeConversation } from './conversations.ts';
import { reportError } from './error-notice.ts';
import { payingModel } from './limits.ts';
import { bytesIn, type Estimate, estimateOf, highestOf, readBefore } from './price.ts';
import { branch, chosenModel, conversation, updateConversation } from './thread.ts';

/** The chosen model if it still exists, else the default. It answers the next message. */
export const shownModel = computed(() => {
  const name = chosenModel.value ?? conversation.value?.model;
  return models.value.find((it) => it.name === name) ?? defaultModel.value;
});

effect(() => {
  payingModel.value = shownModel.value?.name;
});

const bytesBefore = computed(() =>
  bytesIn(readBefore(branch.value, conversation.value?.system_prompt ?? '')),
);

/**
 * The cost of a next message in the branch that is shown; undefined without any model.
 * @param added bytes of what the model reads besides
 */
export function estimateFor(content: string, added = 0): Estimate | undefined {
  const { value: model } = shownModel;
  if (!model) return undefined;
  const standIns = models.value.filter(({ name }) => model.fallbacks.includes(name));
  return highestOf([model, ...standIns], bytesBefore.value + bytesIn([content]) + added);
}

/**
 * Whether the balance is too low for any message. A hold for a price that depends on length is
 * capped by the balance, so only an exact price can be too high.
 */
export const isBalanceTooLow = computed(() => {
  const { value: model } = shownModel;
  if (!model) return false;
  const { credits, isExact } = estimateOf(model, 0);
  return isExact ? credits > balance.value : balance.value === 0;
});

/** Chooses the model from now on; reports it if the conversation cannot be changed. */
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

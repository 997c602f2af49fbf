/** The model for the next message, its settings, and its price. */
import { computed, effect, signal } from '@preact/signals';
import type { ChatFile, Model } from '../api/types.ts';
import { tokensFor } from '../chat/files/file-tokens.ts';
import { atSessionEnd, balance, defaultModel, me, models } from './account.ts';
import { newAssistant } from './assistant.ts';
import { changeConversation } from './conversations.ts';
import { reportError } from './error-notice.ts';
import { payingModel } from './limits.ts';
import type { OptionsOfNew } from './machines/sending.ts';
import { branchTo } from './machines/tree.ts';
import { keep, kept } from './preferences.ts';
import {
  bytesIn,
  type Effort,
  type Estimate,
  estimateOf,
  highestOf,
  readBefore,
  USUAL_BYTES,
  usualCostOf,
} from './price.ts';
import { composerKey } from './sending.ts';
import { branch, chosenModel, conversation, messages, updateConversation } from './thread.ts';

/** What a chat sets of how its model works. */
export interface ModelOptions {
  readonly effort: Effort;
  /** null leaves it to the model. */
  readonly temperature: number | null;
}

const NO_OPTIONS: ModelOptions = { effort: null, temperature: null };

/** The model that a user chose last in this browser: it answers in the next new chat. */
const remembered = signal('');
/** What was set for the chat that does not exist yet. */
const newOptions = signal<ModelOptions>(NO_OPTIONS);
/** The model that is asked beside the shown one, if the next message goes to both. */
const compared = signal<string | undefined>(undefined);

effect(() => {
  const { value: user } = me;
  if (user) remembered.value = kept(`model.${user.id}`);
});
atSessionEnd(() => {
  remembered.value = '';
  newOptions.value = NO_OPTIONS;
  compared.value = undefined;
});

/** The model that a new chat begins with and keeps; undefined for the default one. */
export const modelOfNew = computed(() => {
  const name = chosenModel.value ?? remembered.value;
  return models.value.find((it) => it.name === name)?.name;
});

/** The chosen model if it still exists, else the default. It answers the next message. */
export const shownModel = computed(() => {
  const { value: open } = conversation;
  const name = open ? (chosenModel.value ?? open.model) : modelOfNew.value;
  return models.value.find((it) => it.name === name) ?? defaultModel.value;
});

/** The settings of the chat that is shown. */
export const shownOptions = computed((): ModelOptions => {
  const { value: open } = conversation;
  return open ? { effort: open.effort, temperature: open.temperature } : newOptions.value;
});

/** The second model of the next message. */
export const comparedModel = computed(() =>
  models.value.find(({ name }) => name === compared.value && name !== shownModel.value?.name),
);

// Settings of a chat that was not begun stay with its composer.
effect(() => {
  void composerKey.value;
  newOptions.value = NO_OPTIONS;
  compared.value = undefined;
});

effect(() => {
  payingModel.value = shownModel.value?.name;
});

/** The instructions of the chat that is shown; a new one begins with them. */
export const shownInstructions = computed(
  () =>
    conversation.value?.system_prompt ?? newAssistant.value?.text ?? me.value?.instructions ?? '',
);

/** The name of the assistant of the chat that is shown; null or undefined for none. */
export const shownAssistant = computed(() =>
  conversation.value ? conversation.value.assistant : newAssistant.value?.title,
);

const bytesBefore = computed(() => bytesIn(readBefore(branch.value, shownInstructions.value)));
/** The files that the first message of the chat has from its assistant; none once it is sent. */
export const filesOfAssistant = computed(() => {
  if (branch.value.length > 0) return [];
  const { value: open } = conversation;
  return (open ? open.assistant_files : newAssistant.value?.files) ?? [];
});
const filesBefore = computed(() => [
  ...filesOfAssistant.value,
  ...branch.value.flatMap((it) => it.files),
]);

/** What a message costs: usually, and at most. */
export interface Cost extends Estimate {
  readonly usual: number;
}

/**
 * The cost of a next message in the branch that is shown; undefined without any model.
 * @param added bytes of what the model reads besides, such as tools
 */
export function estimateFor(
  content: string,
  files: readonly ChatFile[] = [],
  added = 0,
): Cost | undefined {
  const { value: model } = shownModel;
  return model && costOfNext(model, content, files, added);
}

/** The cost of the same message to the model that is asked beside. */
export function estimateOfCompared(
  content: string,
  files: readonly ChatFile[] = [],
): Cost | undefined {
  const { value: model } = comparedModel;
  return model && costOfNext(model, content, files);
}

/** A message, or one that was not accepted yet. */
export interface Replaced {
  readonly parent: string | null;
  readonly files?: readonly ChatFile[] | undefined;
}

/**
 * The cost of a text in the place of a message: edited, or asked again.
 * @param name of the model that is asked; the shown one if not given
 */
export function estimateInPlaceOf(
  { parent, files = [] }: Replaced,
  content: string,
  name?: string,
): Cost | undefined {
  const model = name === undefined ? shownModel.value : models.value.find((it) => it.name === name);
  const before = branchTo(messages.value, parent);
  const { value: prompt } = shownInstructions;
  const all = [...before.flatMap((it) => it.files), ...files];
  return model && costWith(model, bytesIn([...readBefore(before, prompt), content]), all);
}

function costOfNext(model: Model, content: string, files: readonly ChatFile[], added = 0): Cost {
  const bytes = bytesBefore.value + bytesIn([content]) + added;
  return costWith(model, bytes, [...filesBefore.value, ...files]);
}

function costWith(model: Model, bytes: number, files: readonly ChatFile[]): Cost {
  const { likely = 0 } = tokensFor(files, model.name) ?? {};
  const mostFor = (it: Model) => bytes + mostInput(it, files);
  const standIns = models.value.filter(({ name }) => model.fallbacks.includes(name));
  const most = highestOf([model, ...standIns], mostFor, shownOptions.value.effort);
  // The hold is capped by the balance.
  const credits = most.isExact ? most.credits : Math.min(most.credits, balance.value);
  return {
    ...most,
    credits,
    usual: Math.min(usualCostOf(model, bytes + likely * USUAL_BYTES), credits),
  };
}

/** What files are to a model at most; the whole context where only its provider knows. */
function mostInput(model: Model, files: readonly ChatFile[]): number {
  const tokens = tokensFor(files, model.name);
  return tokens ? (tokens.most ?? model.context_limit ?? 0) : 0;
}

/**
 * Whether the balance is too low for any message. A hold for a price that depends on length is
 * capped by the balance, so only an exact price can be too high.
 */
export const isBalanceTooLow = computed(() => {
  const { value: model } = shownModel;
  return model !== undefined && isTooDear(model);
});

function isTooDear(model: Model): boolean {
  const { credits, isExact } = estimateOf(model, 0);
  return isExact ? credits > balance.value : balance.value === 0;
}

/** Chooses the model from now on; reports it if the conversation cannot be changed. */
export async function chooseModel(name: string): Promise<void> {
  const { value: before } = chosenModel;
  const { value: open } = conversation;
  chosenModel.value = name;
  remembered.value = name;
  keep(`model.${me.value?.id}`, name);
  if (!open) return;
  try {
    const changed = await changeConversation(open.id, { model: name });
    updateConversation(open.id, (now) => ({ ...now, model: changed.model }));
  } catch (error) {
    if (conversation.value?.id === open.id) chosenModel.value = before;
    reportError(error);
  }
}

/** Chooses the model that is asked beside the shown one; undefined for none. */
export function compareWith(name: string | undefined): void {
  compared.value = name;
}

/** Sets how the model of this chat works; reports it if that fails. */
export async function chooseOptions(chosen: ModelOptions): Promise<void> {
  const { value: open } = conversation;
  if (!open) {
    newOptions.value = chosen;
    return;
  }
  const { effort, temperature } = open;
  updateConversation(open.id, (now) => ({ ...now, ...chosen }));
  try {
    await changeConversation(open.id, chosen);
  } catch (error) {
    updateConversation(open.id, (now) => ({ ...now, effort, temperature }));
    reportError(error);
  }
}

/** The settings and the assistant that a new chat is made with. */
export function optionsOfNew(): OptionsOfNew {
  const { effort, temperature } = newOptions.peek();
  const assistant = newAssistant.peek();
  return {
    ...(effort !== null && { effort }),
    ...(temperature !== null && { temperature }),
    // The model is said even where it is the default one: the assistant's may not be usable.
    ...(assistant && { assistant: assistant.id, model: modelOfNew.peek() ?? null }),
  };
}

/** Prompts, assistants and default instructions: a user's own, and what is shared. */
import { ChitError } from '../../core/errors.ts';
import type { Prompt, PromptChanges, PromptKind, PromptOwner } from '../../store/chat/prompts.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';

/** How many a user, a group and everybody together can have. */
const MOST_PROMPTS = 200;

/** What is written into a prompt. */
export interface PromptFields {
  readonly kind: PromptKind;
  readonly title: string;
  readonly content: string;
  /** Of an assistant; need not be one that everybody may use. */
  readonly model?: string | null | undefined;
}

/**
 * Adds a prompt.
 * @param sharedBy who shares it; it is in the audit log then
 * @throws ChitError `user_inactive`, `group_not_found`, `too_many_prompts`
 */
export async function addPrompt(
  context: Context,
  owner: PromptOwner,
  { kind, title, content, model }: PromptFields,
  sharedBy?: Principal,
): Promise<Prompt> {
  const atMs = context.now();
  const times = { createdAtMs: atMs, updatedAtMs: atMs };
  const used = kind === 'assistant' ? (model ?? undefined) : undefined;
  const prompt: Prompt = { id: newId(), kind, owner, title, content, model: used, ...times };
  const entry = sharedBy && entryFor(sharedBy, 'prompt.share', { after: prompt });
  const outcome = await context.prompts.add(prompt, MOST_PROMPTS, entry);
  if (outcome === 'too_many') throw new ChitError('too_many_prompts', { most: MOST_PROMPTS });
  if (outcome === 'no_owner') {
    throw new ChitError('userId' in owner ? 'user_inactive' : 'group_not_found', undefined);
  }
  return prompt;
}

/**
 * A prompt with its text that a user may use: own or shared.
 * @throws ChitError `prompt_not_found`, also for another user's or another group's
 */
export async function requirePrompt(
  { prompts }: Context,
  userId: number,
  id: string,
): Promise<Prompt> {
  const prompt = await prompts.findVisible(userId, id);
  if (!prompt) throw new ChitError('prompt_not_found', undefined);
  return prompt;
}

/**
 * A prompt of an owner with its text, for those who may change it.
 * @throws ChitError `prompt_not_found`, also for another owner's
 */
export async function requirePromptOf(
  { prompts }: Context,
  owner: PromptOwner,
  id: string,
): Promise<Prompt> {
  const prompt = await prompts.find(owner, id);
  if (!prompt) throw new ChitError('prompt_not_found', undefined);
  return prompt;
}

/** @throws ChitError `prompt_not_found`, also for what is no assistant */
export async function requireAssistant(
  context: Context,
  userId: number,
  id: string,
): Promise<Prompt> {
  const prompt = await requirePrompt(context, userId, id);
  if (prompt.kind !== 'assistant') throw new ChitError('prompt_not_found', undefined);
  return prompt;
}

/** @throws ChitError `prompt_not_found`, also for another owner's */
export async function changePrompt(
  { prompts, now }: Context,
  owner: PromptOwner,
  id: string,
  changes: PromptChanges,
  changedBy?: Principal,
): Promise<Prompt> {
  const entryOf =
    changedBy &&
    ((before: Prompt, after: Prompt) => entryFor(changedBy, 'prompt.change', { before, after }));
  const changed = await prompts.change(owner, id, { ...changes, atMs: now() }, entryOf);
  if (!changed) throw new ChitError('prompt_not_found', undefined);
  return changed;
}

/** Chats that were begun with it stay as they are. @throws ChitError `prompt_not_found` */
export async function removePrompt(
  { prompts, eraseRemains }: Context,
  owner: PromptOwner,
  id: string,
  removedBy?: Principal,
): Promise<void> {
  const entryOf = removedBy && ((before: Prompt) => entryFor(removedBy, 'prompt.end', { before }));
  const isRemoved = await prompts.remove(owner, id, entryOf);
  if (!isRemoved) throw new ChitError('prompt_not_found', undefined);
  void eraseRemains();
}

/** Sets what new chats begin with; empty for none. @throws ChitError `user_inactive` */
export async function setDefaultInstructions(
  { prompts }: Context,
  userId: number,
  content: string,
): Promise<void> {
  const isSet = await prompts.setDefaultInstructions(userId, content);
  if (!isSet) throw new ChitError('user_inactive', undefined);
}

function entryFor(
  principal: Principal,
  action: 'prompt.share' | 'prompt.change' | 'prompt.end',
  { before, after }: { readonly before?: Prompt; readonly after?: Prompt },
) {
  const target = `prompt:${(after ?? before)?.id}`;
  const facts = { before: before && factsOf(before), after: after && factsOf(after) };
  return auditEntry(principal, { action, target, ...facts });
}

/** The log keeps no texts, which can be long. */
function factsOf({ kind, title, content, model, owner }: Prompt) {
  return {
    kind,
    title,
    characters: [...content].length,
    model: model ?? null,
    group: 'groupId' in owner ? owner.groupId : null,
  };
}

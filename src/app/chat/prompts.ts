/** Prompts, assistants and default instructions: a user's own, and what is shared. */
import { ChitError } from '../../core/errors.ts';
import type { FilesRefused, WantedFiles } from '../../store/chat/assistant-files.ts';
import type { PromptOwner } from '../../store/chat/prompt-owner.ts';
import type { Prompt, PromptKind } from '../../store/chat/prompts.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { copyToShare } from './files/share-files.ts';
import { sweepFiles } from './files/sweep-files.ts';

/** How many a user, a group and everybody together can have. */
const MOST_PROMPTS = 200;

/** What is written into a prompt. */
export interface PromptFields {
  readonly kind: PromptKind;
  readonly title: string;
  readonly content: string;
  /** Of an assistant; need not be one that everybody may use. */
  readonly model?: string | null | undefined;
  /** Of an assistant: the ids of files that whoever writes it has uploaded, or that it has. */
  readonly files?: readonly string[] | undefined;
}

/** Who writes a prompt. */
export interface PromptAuthor {
  readonly userId: number;
  /** Who shares it; it is in the audit log then. */
  readonly sharedBy?: Principal | undefined;
}

/**
 * Adds a prompt. Files of a shared assistant are copied, so that they do not go with whoever shares
 * it.
 * @throws ChitError `user_inactive`, `group_not_found`, `too_many_prompts`, `file_not_found`,
 *   `files_quota_exceeded`
 */
export async function addPrompt(
  context: Context,
  owner: PromptOwner,
  { kind, title, content, model, files }: PromptFields,
  { userId, sharedBy }: PromptAuthor,
): Promise<Prompt> {
  const atMs = context.now();
  const times = { createdAtMs: atMs, updatedAtMs: atMs };
  const used = kind === 'assistant' ? (model ?? undefined) : undefined;
  const written = { kind, owner, title, content, model: used, files: [] };
  const prompt: Prompt = { id: newId(), ...written, ...times };
  const entryOf = sharedBy && ((after: Prompt) => entryFor(sharedBy, 'prompt.share', { after }));
  const ids = kind === 'assistant' ? (files ?? []) : [];
  const outcome = await withWanted(context, { owner, userId, ids, before: undefined }, (wanted) =>
    context.prompts.add(prompt, { most: MOST_PROMPTS, files: wanted, entryOf }),
  );
  if (outcome === 'too_many') throw new ChitError('too_many_prompts', { most: MOST_PROMPTS });
  if (outcome === 'no_owner') {
    throw new ChitError('userId' in owner ? 'user_inactive' : 'group_not_found', undefined);
  }
  return outcome;
}

/** The files that an assistant is to have. */
interface FilesOf {
  readonly owner: PromptOwner;
  /** Who has uploaded the new ones. */
  readonly userId: number;
  readonly ids: readonly string[];
  /** The assistant as it is; undefined for a new one. */
  readonly before: Prompt | undefined;
}

/** Writes an assistant with its files; of shared ones, copies that nobody has are deleted again. */
async function withWanted<T>(
  context: Context,
  { owner, userId, ids, before }: FilesOf,
  write: (wanted: WantedFiles) => Promise<T | FilesRefused>,
): Promise<Exclude<T, FilesRefused>> {
  const { policy, assistantFiles, now } = context;
  const isOwn = 'userId' in owner;
  const unique = [...new Set(ids)];
  const kept = before?.files.filter(({ id }) => unique.includes(id)) ?? [];
  const added = unique.filter((id) => kept.every((it) => it.id !== id));
  const copies = isOwn
    ? new Map<string, string>()
    : await copyToShare(context, { owner, userId, ids: added, promptId: before?.id, kept });
  const wanted = unique.map((id) => copies.get(id) ?? id);
  const quotaBytes = isOwn ? undefined : policy.sharedFilesQuotaBytes;
  let isWritten = false;
  try {
    const outcome = await write({ ids: wanted, quotaBytes });
    if (outcome === 'file_not_found') throw new ChitError('file_not_found', undefined);
    if (isRefused(outcome)) {
      const left = Math.max(0, outcome.leftBytes);
      throw new ChitError('shared_files_quota_exceeded', { most: quotaBytes ?? 0, left });
    }
    isWritten = typeof outcome === 'object';
    return outcome as Exclude<T, FilesRefused>;
  } finally {
    // What is left undone by an error, the background does.
    if (!isWritten)
      await assistantFiles.discard([...copies.values()], now()).catch(() => undefined);
  }
}

function isRefused(outcome: unknown): outcome is Exclude<FilesRefused, string> {
  return typeof outcome === 'object' && outcome !== null && 'leftBytes' in outcome;
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

/**
 * Changes a prompt. Chats that were begun with it stay as they are.
 * @throws ChitError `prompt_not_found`, also for another owner's; `file_not_found`,
 *   `files_quota_exceeded`
 */
export async function changePrompt(
  context: Context,
  owner: PromptOwner,
  id: string,
  { files: ids, ...fields }: Partial<PromptFields>,
  { userId, sharedBy }: PromptAuthor,
): Promise<Prompt> {
  const { prompts, now } = context;
  const entryOf =
    sharedBy &&
    ((before: Prompt, after: Prompt) => entryFor(sharedBy, 'prompt.change', { before, after }));
  const write = (files: WantedFiles | undefined) =>
    prompts.change(owner, id, { ...fields, files, atMs: now() }, entryOf);
  if (ids === undefined) return required(await write(undefined));
  const before = await requirePromptOf(context, owner, id);
  if (before.kind !== 'assistant') return required(await write(undefined));
  const changed = await withWanted(context, { owner, userId, ids, before }, write);
  sweepSoon(context);
  return required(changed);
}

function required(changed: Prompt | undefined | FilesRefused): Prompt {
  if (changed && typeof changed === 'object' && 'id' in changed) return changed;
  throw new ChitError('prompt_not_found', undefined);
}

/** What is left undone by an error, the background does. */
function sweepSoon(context: Context): void {
  void sweepFiles(context)
    .catch(() => undefined)
    .then(() => context.eraseRemains());
}

/** Chats that were begun with it stay as they are. @throws ChitError `prompt_not_found` */
export async function removePrompt(
  context: Context,
  owner: PromptOwner,
  id: string,
  removedBy?: Principal,
): Promise<void> {
  const entryOf = removedBy && ((before: Prompt) => entryFor(removedBy, 'prompt.end', { before }));
  const isRemoved = await context.prompts.remove(owner, id, { atMs: context.now(), entryOf });
  if (!isRemoved) throw new ChitError('prompt_not_found', undefined);
  sweepSoon(context);
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
function factsOf({ kind, title, content, model, files, owner }: Prompt) {
  return {
    kind,
    title,
    characters: [...content].length,
    model: model ?? null,
    files: files.length,
    group: 'groupId' in owner ? owner.groupId : null,
  };
}

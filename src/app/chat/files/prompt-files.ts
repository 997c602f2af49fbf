/** The files of messages, as models are given them. */
import type { Turn } from '../../../core/conversation.ts';
import { ChitError } from '../../../core/errors.ts';
import {
  type AttachedFile,
  PROMPT_FILE_BYTES,
  type PromptFile,
  type Reads,
} from '../../../core/files.ts';
import type { Model } from '../../../models/catalogue.ts';
import { PLAIN_TEXT } from '../../../models/documents/file-kind.ts';
import { filesGiven, isGiven } from '../../../models/prompt/prompt-parts.ts';
import type { Requester } from '../../../store/accounts/requesters.ts';
import type { Conversation } from '../../../store/chat/conversations.ts';
import type { Reader } from '../../../store/chat/files.ts';
import type { Context } from '../../context.ts';
import { type Candidates, offeredTo } from '../../metering/models-for.ts';

/**
 * The files that a message is to have, in their order: where it is the first of a chat, those that
 * the chat was begun with before all others.
 * @param ids of the user's own files, or of those that the chat was begun with
 * @throws ChitError `file_not_found`
 */
export async function filesToSend(
  context: Context,
  { id: conversationId, userId, assistant }: Pick<Conversation, 'id' | 'userId' | 'assistant'>,
  { ids, isFirst }: { readonly ids: readonly string[]; readonly isFirst: boolean },
): Promise<PromptFile[]> {
  const begun =
    isFirst && assistant !== undefined
      ? await context.assistantFiles.ofConversation(conversationId)
      : [];
  const isBegun = new Set(begun.map(({ id }) => id));
  const others = [...new Set(ids)].filter((id) => !isBegun.has(id));
  const found = await context.files.findSendable({ userId, conversationId }, others);
  const own = await inOrder(context, found, others);
  return [...(await promptFiles(context, begun)), ...own];
}

/**
 * Files that a user may read, in their order, as a model is given them.
 * @throws ChitError `file_not_found`
 */
export async function readableFiles(
  context: Context,
  user: Reader,
  ids: readonly string[],
): Promise<PromptFile[]> {
  return inOrder(context, await context.files.findAllReadable(user, ids), ids);
}

async function promptFiles(context: Context, found: readonly AttachedFile[]) {
  const files: PromptFile[] = [];
  for (const file of found) files.push(await promptFile(context, file));
  return files;
}

async function inOrder(
  context: Context,
  list: readonly AttachedFile[],
  ids: readonly string[],
): Promise<PromptFile[]> {
  const found = new Map(list.map((it) => [it.id, it]));
  const files: PromptFile[] = [];
  for (const id of ids) {
    const file = found.get(id);
    if (!file) throw new ChitError('file_not_found', undefined);
    files.push(await promptFile(context, file));
  }
  return files;
}

/** A file with its text. */
export async function promptFile({ files }: Context, file: AttachedFile): Promise<PromptFile> {
  const { id, kind, mediaType } = file;
  const part = mediaType === PLAIN_TEXT ? 'content' : 'text';
  const text = kind === 'picture' ? '' : await files.textOf(id, part);
  return { ...file, text, read: () => files.pieces(id, 'content') };
}

/**
 * The models that may answer a message with files: the one that was asked for must read all of
 * them, and fallbacks that do not are left out. Earlier pictures that a model does not see are
 * mentioned to it in words.
 * @throws ChitError `files_not_read`, with models that do; `files_too_large`
 */
export async function modelsForFiles(
  context: Context,
  user: Pick<Requester, 'id' | 'payers'>,
  candidates: Candidates,
  prompt: { readonly turns: readonly Turn[]; readonly files: readonly PromptFile[] },
): Promise<Candidates> {
  const [requested, ...fallbacks] = candidates;
  const unread = prompt.files.find((file) => !isRead(file, requested.reads));
  if (unread) {
    const offered = await offeredTo(context, user);
    const models = offered.filter(readsAll(prompt.files)).map(({ name }) => name);
    const kind = unread.kind === 'picture' ? 'image' : 'pdf';
    throw new ChitError('files_not_read', { kind, model: requested.name, models });
  }
  const promptContext = { systemPrompt: '', ...prompt };
  const bytesFor = ({ reads }: Model) =>
    filesGiven(promptContext, reads).reduce((sum, { bytes }) => sum + bytes, 0);
  if (bytesFor(requested) > PROMPT_FILE_BYTES) {
    throw new ChitError('files_too_large', { most: PROMPT_FILE_BYTES });
  }
  const able = fallbacks.filter(
    (it) => readsAll(prompt.files)(it) && bytesFor(it) <= PROMPT_FILE_BYTES,
  );
  return [requested, ...able];
}

function readsAll(files: readonly PromptFile[]) {
  return ({ reads }: Model) => files.every((file) => isRead(file, reads));
}

/** Whether a model is given a file as it is, or its text. */
function isRead(file: PromptFile, reads: readonly Reads[]): boolean {
  return isGiven(file, reads) || file.text.trim() !== '';
}

/** The ids of those files that a model cannot be given. */
export function unreadBy(files: readonly PromptFile[], reads: readonly Reads[]): string[] {
  return files.filter((file) => !isRead(file, reads)).map(({ id }) => id);
}

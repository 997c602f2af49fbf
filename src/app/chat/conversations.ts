/** Creating, finding, changing, exporting and deleting the conversations of a user. */
import { titleFrom } from '../../core/conversation.ts';
import { ChitError } from '../../core/errors.ts';
import type { Effort } from '../../core/model-options.ts';
import { type Page, pageOf, rowsForPage } from '../../core/page.ts';
import type { Conversation, ConversationCursor, Shelf } from '../../store/chat/conversations.ts';
import type { Message, MessageSlice } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { modelsFor } from '../metering/models-for.ts';
import { sweepFiles } from './files/sweep-files.ts';
import { requireFolder } from './folders.ts';
import { requireAssistant } from './prompts.ts';

/** The most items of a page. */
export const MAX_PAGE = 200;

/** What a user can set of a conversation. */
export interface ConversationFields {
  readonly title?: string | undefined;
  /** null for the default model. */
  readonly model?: string | null | undefined;
  readonly systemPrompt?: string | undefined;
  /** The names of the tools that are turned on. */
  readonly tools?: readonly string[] | undefined;
  /** null leaves it to the model. */
  readonly effort?: Effort | null | undefined;
  readonly temperature?: number | null | undefined;
  /** The last message of the branch to show. */
  readonly leafId?: string | undefined;
  readonly isPinned?: boolean | undefined;
  readonly isArchived?: boolean | undefined;
  /** null for none. */
  readonly folderId?: string | null | undefined;
  /** The id of an assistant, whose instructions and model it gets; null for none. */
  readonly assistantId?: string | null | undefined;
  /** Only when it is created. */
  readonly isTemporary?: boolean | undefined;
}

/**
 * Creates a conversation. It keeps the instructions that it begins with: the given ones, else those
 * of its assistant, else the default ones of the user.
 * @throws ChitError `model_not_found`, also for the model of the assistant; `folder_not_found`,
 *   `prompt_not_found`, `user_inactive`
 */
export async function createConversation(
  context: Context,
  userId: number,
  fields: ConversationFields,
): Promise<Conversation> {
  const { title = '', folderId, isTemporary = false } = fields;
  const { effort, temperature } = fields;
  const { assistant, model, systemPrompt } = await begunWith(context, userId, fields);
  if (typeof model === 'string') await modelsFor(context, userId, model);
  if (typeof folderId === 'string') await requireFolder(context, userId, folderId);
  const conversation = {
    ...newConversation(userId, title, context.now()),
    model: model ?? undefined,
    systemPrompt: systemPrompt ?? (await context.prompts.defaultInstructions(userId)),
    assistant: assistant ?? undefined,
    tools: fields.tools ?? [],
    folderId: folderId ?? undefined,
    isTemporary,
    options: { effort: effort ?? undefined, temperature: temperature ?? undefined },
  };
  const isAdded = await context.conversations.add(conversation, fields.assistantId ?? undefined);
  if (!isAdded) throw new ChitError('user_inactive', undefined);
  return conversation;
}

/** What an assistant sets, where the fields do not. */
async function begunWith(context: Context, userId: number, fields: ConversationFields) {
  const { model, systemPrompt, assistantId } = fields;
  if (typeof assistantId !== 'string') return { model, systemPrompt, assistant: assistantId };
  const { title, content, model: its } = await requireAssistant(context, userId, assistantId);
  return {
    model: model === undefined ? its : model,
    systemPrompt: systemPrompt ?? content,
    assistant: title,
  };
}

/** An empty conversation with the default model and without a system prompt. */
function newConversation(userId: number, title: string, createdAtMs: number): Conversation {
  return {
    id: newId(),
    userId,
    title,
    model: undefined,
    systemPrompt: '',
    options: {},
    leafId: undefined,
    shareToken: undefined,
    tools: [],
    pinnedAtMs: undefined,
    archivedAtMs: undefined,
    folderId: undefined,
    isTemporary: false,
    assistant: undefined,
    createdAtMs,
    updatedAtMs: createdAtMs,
  };
}

/** @throws ChitError `conversation_not_found`, also for another user's */
export async function requireConversation(
  context: Context,
  userId: number,
  id: string,
): Promise<Conversation> {
  const conversation = await context.conversations.find(userId, id);
  if (!conversation) throw new ChitError('conversation_not_found', undefined);
  return conversation;
}

/**
 * A page of a user's conversations, last used first. Messages that were sent outside of any
 * conversation get one of their own.
 */
export async function listConversations(
  context: Context,
  userId: number,
  page: {
    readonly shelf?: Shelf | undefined;
    readonly after: ConversationCursor | undefined;
    readonly limit: number;
  },
): Promise<Page<Conversation>> {
  const { after, shelf } = page;
  if (!after) await adoptOrphans(context, userId);
  const limit = Math.min(page.limit, MAX_PAGE);
  const found = await context.conversations.list(userId, {
    after,
    shelf,
    limit: rowsForPage(limit),
  });
  return pageOf(found, limit);
}

/** Collects messages that were sent outside of any conversation in one of their own. */
export async function adoptOrphans({ conversations }: Context, userId: number): Promise<void> {
  await conversations.adoptOrphanMessages(userId, ({ content, createdAtMs }) =>
    newConversation(userId, titleFrom(content), createdAtMs),
  );
}

/**
 * @throws ChitError `conversation_not_found`, `model_not_found`, `parent_not_found`,
 *   `folder_not_found`, `prompt_not_found`
 */
export async function changeConversation(
  context: Context,
  userId: number,
  id: string,
  fields: ConversationFields,
): Promise<Conversation> {
  const { title, leafId, folderId, effort, temperature } = fields;
  await requireConversation(context, userId, id);
  const { assistant, model, systemPrompt } = await begunWith(context, userId, fields);
  if (typeof model === 'string') await modelsFor(context, userId, model);
  if (leafId !== undefined) {
    const leaf = await context.messages.find(userId, leafId);
    if (leaf?.conversationId !== id) throw new ChitError('parent_not_found', undefined);
  }
  if (typeof folderId === 'string') await requireFolder(context, userId, folderId);
  const pinnedAtMs = momentOrNull(fields.isPinned, context.now());
  const archivedAtMs = momentOrNull(fields.isArchived, context.now());
  const marks = { pinnedAtMs, archivedAtMs, folderId };
  const changes = {
    title,
    assistant,
    model,
    systemPrompt,
    effort,
    temperature,
    leafId,
    tools: fields.tools,
    ...marks,
  };
  const hasChanges = Object.values(changes).some((it) => it !== undefined);
  if (hasChanges) await context.conversations.change(userId, id, changes);
  if (fields.assistantId !== undefined) {
    await context.conversations.setAssistantFiles(userId, id, fields.assistantId);
  }
  return requireConversation(context, userId, id);
}

/** What a mark is set to: undefined leaves it, null takes it away. */
function momentOrNull(isSet: boolean | undefined, nowMs: number): number | null | undefined {
  if (isSet === undefined) return undefined;
  return isSet ? nowMs : null;
}

/**
 * Deletes several conversations; those that are gone already do not count.
 * @returns how many were deleted
 */
export async function deleteConversations(
  context: Context,
  userId: number,
  ids: readonly string[],
): Promise<number> {
  let deleted = 0;
  for (const id of new Set(ids)) {
    if (await removeConversation(context, userId, id)) deleted += 1;
  }
  if (deleted > 0) eraseSoon(context);
  return deleted;
}

/**
 * Deletes a conversation with its messages. A reply that is being generated is stopped; what was
 * delivered of it is charged but not kept.
 * @throws ChitError `conversation_not_found`
 */
export async function deleteConversation(
  context: Context,
  userId: number,
  id: string,
): Promise<void> {
  const isDeleted = await removeConversation(context, userId, id);
  if (!isDeleted) throw new ChitError('conversation_not_found', undefined);
  eraseSoon(context);
}

/** What is left undone by an error, the background does. */
function eraseSoon(context: Context): void {
  void sweepFiles(context)
    .catch(() => undefined)
    .then(() => context.eraseRemains());
}

async function removeConversation(context: Context, userId: number, id: string): Promise<boolean> {
  const pending = await context.conversations.remove(userId, id, context.now());
  // Stops replies of this server at once; other servers poll for what they are to stop.
  for (const messageId of pending ?? []) context.generations.stop(userId, messageId);
  return pending !== undefined;
}

/** A page of the messages of a conversation, all branches, newest first. */
export async function listMessages(
  context: Context,
  userId: number,
  id: string,
  page: { readonly beforeId: string | undefined; readonly limit: number },
): Promise<Page<Message>> {
  await requireConversation(context, userId, id);
  const limit = Math.min(page.limit, MAX_PAGE);
  return pageFrom(await context.messages.page(id, { beforeId: page.beforeId, limit }));
}

/** A slice as a page. */
export function pageFrom({ messages, hasMore }: MessageSlice): Page<Message> {
  return { items: messages, last: hasMore ? messages.at(-1) : undefined };
}

/** A slice of the branch of a conversation that is shown, oldest first. */
export async function shownBranch(
  { messages }: Context,
  { id, leafId }: Pick<Conversation, 'id' | 'leafId'>,
  page: { readonly afterId: string | undefined; readonly limit: number },
): Promise<MessageSlice> {
  if (leafId === undefined) return { messages: [], hasMore: false };
  return messages.branch({ conversationId: id, leafId }, page);
}

/**
 * Reads a conversation for a file, a slice at a time: all of it or the branch that is shown, oldest
 * messages first.
 * @throws ChitError what `HeavyReads` throws, for the first slice, and `read_too_long`
 */
export async function* exportConversation(
  context: Context,
  conversation: Conversation,
  part: 'all' | 'branch',
): AsyncGenerator<readonly Message[]> {
  let afterId: string | undefined;
  let hasMore = true;
  const next = async () => {
    if (!hasMore) return undefined;
    const page = { afterId, limit: MAX_PAGE };
    const slice = await (part === 'all'
      ? context.messages.all(conversation.id, page)
      : shownBranch(context, conversation, page));
    ({ hasMore } = slice);
    afterId = slice.messages.at(-1)?.id;
    return slice.messages;
  };
  yield* context.heavyReads.inSlices(`user:${conversation.userId}`, next);
}

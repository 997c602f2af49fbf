/** Conversations of a user: made, found, changed, shared and deleted. */
import { randomBytes } from 'node:crypto';
import { titleFrom } from '../../core/conversation.ts';
import { ChitError } from '../../core/errors.ts';
import type { Conversation, ConversationCursor } from '../../store/chat/conversations.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { modelsFor } from '../metering/models-for.ts';

const MOST_ON_A_PAGE = 200;
/** As hard to guess as a key: whoever has the link may read. */
const SHARE_TOKEN_BYTES = 18;

/** What a user says of a conversation. */
export interface ConversationFields {
  readonly title?: string | undefined;
  /** null for the default model. */
  readonly model?: string | null | undefined;
  readonly systemPrompt?: string | undefined;
  /** The message at the end of the branch to show. */
  readonly leafId?: string | undefined;
}

/** A page of a list, and where the next one begins. */
export interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | undefined;
}

/** @throws ChitError `model_not_found`, `user_inactive` */
export async function createConversation(
  context: Context,
  userId: number,
  { title = '', model, systemPrompt = '' }: ConversationFields,
): Promise<Conversation> {
  if (typeof model === 'string') await modelsFor(context, userId, model);
  const atMs = context.now();
  const conversation = {
    id: newId(),
    userId,
    title,
    model: model ?? undefined,
    systemPrompt,
    leafId: undefined,
    shareToken: undefined,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
  const isAdded = await context.conversations.add(conversation);
  if (!isAdded) throw new ChitError('user_inactive', undefined);
  return conversation;
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

/** A page of a user's conversations, last used first; what was sent without one has its own. */
export async function listConversations(
  context: Context,
  userId: number,
  page: {
    readonly search: string | undefined;
    readonly after: ConversationCursor | undefined;
    readonly limit: number;
  },
): Promise<Page<Conversation, ConversationCursor>> {
  const { conversations } = context;
  if (!page.after) {
    await conversations.adoptOrphanMessages(userId, ({ content, createdAtMs }) => ({
      id: newId(),
      userId,
      title: titleFrom(content),
      model: undefined,
      systemPrompt: '',
      leafId: undefined,
      shareToken: undefined,
      createdAtMs,
      updatedAtMs: createdAtMs,
    }));
  }
  const limit = Math.min(page.limit, MOST_ON_A_PAGE);
  const found = await conversations.list(userId, { ...page, limit: limit + 1 });
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? items.at(-1) : undefined };
}

/** @throws ChitError `conversation_not_found`, `model_not_found`, `parent_not_found` */
export async function changeConversation(
  context: Context,
  userId: number,
  id: string,
  wishes: ConversationFields,
): Promise<Conversation> {
  const { title, model, systemPrompt, leafId } = wishes;
  await requireConversation(context, userId, id);
  if (typeof model === 'string') await modelsFor(context, userId, model);
  if (leafId !== undefined) {
    const leaf = await context.messages.find(userId, leafId);
    if (leaf?.conversationId !== id) throw new ChitError('parent_not_found', undefined);
  }
  const changes = {
    ...(title === undefined ? {} : { title }),
    ...(model === undefined ? {} : { model }),
    ...(systemPrompt === undefined ? {} : { systemPrompt }),
    ...(leafId === undefined ? {} : { leafId }),
  };
  if (Object.keys(changes).length > 0) await context.conversations.change(userId, id, changes);
  return requireConversation(context, userId, id);
}

/**
 * Deletes a conversation and what was said in it. What is being written there ends and is charged
 * for as far as it came, and nothing of it is kept.
 * @throws ChitError `conversation_not_found`
 */
export async function deleteConversation(
  context: Context,
  userId: number,
  id: string,
): Promise<void> {
  const pending = await context.conversations.remove(userId, id, context.now());
  if (!pending) throw new ChitError('conversation_not_found', undefined);
  // What this server writes need not wait until it looks for what is to stop.
  for (const messageId of pending) context.running.stop(userId, messageId);
}

/** A page of what was said in a conversation, all branches, newest first. */
export async function listMessages(
  context: Context,
  userId: number,
  id: string,
  page: { readonly beforeId: string | undefined; readonly limit: number },
): Promise<Page<Message, string>> {
  await requireConversation(context, userId, id);
  const limit = Math.min(page.limit, MOST_ON_A_PAGE);
  const found = await context.messages.page(id, { ...page, limit: limit + 1 });
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
}

/** The branch of a conversation that is shown, oldest first. */
export async function shownBranch(
  { messages }: Context,
  { id, leafId }: Conversation,
): Promise<Message[]> {
  return leafId === undefined ? [] : messages.branch(id, leafId);
}

/** All branches of a conversation, oldest message first; `parent` tells them apart. */
export async function allBranches({ messages }: Context, { id }: Conversation): Promise<Message[]> {
  return messages.all(id);
}

/**
 * Lets everybody who has the token read a conversation; the same token if that is so already.
 * @throws ChitError `conversation_not_found`
 */
export async function shareConversation(
  context: Context,
  userId: number,
  id: string,
): Promise<string> {
  const fresh = randomBytes(SHARE_TOKEN_BYTES).toString('base64url');
  const token = await context.conversations.share(userId, id, fresh);
  if (token === undefined) throw new ChitError('conversation_not_found', undefined);
  return token;
}

/** Takes that back. */
export async function unshareConversation(
  context: Context,
  userId: number,
  id: string,
): Promise<void> {
  await requireConversation(context, userId, id);
  await context.conversations.change(userId, id, { shareToken: null });
}

/** @throws ChitError `conversation_not_found` if there is none, or it is shared no more */
export async function sharedConversation(
  context: Context,
  token: string,
): Promise<{ readonly conversation: Conversation; readonly messages: Message[] }> {
  const conversation = await context.conversations.byShareToken(token);
  if (!conversation) throw new ChitError('conversation_not_found', undefined);
  return { conversation, messages: await shownBranch(context, conversation) };
}

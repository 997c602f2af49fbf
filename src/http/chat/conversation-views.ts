/** Maps conversations and messages to what clients get. */
import type { FoundConversation } from '../../app/chat/search-conversations.ts';
import type { Conversation } from '../../store/chat/conversations.ts';
import type { Message, MessageThinking } from '../../store/chat/messages.ts';
import { isoTime } from '../framework/iso-time.ts';
import { shownFile } from './file-views.ts';
import { REPLY_FAILURE_TEXT } from './reply-failure-text.ts';
import { sharedTools, shownTools, withSteps } from './tool-views.ts';

/** A conversation, as its owner sees it. */
export function shownConversation(conversation: Conversation) {
  const { id, title, model, systemPrompt, options, leafId, shareToken } = conversation;
  return {
    id,
    title,
    model: model ?? null,
    system_prompt: systemPrompt,
    tools: [...conversation.tools],
    effort: options.effort ?? null,
    temperature: options.temperature ?? null,
    leaf: leafId ?? null,
    share: shareToken === undefined ? null : sharePath(shareToken),
    pinned: conversation.pinnedAtMs !== undefined,
    archived: conversation.archivedAtMs !== undefined,
    folder: conversation.folderId ?? null,
    temporary: conversation.isTemporary,
    assistant: conversation.assistant ?? null,
    created_at: isoTime(conversation.createdAtMs),
    updated_at: isoTime(conversation.updatedAtMs),
  };
}

/** A conversation that was found, with where. */
export function foundConversation({ conversation, match }: FoundConversation) {
  const { where, messageId, text, ranges } = match;
  const shown = ranges.map(([from, to]) => [from, to]);
  return {
    ...shownConversation(conversation),
    match: { where, message: messageId ?? null, text, ranges: shown },
  };
}

/** A message, as its owner sees it. */
export function shownMessage(message: Message) {
  const { status, isImported, chargedCredits, paidBy } = message;
  return {
    ...sharedMessage(message),
    thinking: message.thinking ? shownThinking(message.thinking) : null,
    cost: status === 'pending' || isImported ? null : chargedCredits,
    paid_by: paidBy ? { id: paidBy.id, name: paidBy.name ?? null } : null,
    tools: shownTools(message.tools),
  };
}

function shownThinking({ hasText, text, ms, tokens, credits }: MessageThinking) {
  return {
    has_text: hasText,
    ms: ms ?? null,
    tokens: tokens ?? null,
    cost: credits ?? null,
    ...(text === undefined ? {} : { text }),
  };
}

/** A message, as those who have only the share link see it. */
export function sharedMessage(message: Message) {
  const { id, content, reply, status, failure, model, endedAtMs } = message;
  return {
    id,
    conversation: message.conversationId ?? null,
    parent: message.parentId ?? null,
    content,
    files: message.files.map(shownFile),
    reply,
    status,
    failure: failure && REPLY_FAILURE_TEXT[failure],
    failure_code: failure,
    model,
    tools: sharedTools(message.tools),
    created_at: isoTime(message.createdAtMs),
    ended_at: isoTime(endedAtMs),
  };
}

/** The path of the page that shows a shared conversation. */
export function sharePath(token: string): string {
  return `/shared/${token}`;
}

/** A branch as Markdown, in pieces. */
export async function* asMarkdown(
  { title }: Conversation,
  slices: AsyncIterable<readonly Message[]>,
): AsyncGenerator<string> {
  let before = `# ${title}\n`;
  for await (const messages of slices) {
    yield before + messages.map((it) => `\n${exchangeText(it)}`).join('');
    before = '';
  }
}

function exchangeText(message: Message): string {
  const { content, files, failure, model, createdAtMs } = message;
  const reply = withSteps(message.reply ?? '', message.tools);
  const attached = files.map(({ name }) => `[${name}]`);
  const words = [attached.join('\n'), content].filter((it) => it !== '').join('\n\n');
  const answer = [reply, failure && `*${REPLY_FAILURE_TEXT[failure]}*`]
    .filter(Boolean)
    .join('\n\n');
  return `## You, ${isoTime(createdAtMs)}\n\n${words}\n\n## ${model}\n\n${answer}\n`;
}

/** A conversation with all its messages as JSON, in pieces. */
export async function* asJson(
  conversation: Conversation,
  slices: AsyncIterable<readonly Message[]>,
): AsyncGenerator<string> {
  let before = `${JSON.stringify(shownConversation(conversation)).slice(0, -1)},"messages":[`;
  for await (const messages of slices) {
    // The last slice is empty if its messages were deleted meanwhile.
    if (messages.length === 0 && before === ',') continue;
    yield before + messages.map((it) => JSON.stringify(shownMessage(it))).join(',');
    before = messages.length > 0 ? ',' : '';
  }
  yield ']}';
}

/** Conversations and messages as clients see them. */
import type { Conversation } from '../../store/chat/conversations.ts';
import type { Message } from '../../store/chat/messages.ts';

/** A conversation on the wire. */
export function shownConversation(conversation: Conversation) {
  const { id, title, model, systemPrompt, leafId, shareToken } = conversation;
  return {
    id,
    title,
    model: model ?? null,
    system_prompt: systemPrompt,
    leaf: leafId ?? null,
    share: shareToken === undefined ? null : sharePath(shareToken),
    created_at: new Date(conversation.createdAtMs).toISOString(),
    updated_at: new Date(conversation.updatedAtMs).toISOString(),
  };
}

/** A message on the wire. */
export function shownMessage(message: Message) {
  const { status, chargedCredits } = message;
  return { ...sharedMessage(message), cost: status === 'pending' ? null : chargedCredits };
}

/** A message as those see it who have only the link. */
export function sharedMessage(message: Message) {
  const { id, content, reply, status, failure, model, endedAtMs } = message;
  return {
    id,
    conversation: message.conversationId ?? null,
    parent: message.parentId ?? null,
    content,
    reply,
    status,
    failure,
    model,
    created_at: new Date(message.createdAtMs).toISOString(),
    ended_at: endedAtMs === undefined ? null : new Date(endedAtMs).toISOString(),
  };
}

/** Where a shared conversation is read. */
export function sharePath(token: string): string {
  return `/shared/${token}`;
}

/** A branch as Markdown, for people. */
export function asMarkdown({ title }: Conversation, messages: readonly Message[]): string {
  const exchanges = messages.map(({ content, reply, failure, model, createdAtMs }) => {
    const when = new Date(createdAtMs).toISOString();
    const answer = [reply, failure && `*${failure}*`].filter(Boolean).join('\n\n');
    return `## You, ${when}\n\n${content}\n\n## ${model}\n\n${answer}\n`;
  });
  return [`# ${title}\n`, ...exchanges].join('\n');
}

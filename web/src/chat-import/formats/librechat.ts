/**
 * The export of LibreChat: one conversation, with `messages` that name their `parentMessageId`, or
 * nested as `children` if it is recursive. Times are ISO text.
 */
import type { LeftOut, Node, ReadChat } from '../chats.ts';
import { type Fields, fieldsOf, idOf, listOf, momentOf, textOf } from '../values.ts';

/** Whether a document is a conversation of LibreChat. */
export function isLibreChat(item: Fields): boolean {
  const hasMessages = Array.isArray(item.messages) || Array.isArray(item.messagesTree);
  return typeof item.conversationId === 'string' && hasMessages;
}

/** A conversation; undefined if it has no id. */
export function readLibreChat(item: Fields, leftOut: LeftOut): ReadChat | undefined {
  const id = idOf(item.conversationId);
  if (id === undefined) return undefined;
  const nodes: Node[] = [];
  const isLinear = !listOf(item.messages).some((it) => fieldsOf(it)?.parentMessageId !== undefined);
  const roots = listOf(item.messagesTree ?? item.messages);
  const open = roots.map((value) => ({ value, parent: undefined as string | undefined })).reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    const message = fieldsOf(next.value);
    if (!message) {
      leftOut.unreadable += 1;
      continue;
    }
    const nodeId = idOf(message.messageId) ?? `${nodes.length}`;
    const before = next.parent ?? (isLinear ? nodes.at(-1)?.id : idOf(message.parentMessageId));
    nodes.push(nodeOf(nodeId, message, before, leftOut));
    for (const value of listOf(message.children).toReversed()) {
      open.push({ value, parent: nodeId });
    }
  }
  const options = fieldsOf(item.options) ?? {};
  return {
    id,
    title: textOf(item.title),
    systemPrompt: textOf(options.promptPrefix) || textOf(options.system),
    createdMs: nodes.find(({ atMs }) => atMs !== undefined)?.atMs,
    updatedMs: undefined,
    current: undefined,
    nodes,
  };
}

function nodeOf(id: string, message: Fields, parent: string | undefined, leftOut: LeftOut): Node {
  leftOut.files += listOf(message.files).length;
  const parts = listOf(message.content).map((it) => fieldsOf(it) ?? {});
  const said = parts
    .filter((it) => it.type === 'text')
    .map((it) => textOf(it.text) || textOf(fieldsOf(it.text)?.value));
  return {
    id,
    parent,
    role: message.isCreatedByUser === true ? 'user' : 'assistant',
    text: said.length > 0 ? said.join('\n\n') : textOf(message.text),
    atMs: momentOf(message.createdAt),
    model: textOf(message.model) || undefined,
  };
}

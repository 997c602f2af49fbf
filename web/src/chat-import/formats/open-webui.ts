/**
 * The export of Open WebUI: a list of chats, whose `chat.history` has `messages` by id and
 * `currentId`; older ones have only `chat.messages`, one after another. Times are seconds.
 */
import type { LeftOut, Node, ReadChat } from '../chats.ts';
import { type Fields, fieldsOf, idOf, listOf, momentOf, textOf } from '../values.ts';

/** Whether an item of the list is a chat of Open WebUI. */
export function isOpenWebUi(item: Fields): boolean {
  const chat = fieldsOf(item.chat);
  return chat !== undefined && (fieldsOf(chat.history) ?? Array.isArray(chat.messages)) !== false;
}

/** A chat; undefined if it has no id. */
export function readOpenWebUi(item: Fields, leftOut: LeftOut): ReadChat | undefined {
  const id = idOf(item.id);
  const chat = fieldsOf(item.chat) ?? {};
  if (id === undefined) return undefined;
  const history = fieldsOf(chat.history) ?? {};
  const byId = Object.entries(fieldsOf(history.messages) ?? {});
  const nodes: Node[] = [];
  for (const [key, value] of byId) {
    const message = fieldsOf(value);
    const messageId = idOf(key);
    if (message && messageId)
      nodes.push(nodeOf(messageId, message, idOf(message.parentId), leftOut));
    else leftOut.unreadable += 1;
  }
  if (byId.length === 0) {
    for (const [index, value] of listOf(chat.messages).entries()) {
      const message = fieldsOf(value) ?? {};
      nodes.push(nodeOf(idOf(message.id) ?? `${index}`, message, nodes.at(-1)?.id, leftOut));
    }
  }
  return {
    id,
    title: textOf(item.title) || textOf(chat.title),
    systemPrompt: textOf(fieldsOf(chat.params)?.system),
    createdMs: momentOf(item.created_at),
    updatedMs: momentOf(item.updated_at),
    current: idOf(history.currentId),
    nodes,
  };
}

/** What a model thought is stored in front of what it said. */
const THOUGHTS = /<details type="reasoning"[^>]*>.*?<\/details>\s*/gs;

function nodeOf(id: string, message: Fields, parent: string | undefined, leftOut: LeftOut): Node {
  const role = textOf(message.role);
  leftOut.files += listOf(message.files).length;
  return {
    id,
    parent,
    role: role === 'user' || role === 'assistant' ? role : 'other',
    text: textOf(message.content).replace(THOUGHTS, ''),
    atMs: momentOf(message.timestamp),
    model: textOf(message.model) || undefined,
  };
}

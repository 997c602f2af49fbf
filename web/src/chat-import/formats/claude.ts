/**
 * `conversations.json` of Claude's export: a list of conversations with `chat_messages`, one after
 * another, or with `parent_message_uuid` as a tree. Times are ISO text.
 */
import type { LeftOut, Node, ReadChat } from '../chats.ts';
import { type Fields, fieldsOf, idOf, listOf, momentOf, textOf } from '../values.ts';

/** Whether an item of the list is a conversation of Claude. */
export function isClaude(item: Fields): boolean {
  return Array.isArray(item.chat_messages);
}

/** A conversation; undefined if it has no id. */
export function readClaude(item: Fields, leftOut: LeftOut): ReadChat | undefined {
  const id = idOf(item.uuid);
  if (id === undefined) return undefined;
  const nodes: Node[] = [];
  for (const value of listOf(item.chat_messages)) {
    const message = fieldsOf(value);
    const messageId = idOf(message?.uuid);
    if (message && messageId) nodes.push(nodeOf(messageId, message, nodes.at(-1)?.id, leftOut));
    else leftOut.unreadable += 1;
  }
  return {
    id,
    title: textOf(item.name),
    systemPrompt: '',
    createdMs: momentOf(item.created_at),
    updatedMs: momentOf(item.updated_at),
    current: idOf(item.current_leaf_message_uuid),
    nodes,
  };
}

function nodeOf(id: string, message: Fields, before: string | undefined, leftOut: LeftOut): Node {
  const blocks = listOf(message.content).map((it) => fieldsOf(it) ?? {});
  const said = blocks.filter((it) => it.type === 'text').map((it) => textOf(it.text));
  const words = said.length > 0 ? said.join('\n\n') : textOf(message.text);
  const attached = listOf(message.attachments).map((it) => fieldsOf(it) ?? {});
  const texts = attached.map((it) => textOf(it.extracted_content)).filter((it) => it !== '');
  leftOut.files += attached.length - texts.length + listOf(message.files).length;
  const sender = textOf(message.sender);
  return {
    id,
    // Without parents they follow each other; the parent of the first one is none of them.
    parent: message.parent_message_uuid === undefined ? before : idOf(message.parent_message_uuid),
    role: sender === 'human' ? 'user' : sender === 'assistant' ? 'assistant' : 'other',
    text: [words, ...texts.map((it) => `\`\`\`\n${it}\n\`\`\``)].join('\n\n').trim(),
    atMs: momentOf(message.created_at),
    model: textOf(message.model) || undefined,
  };
}

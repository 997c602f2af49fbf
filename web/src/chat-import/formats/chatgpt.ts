/**
 * `conversations.json` of ChatGPT's export: a list of conversations, each with a `mapping` of nodes
 * by id, and `current_node`, the end of the branch that was shown. Times are seconds.
 */
import type { LeftOut, Node, ReadChat } from '../chats.ts';
import { type Fields, fieldsOf, idOf, listOf, momentOf, textOf } from '../values.ts';

/** Whether an item of the list is a conversation of ChatGPT. */
export function isChatGpt(item: Fields): boolean {
  return fieldsOf(item.mapping) !== undefined;
}

/** A conversation; undefined if it has no id. */
export function readChatGpt(item: Fields, leftOut: LeftOut): ReadChat | undefined {
  const id = idOf(item.conversation_id) ?? idOf(item.id);
  if (id === undefined) return undefined;
  const mapping = Object.entries(fieldsOf(item.mapping) ?? {});
  return {
    id,
    title: textOf(item.title),
    systemPrompt: '',
    createdMs: momentOf(item.create_time),
    updatedMs: momentOf(item.update_time),
    current: idOf(item.current_node),
    nodes: mapping.flatMap(([key, value]) => {
      const node = fieldsOf(value);
      const nodeId = idOf(key);
      if (node && nodeId) return [nodeOf(nodeId, node, leftOut)];
      leftOut.unreadable += 1;
      return [];
    }),
  };
}

function nodeOf(id: string, node: Fields, leftOut: LeftOut): Node {
  const message = fieldsOf(node.message) ?? {};
  const metadata = fieldsOf(message.metadata) ?? {};
  const role = textOf(fieldsOf(message.author)?.role);
  // What is for a tool, such as code that it runs, is no answer.
  const isForAll = ['all', ''].includes(textOf(message.recipient));
  const isHidden = metadata.is_visually_hidden_from_conversation === true || !isForAll;
  const text = contentOf(fieldsOf(message.content) ?? {}, leftOut);
  const isSaid = (role === 'user' || role === 'assistant') && !isHidden;
  return {
    id,
    parent: idOf(node.parent),
    role: isSaid ? role : 'other',
    text,
    atMs: momentOf(message.create_time),
    model: textOf(metadata.model_slug) || undefined,
  };
}

function contentOf(content: Fields, leftOut: LeftOut): string {
  const type = textOf(content.content_type);
  if (type === 'code') return `\`\`\`\n${textOf(content.text)}\n\`\`\``;
  if (type !== 'text' && type !== 'multimodal_text') return '';
  const parts = listOf(content.parts).map((part) => {
    if (typeof part === 'string') return textOf(part);
    // What was spoken has its words.
    const spoken = textOf(fieldsOf(part)?.text);
    if (spoken === '' && fieldsOf(part)) leftOut.files += 1;
    return spoken;
  });
  return parts.filter((it) => it !== '').join('\n\n');
}

/** Makes messages with their replies of a tree of single messages. */
import type { ImportedChat, ImportedMessage, Node, ReadChat } from './chats.ts';

/** What leads to a node. */
interface Path {
  /** The exchange that the next message of the user follows. */
  readonly last: ImportedMessage | undefined;
  /** The message of the user that nobody has answered yet. */
  readonly asked: Node | undefined;
}

const TITLE_CHARACTERS = 200;
const PROMPT_CHARACTERS = 20_000;

/**
 * The chat as messages with their replies: another answer to a message is a branch, answers one
 * after another are one. Whatever no root leads to, such as a circle, is left out.
 */
export function toImported(chat: ReadChat): ImportedChat {
  const { messages, lastOf } = exchangesOf(chat);
  const newest = messages.reduce<ImportedMessage | undefined>(
    (a, b) => (a && a.created_ms > b.created_ms ? a : b),
    undefined,
  );
  const shown = (chat.current === undefined ? undefined : lastOf.get(chat.current)) ?? newest;
  const firstMs = messages[0]?.created_ms ?? 1;
  return {
    id: chat.id,
    title: cut(chat.title.trim(), TITLE_CHARACTERS),
    system_prompt: cut(chat.systemPrompt, PROMPT_CHARACTERS),
    created_ms: chat.createdMs ?? firstMs,
    updated_ms: Math.max(chat.updatedMs ?? 0, newest?.created_ms ?? 0, 1),
    leaf: shown ? placeOf(shown) : null,
    messages,
  };
}

function exchangesOf(chat: ReadChat) {
  const known = new Map(chat.nodes.map((node) => [node.id, node]));
  const children = new Map<string | undefined, Node[]>();
  for (const node of known.values()) {
    const parent = node.parent !== undefined && known.has(node.parent) ? node.parent : undefined;
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
  }
  const made = new Made(chat.createdMs ?? chat.updatedMs ?? 1);
  const lastOf = new Map<string, ImportedMessage>();
  // Not by recursion, since a chat may be as long as it wants.
  const open: { readonly node: Node; readonly path: Path }[] = [];
  const visit = (parent: string | undefined, path: Path) => {
    for (const node of children.get(parent)?.toReversed() ?? []) open.push({ node, path });
  };
  visit(undefined, { last: undefined, asked: undefined });
  for (let next = open.pop(); next; next = open.pop()) {
    const { node } = next;
    const isEnd = !children.has(node.id);
    const path = step(made, next);
    const last = isEnd && path.asked ? made.add(path.asked, path, '') : path.last;
    if (last) lastOf.set(node.id, last);
    visit(node.id, path);
  }
  return { messages: made.messages, lastOf };
}

function step(made: Made, { node, path }: { readonly node: Node; readonly path: Path }): Path {
  if (node.role === 'other' || node.text.trim() === '') return path;
  if (node.role === 'user') {
    const last = path.asked ? made.add(path.asked, path, '') : path.last;
    return { last, asked: node };
  }
  if (path.asked) return { last: made.add(path.asked, path, node.text, node), asked: undefined };
  if (path.last) return { last: made.goOn(path.last, node), asked: undefined };
  // Some chats begin with a greeting.
  return { last: made.add({ ...node, text: '…' }, path, node.text, node), asked: undefined };
}

/** The messages that were made so far; a parent is always before its children. */
class Made {
  readonly messages: ImportedMessage[] = [];
  readonly #places = new Map<string, number>();
  /** Answers that go on; each goes on once, and what else follows is another branch. */
  readonly #wentOn = new Set<string>();
  readonly #startMs: number;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  add(asked: Node, { last }: Path, reply: string, answer?: Node): ImportedMessage {
    const after = last ? last.created_ms + 1 : 1;
    return this.#put({
      id: answer?.id ?? asked.id,
      parent: last ? placeOf(last) : null,
      content: asked.text,
      reply,
      model: answer?.model ?? '',
      created_ms: Math.max(asked.atMs ?? (last ? after : this.#startMs), after),
    });
  }

  goOn(before: ImportedMessage, { id, text }: Node): ImportedMessage {
    const longer = { ...before, reply: `${before.reply}\n\n${text}` };
    const at = this.#places.get(before.id);
    if (this.#wentOn.has(before.id) || at === undefined) return this.#put({ ...longer, id });
    this.#wentOn.add(before.id);
    this.messages[at] = longer;
    return longer;
  }

  #put(message: ImportedMessage): ImportedMessage {
    const at = this.#places.get(message.id);
    if (at !== undefined) return this.messages[at] ?? message;
    this.#places.set(message.id, this.messages.length);
    this.messages.push(message);
    return message;
  }
}

function placeOf({ id, created_ms }: ImportedMessage) {
  return { id, created_ms };
}

function cut(text: string, characters: number): string {
  return text.slice(0, characters).toWellFormed();
}

/** The messages of a conversation form a tree, of which one branch is shown. */
import type { Message } from '../../api/types.ts';

/** Messages by the one that they follow; those that begin are under ''. */
export function childrenOf(messages: Iterable<Message>): Map<string, Message[]> {
  const children = new Map<string, Message[]>();
  for (const message of messages) {
    const siblings = children.get(message.parent ?? '') ?? [];
    siblings.push(message);
    children.set(message.parent ?? '', siblings);
  }
  for (const siblings of children.values()) siblings.sort((a, b) => (a.id < b.id ? -1 : 1));
  return children;
}

/** The messages up to a leaf, oldest first. */
export function branchTo(messages: ReadonlyMap<string, Message>, leaf: string | null): Message[] {
  const branch: Message[] = [];
  for (let next = leaf; next !== null; ) {
    const message = messages.get(next);
    if (!message) break;
    branch.push(message);
    next = message.parent;
  }
  return branch.reverse();
}

/** The end of the branch that goes through a message, by the newest at each fork. */
export function leafBelow(children: ReadonlyMap<string, readonly Message[]>, id: string): string {
  let leaf = id;
  for (;;) {
    const last = children.get(leaf)?.at(-1);
    if (!last) return leaf;
    leaf = last.id;
  }
}

/**
 * The end of the branch in which words are found: the one that is shown, if they are in it or in
 * none, else the one where they were said last.
 * @param leaf the end of the branch that is shown
 */
export function branchWith(
  messages: ReadonlyMap<string, Message>,
  leaf: string | null,
  words: string,
): string | null {
  const wanted = words.trim().toLowerCase();
  const has = ({ content, reply }: Message) =>
    content.toLowerCase().includes(wanted) || (reply ?? '').toLowerCase().includes(wanted);
  if (wanted === '' || branchTo(messages, leaf).some(has)) return leaf;
  const [first, ...others] = [...messages.values()].filter(has);
  if (!first) return leaf;
  const last = others.reduce((a, b) => (a.id > b.id ? a : b), first);
  return leafBelow(childrenOf(messages.values()), last.id);
}

/** Messages to choose from in one place, and which of them is shown. */
export interface Versions {
  readonly index: number;
  /** In the order in which they came. */
  readonly ids: readonly string[];
}

/**
 * The wordings of a message: what its user wrote and attached in its place. Each stands for its
 * newest answer.
 * @param siblings all messages that follow the same one, the message itself among them
 */
export function wordingsOf(siblings: readonly Message[], message: Message): Versions {
  const newest = new Map<string, string>();
  for (const it of siblings) newest.set(wordingOf(it), it.id);
  return {
    index: [...newest.keys()].indexOf(wordingOf(message)),
    ids: [...newest.values()],
  };
}

/** The answers to one wording of a message. */
export function answersOf(siblings: readonly Message[], message: Message): Versions {
  const asked = wordingOf(message);
  const ids = siblings.filter((it) => wordingOf(it) === asked).map(({ id }) => id);
  return { index: ids.indexOf(message.id), ids };
}

/** The same for messages that asked the same: the same words with the same files. */
function wordingOf({ content, files }: Message): string {
  return JSON.stringify([content, ...files.map(({ id }) => id)]);
}

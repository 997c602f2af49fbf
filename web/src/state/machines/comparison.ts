/** Two answers to one message by two models, which are read side by side. */
import type { Message } from '../../api/types.ts';

/** So soon after another, nobody asks for a second answer by hand. */
const AT_ONCE_MS = 500;

/**
 * The message that was sent together with the last one of a branch, to another model; undefined if
 * there is none, or somebody has gone on with one of them.
 * @param children messages by the one that they follow
 */
export function comparedWith(
  message: Message,
  children: ReadonlyMap<string, readonly Message[]>,
): Message | undefined {
  const isEnd = (it: Message) => !children.has(it.id);
  if (!isEnd(message)) return undefined;
  const siblings = children.get(message.parent ?? '') ?? [];
  const at = siblings.findIndex(({ id }) => id === message.id);
  const isTogether = (it: Message | undefined) =>
    it !== undefined &&
    isEnd(it) &&
    it.content === message.content &&
    it.model !== message.model &&
    wereSentTogether(it, message);
  return [siblings[at - 1], siblings[at + 1]].find(isTogether);
}

/** Another answer by hand is asked for once the first has ended. */
function wereSentTogether(one: Message, other: Message): boolean {
  const [first, second] = one.id < other.id ? [one, other] : [other, one];
  const secondMs = Date.parse(second.created_at);
  const isSoon = secondMs - Date.parse(first.created_at) < AT_ONCE_MS;
  // Whoever is offered another model after a failure may be quick.
  const isAtOnce = isSoon && first.status !== 'failed';
  return isAtOnce || first.ended_at === null || secondMs < Date.parse(first.ended_at);
}

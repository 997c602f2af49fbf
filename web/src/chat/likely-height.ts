import type { Message } from '../api/types.ts';

const LINE_PIXELS = 26;
const CHARACTERS_A_LINE = 80;
/** Of what is folded, in lines. */
const MOST_OWN_LINES = 14;
/** The paddings, the lines with the actions, and the space between messages. */
const REST_PIXELS = 180;

/**
 * How high a message and its answer are likely to be, in pixels. The browser lays out only what is
 * near the window, and needs a guess for the rest.
 */
export function likelyHeight({ content, reply }: Pick<Message, 'content' | 'reply'>): number {
  const own = Math.min(linesOf(content), MOST_OWN_LINES);
  return (own + linesOf(reply ?? '')) * LINE_PIXELS + REST_PIXELS;
}

function linesOf(text: string): number {
  let lines = Math.ceil(text.length / CHARACTERS_A_LINE);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 0.5;
  return Math.ceil(lines);
}

/** What clients of the fleet say: each message tells the emulated provider how to answer it. */
import { randomBytes } from 'node:crypto';
import type { Behaviour } from '../../support/providers/behaviour.ts';
import type { Rule } from '../../support/providers/emulator.ts';

/** A message and the answer to it. */
export interface Script {
  /** In the message and the answer; no two are the same. */
  readonly id: string;
  readonly content: string;
  /** The whole answer, if the provider gives one. */
  readonly answer: string;
}

const MARK = /<<([\w-]+)>>/g;
const ID = /#(\w+) <</g;

/** Mulberry32, a small random generator with a seed. */
export function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of a list. */
export function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** A message whose answer is short or long, at once or slow, whole or broken. */
export function randomScript(random: () => number): Script {
  const slow = { chunkDelayMs: 5 + Math.floor(random() * 60) };
  const shapes: readonly [words: number, behaviour: Behaviour][] = [
    [1 + Math.floor(random() * 12), {}],
    [1 + Math.floor(random() * 12), { headDelayMs: Math.floor(random() * 150) }],
    [20, slow],
    [40, slow],
    // More than a piece of the journal before the first pause.
    [400, { firstChunkDelayMs: Math.floor(random() * 50), chunkDelayMs: 1 }],
    [12, { ...slow, usage: 'omitted' }],
    [20, { ...slow, fault: { kind: 'cut', afterChunks: Math.floor(random() * 10) } }],
    [20, { ...slow, fault: { kind: 'error-event', afterChunks: 5 } }],
    [12, { refuse: { status: 400 } }],
  ];
  // Most answers are good: what goes wrong is above all the fleet itself.
  const [words, behaviour] =
    random() < 0.2 ? pick(random, shapes) : pick(random, shapes.slice(0, 6));
  return scriptFor(words, behaviour);
}

/** A message whose answer is still on its way after several leases. */
export function longScript(): Script {
  return scriptFor(200, { chunkDelayMs: 20 });
}

/** A message whose answer takes half a second. */
export function slowScript(): Script {
  return scriptFor(20, { chunkDelayMs: 25 });
}

/** A message whose answer is there at once. */
export function plainScript(): Script {
  return scriptFor(12, {});
}

/** Makes the emulated provider do what the last message of a request says. */
export const obey: Rule = ({ body }) => {
  const mark = [...body.toString().matchAll(MARK)].at(-1)?.[1];
  if (mark === undefined) return {};
  return JSON.parse(Buffer.from(mark, 'base64url').toString()) as Behaviour;
};

/** The id of the message that a request to the provider ends with. */
export function idAsked(body: Buffer): string | undefined {
  return [...body.toString().matchAll(ID)].at(-1)?.[1];
}

/** The ids in a stored message; undefined if the fleet did not send it. */
export function idIn(content: string): string | undefined {
  return /^#(\w+) /.exec(content)?.[1];
}

function scriptFor(words: number, behaviour: Behaviour): Script {
  const id = randomBytes(6).toString('hex');
  const answer = Array.from({ length: words }, (_, index) => `${id.slice(0, 4)}${index}`).join(' ');
  const told = Buffer.from(JSON.stringify({ ...behaviour, text: answer })).toString('base64url');
  return { id, content: `#${id} <<${told}>>`, answer };
}

import type { Delta, GenerateRequest, Model } from './catalogue.ts';

const OPENING = '<think>';
const CLOSING = '</think>';

/**
 * Asks a model for a reply and takes out of it what the model thought aloud; see `splitThinking`.
 * Where the prompt template opens the thinking, only its end comes; told not to think, such
 * templates close it as well.
 */
export function replyOf(model: Model, request: GenerateRequest): AsyncGenerator<Delta> {
  const isOpened = model.opensThinking && request.options?.effort !== 'none';
  return splitThinking(model.generate(request), isOpened);
}

/**
 * Takes out of a reply what its model thought aloud: `<think>…</think>` at the beginning of the
 * text, as models write it whose server does not tell the two apart (llama.cpp, Ollama and vLLM
 * without a parser of reasoning). It becomes output that is not part of the reply. Without the end
 * of it, all is thinking.
 * @param isOpened whether the text begins with thinking although nothing opens it there, unless
 *   the server tells the two apart after all
 */
export async function* splitThinking(
  deltas: AsyncIterable<Delta>,
  isOpened = false,
): AsyncGenerator<Delta> {
  const splitter = new ThinkingSplitter(isOpened);
  let isOver = false;
  try {
    for await (const delta of deltas) yield splitter.isDone ? delta : splitter.split(delta);
    isOver = true;
  } catch (error) {
    // What came before a failure was delivered.
    const rest = splitter.end();
    if (rest) yield rest;
    throw error;
  }
  const rest = isOver ? splitter.end() : undefined;
  if (rest) yield rest;
}

/** Splits the text of one reply, which may come in pieces of any length. */
class ThinkingSplitter {
  #state: 'before' | 'begun' | 'thinking' | 'gap' | 'reply' = 'before';
  /** What may be the beginning of a tag. */
  #held = '';
  #isOpened: boolean;

  constructor(isOpened: boolean) {
    this.#isOpened = isOpened;
  }

  /** Whether all that follows is the reply. */
  get isDone(): boolean {
    return this.#state === 'reply' && this.#held === '';
  }

  split(delta: Delta): Delta {
    const { text } = delta;
    // Its server tells the two apart.
    if (delta.nonReplyOutput) this.#isOpened = false;
    if (text === undefined || text === '') return delta;
    const parts = this.#add(text);
    const nonReplyOutput = (delta.nonReplyOutput ?? '') + parts.thinking;
    return { ...delta, text: parts.reply, nonReplyOutput };
  }

  /** What was held back, once nothing follows. */
  end(): Delta | undefined {
    const held = this.#held;
    this.#held = '';
    if (held === '') return undefined;
    const isThinking = this.#state === 'thinking' || (this.#state === 'before' && this.#isOpened);
    return isThinking ? { nonReplyOutput: held } : { text: held };
  }

  #add(text: string): { thinking: string; reply: string } {
    let rest = this.#held + text;
    this.#held = '';
    let thinking = '';
    if (this.#state === 'before') {
      const begun = rest.trimStart();
      if (begun.startsWith(OPENING)) {
        this.#state = 'begun';
        rest = begun.slice(OPENING.length);
      } else if (OPENING.startsWith(begun)) {
        this.#held = rest;
        return { thinking, reply: '' };
      } else {
        this.#state = this.#isOpened ? 'begun' : 'reply';
      }
    }
    if (this.#state === 'begun') {
      rest = rest.trimStart();
      if (rest !== '') this.#state = 'thinking';
    }
    if (this.#state === 'thinking') {
      const end = rest.indexOf(CLOSING);
      if (end === -1) {
        const kept = beginningOf(CLOSING, rest);
        this.#held = rest.slice(rest.length - kept);
        return { thinking: rest.slice(0, rest.length - kept), reply: '' };
      }
      thinking = rest.slice(0, end);
      rest = rest.slice(end + CLOSING.length);
      this.#state = 'gap';
    }
    if (this.#state === 'gap') {
      rest = rest.trimStart();
      if (rest !== '') this.#state = 'reply';
    }
    return { thinking, reply: rest };
  }
}

/** How many characters at the end of a text may be the beginning of a tag. */
function beginningOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

/** How much input plain texts are: the messages of a conversation on the page. */
import { countTokens, INPUT_COUNT_LIMIT_MS } from '../count-tokens.ts';
import type { CountedInput, InputMeasure } from './input-measure.ts';
import type { MeasuredModel } from './measured-model.ts';
import { sampleOf, type TextSample, tokensOf } from './text-sample.ts';
import { addedTokens, spreadOf, type Tools } from './text-tokens.ts';

/** What a message has beside its text: its role, and where it begins and ends. */
export const MESSAGE_TOKENS = 8;
const NO_TOOLS: Tools = { count: 0, ofProvider: 0 };

/** Measures texts that are sent to a model as messages. */
export function measureTexts(texts: readonly string[]): InputMeasure {
  return new TextsMeasure(texts);
}

class TextsMeasure implements InputMeasure {
  readonly unseen = undefined;
  readonly #mostTokens: number;
  #texts: readonly string[];
  #sample: TextSample | undefined;
  #counting: Promise<number> | undefined;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
    // A token has at least one byte.
    let most = texts.length * MESSAGE_TOKENS;
    for (const text of texts) most += Buffer.byteLength(text);
    this.#mostTokens = most;
  }

  mostTokens(model: MeasuredModel): number {
    const most = this.#mostTokens + addedTokens(model, NO_TOOLS);
    return Math.min(most, model.contextTokens ?? Infinity);
  }

  mostAudioTokens(): number {
    return 0;
  }

  async count(model: MeasuredModel): Promise<CountedInput> {
    const options = { limitMs: INPUT_COUNT_LIMIT_MS };
    this.#counting ??= countTokens(this.#text(), options);
    const tokens = await this.#counting;
    const { least, most } = spreadOf(model);
    const ofMessages = this.#texts.length * MESSAGE_TOKENS + addedTokens(model, NO_TOOLS);
    return {
      tokens,
      leastTokens: Math.floor(tokens * least),
      mostTokens: Math.min(Math.ceil(tokens * most) + ofMessages, this.mostTokens(model)),
    };
  }

  async estimate(): Promise<number> {
    this.#sample ??= sampleOf([this.#text()]);
    return estimatedTokens(this.#sample);
  }

  release(): void {
    this.#sample ??= sampleOf([this.#text()]);
    this.#texts = [];
  }

  #text(): string {
    return this.#texts.join('\n').trim();
  }
}

/** How many tokens a sampled text has. The tables take much memory: they are loaded when needed. */
export async function estimatedTokens(sample: TextSample): Promise<number> {
  const { countSlices } = await import('../count-slices.ts');
  return tokensOf(sample, countSlices);
}

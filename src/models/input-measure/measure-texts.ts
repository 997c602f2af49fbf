/** How much input plain texts are: the messages of a conversation on the page. */
import { countTokens, INPUT_COUNT_LIMIT_MS } from '../counting/count-tokens.ts';
import type { CountedInput, InputMeasure } from './input-measure.ts';
import { type MeasuredModel, vendorOf } from './measured-model.ts';
import { sampleOf, type TextSample, tokensOf } from './text-sample.ts';
import { addedTokens, BYTES_PER_TOKEN, spreadOf, type Tools } from './text-tokens.ts';

/** What a message has beside its text: its role, and where it begins and ends. */
const MESSAGE_TOKENS = 8;
const NO_TOOLS: Tools = { count: 0, ofProvider: 0 };

/** Measures texts that are sent to a model as messages. */
export function measureTexts(texts: readonly string[]): InputMeasure {
  return new TextsMeasure(texts);
}

class TextsMeasure implements InputMeasure {
  readonly unseen = undefined;
  readonly #bytes: number;
  readonly #messages: number;
  #texts: readonly string[];
  #sample: TextSample | undefined;
  #counting: Promise<number> | undefined;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
    let bytes = 0;
    for (const text of texts) bytes += Buffer.byteLength(text);
    this.#bytes = bytes;
    this.#messages = texts.length;
  }

  isOutOfSight(): boolean {
    return false;
  }

  mostTokens(model: MeasuredModel): number {
    // A token has at least one byte.
    const most = this.#bytes + this.#addedTokens(model);
    return Math.min(most, model.contextTokens ?? Infinity);
  }

  roughTokens({ contextTokens = Infinity }: MeasuredModel): number {
    return Math.min(Math.ceil(this.#bytes / BYTES_PER_TOKEN), contextTokens);
  }

  async count(model: MeasuredModel): Promise<CountedInput> {
    const options = { limitMs: INPUT_COUNT_LIMIT_MS };
    this.#counting ??= countTokens(this.#text(), options);
    const tokens = await this.#counting;
    const { least, most } = spreadOf(model);
    return {
      tokens,
      leastTokens: Math.max(Math.sign(tokens), Math.floor(tokens * least)),
      mostTokens: Math.min(
        Math.ceil(tokens * most) + this.#addedTokens(model),
        this.mostTokens(model),
      ),
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

  #addedTokens(model: MeasuredModel): number {
    if (vendorOf(model) === 'built-in') return 0;
    return this.#messages * MESSAGE_TOKENS + addedTokens(model, NO_TOOLS);
  }

  #text(): string {
    return this.#texts.join('\n').trim();
  }
}

/** How many tokens a sampled text has. The tables take much memory: they are loaded when needed. */
export async function estimatedTokens(sample: TextSample): Promise<number> {
  const { countSlices } = await import('../counting/count-slices.ts');
  return tokensOf(sample, countSlices);
}

import { LongTextCounter } from './long-text-counter.ts';

/**
 * Longer texts are counted in a thread of their own. The worst text of this length, random letters
 * without spaces, takes a few milliseconds.
 */
export const INLINE_CHARACTERS = 4_096;

/** How long it may take to count what a request sends; see `options.limitMs`. */
export const INPUT_COUNT_LIMIT_MS = 15_000;

const longTexts = new LongTextCounter();

/**
 * Counts tokens like OpenAI's newer models (encoding o200k_base). For other models it is an
 * estimate, used for quotes and where a provider reports no usage. The tables take much memory, so
 * they are loaded when first needed.
 * @param options.limitMs how long a long text may wait and be counted; without it, as long as it
 *   takes
 * @throws ChitError `server_busy` after that time, or if too many long texts are waiting
 */
export async function countTokens(
  text: string,
  options: { readonly limitMs?: number } = {},
): Promise<number> {
  if (text.length > INLINE_CHARACTERS) return longTexts.count(text, options.limitMs);
  const { countSlices } = await import('./count-slices.ts');
  return countSlices(text);
}

/**
 * Counts them in the thread for long texts, however short the text is: for what need not be known
 * at once.
 * @param stop aborts when it need not be known at all
 * @throws what `stop` aborts with
 */
export function countTokensApart(text: string, stop: AbortSignal): Promise<number> {
  return longTexts.count(text, undefined, stop);
}

/**
 * Counts the pages of a PDF file, in the thread in which long texts are counted.
 * @param base64 the file or its data URL, as ASCII; it is handed over
 * @returns at least 1
 * @throws ChitError `server_busy` after the time
 */
export function countPdfPages(
  base64: Uint8Array<ArrayBuffer>,
  { limitMs }: { readonly limitMs: number },
): Promise<number> {
  return longTexts.count(base64, limitMs);
}

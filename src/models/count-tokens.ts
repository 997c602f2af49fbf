/** Text is counted in slices, since the time for one word grows with the square of its length. */
const SLICE_CHARACTERS = 2_000;

/**
 * Counts tokens as OpenAI's newer models do (the encoding o200k_base). For other models it is an
 * estimate, used where the provider does not say: before the call, for the quote, and afterwards
 * if no usage came. The tables take much memory, so they are loaded when first needed.
 */
export async function countTokens(text: string): Promise<number> {
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  let tokens = 0;
  for (let start = 0; start < text.length; start += SLICE_CHARACTERS) {
    // What looks like a control token in a user's words is text like any other.
    tokens += count(text.slice(start, start + SLICE_CHARACTERS), { disallowedSpecial: new Set() });
  }
  return tokens;
}

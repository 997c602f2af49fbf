/** Text is counted in slices, since the time per word is quadratic in its length. */
const SLICE_CHARACTERS = 2_000;

/**
 * Counts tokens like OpenAI's newer models (encoding o200k_base). For other models it is an
 * estimate, used for quotes and where a provider reports no usage. The tables take much memory, so
 * they are loaded when first needed.
 */
export async function countTokens(text: string): Promise<number> {
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  let tokens = 0;
  for (let start = 0; start < text.length; start += SLICE_CHARACTERS) {
    // A control token in a user's text is ordinary text.
    tokens += count(text.slice(start, start + SLICE_CHARACTERS), { disallowedSpecial: new Set() });
  }
  return tokens;
}

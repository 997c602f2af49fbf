/**
 * The most output of models whose documents say it, for those without `outputTokens` in
 * `chit.json`: a provider refuses a request that asks for more. The catalogue of prices does not
 * have it. Of several that fit, the first applies.
 *
 * https://docs.claude.com/en/docs/about-claude/models/overview,
 * https://platform.openai.com/docs/models, https://ai.google.dev/gemini-api/docs/models,
 * https://api-docs.deepseek.com/quick_start/pricing
 */
const LIMITS: readonly (readonly [RegExp, number])[] = [
  [/^claude-(3-haiku|3-opus|3-sonnet)/, 4_096],
  [/^claude-3-5/, 8_192],
  [/^claude-opus-4-[01]/, 32_000],
  [/^claude-(3-7|(opus|sonnet|haiku)-[4-9])/, 64_000],
  [/^gpt-4o(-mini)?-transcribe/, 2_000],
  [/^gpt-3\.5/, 4_096],
  [/^gpt-4-(turbo|\d{4})/, 4_096],
  [/^(gpt-4o|chatgpt-4o)/, 16_384],
  [/^gpt-4\.1/, 32_768],
  [/^gpt-4($|-)/, 8_192],
  [/^gpt-5-chat/, 16_384],
  [/^gpt-5/, 128_000],
  [/^o1-mini/, 65_536],
  [/^o[134]($|-)/, 100_000],
  [/^gemini-(1|2\.0)/, 8_192],
  [/^gemini-/, 65_536],
  [/^deepseek-chat/, 8_192],
  [/^deepseek-reasoner/, 65_536],
];

/** The most output tokens of a model; undefined if that is not known. */
export function knownOutputLimit(upstreamModel: string): number | undefined {
  const name = upstreamModel.slice(upstreamModel.lastIndexOf('/') + 1).toLowerCase();
  return LIMITS.find(([pattern]) => pattern.test(name))?.[1];
}

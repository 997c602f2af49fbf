/**
 * Which models think, and what can be chosen of it, where `chit.json` does not say. By the
 * documents of those who make them:
 * https://platform.openai.com/docs/guides/reasoning,
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking,
 * https://platform.claude.com/docs/en/build-with-claude/effort,
 * https://ai.google.dev/gemini-api/docs/openai, https://docs.x.ai/docs/guides/reasoning,
 * https://api-docs.deepseek.com/guides/reasoning_model.
 */
import type { Effort, ThinkingStyle } from '../../core/model-options.ts';
import { plainName } from '../input-measure/measured-model.ts';

export interface KnownOptions {
  readonly thinks: boolean;
  readonly efforts: readonly Effort[];
  readonly takesTemperature: boolean;
  /** Whether it calls tools. */
  readonly usesTools: boolean;
  /** Only Anthropic's models differ. */
  readonly style: ThinkingStyle;
}

const USUAL: readonly Effort[] = ['low', 'medium', 'high'];
const NOTHING: KnownOptions = {
  thinks: false,
  efforts: [],
  takesTemperature: false,
  usesTools: false,
  style: 'effort',
};
const PLAIN = { ...NOTHING, takesTemperature: true, usesTools: true };
const THINKING = { ...NOTHING, thinks: true, usesTools: true };
/** Thinks, and cannot be told how much. */
const ALWAYS = { ...THINKING, takesTemperature: true };

/** Of several that fit, the first applies. */
const KNOWN: readonly (readonly [RegExp, KnownOptions])[] = [
  [/^claude-(2|instant|3-(haiku|opus|sonnet)|3-5)/, PLAIN],
  [
    /^claude-(3-7|(opus|sonnet|haiku)-4($|-[015]($|-)|-20))/,
    { ...ALWAYS, efforts: USUAL, style: 'budget' },
  ],
  [/^claude-(opus|sonnet)-4-6/, { ...ALWAYS, efforts: USUAL, style: 'adaptive' }],
  [/^claude-/, { ...THINKING, efforts: USUAL, style: 'adaptive' }],
  [/^gpt-5(\.\d)?-chat/, PLAIN],
  [/^gpt-oss/, { ...ALWAYS, efforts: USUAL }],
  [/^gpt-[5-9]/, { ...THINKING, efforts: USUAL }],
  [/^o1-(mini|preview)/, { ...THINKING, usesTools: false }],
  [/^o[134]($|-)/, { ...THINKING, efforts: USUAL }],
  [/^(gpt-(3|4)|chatgpt-4o)/, PLAIN],
  [/^gemini-(1|2\.0)/, PLAIN],
  [/^gemini-/, { ...ALWAYS, efforts: USUAL }],
  [/^deepseek-(reasoner|r1)/, { ...THINKING, usesTools: false }],
  [/^deepseek-/, PLAIN],
  [/^grok-3-mini/, { ...ALWAYS, efforts: ['low', 'high'] }],
  [/^grok-[4-9](?!.*non-reasoning)/, ALWAYS],
  [/^grok-/, PLAIN],
  [/^(magistral|qwq|qwen-?3(?!.*instruct)|glm-(4\.[5-9]|5)|minimax-m|kimi-k2-thinking)/, ALWAYS],
  [/^(mistral|ministral|codestral|devstral|llama|qwen|gemma|phi|glm|kimi)/, PLAIN],
];

/** What is known of a model; of an unknown one, that it takes a temperature, as nearly all do. */
export function knownOptions(upstreamModel: string): KnownOptions {
  const name = plainName(upstreamModel);
  const known = KNOWN.find(([pattern]) => pattern.test(name))?.[1];
  return known ?? { ...NOTHING, takesTemperature: true };
}

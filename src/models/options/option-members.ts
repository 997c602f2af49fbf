/** How the options of a chat are told to providers. */
import type { ProviderSettings } from '../../core/deployment.ts';
import type { Effort, ModelOptions, ThinkingStyle } from '../../core/model-options.ts';
import type { Model } from '../catalogue.ts';
import type { JsonObject } from '../provider-apis/provider-api.ts';

/** About how many tokens are thought by effort, within the output. */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 49_152,
  max: 65_536,
};
/** Anthropic takes no smaller budget. */
const LEAST_BUDGET = 1_024;
/** The part of the output that is left for the reply. */
const REPLY_PART = 4;
/** Anthropic's temperatures end there. */
const MOST_OF_ANTHROPIC = 1;

/** Those of the options that a model has; the others are left to it. */
export function optionsFor(
  { efforts, takesTemperature }: Pick<Model, 'efforts' | 'takesTemperature'>,
  { effort, temperature }: ModelOptions,
): ModelOptions {
  return {
    effort: effort !== undefined && efforts.includes(effort) ? effort : undefined,
    temperature: takesTemperature ? temperature : undefined,
  };
}

/**
 * The most output of a model with an effort. Where nobody knows how much it can write, what it
 * thinks comes on top of what a reply may have.
 */
export function outputLimitWith(
  { outputLimit, isOutputLimitKnown }: Pick<Model, 'outputLimit' | 'isOutputLimitKnown'>,
  effort: Effort | undefined,
): number {
  return isOutputLimitKnown || effort === undefined ? outputLimit : outputLimit + BUDGETS[effort];
}

/** The least output that a provider takes with an effort, and that leaves room for a reply. */
export function leastOutputWith(
  { thinkingStyle }: Pick<Model, 'thinkingStyle'>,
  effort: Effort | undefined,
  minOutputTokens: number,
): number {
  const hasBudget = thinkingStyle === 'budget' && effort !== undefined && effort !== 'none';
  return hasBudget ? LEAST_BUDGET + minOutputTokens : 0;
}

/**
 * The members of a request that say it, by the API of the provider's family. All of them are in the
 * tables of the request guard, as members that cost nothing beside the output.
 * @param options as `optionsFor` leaves them
 */
export function optionMembers(
  { family, kind }: Pick<ProviderSettings, 'family' | 'kind'>,
  style: ThinkingStyle,
  { effort, temperature }: ModelOptions,
  outputLimit: number,
): JsonObject {
  if (family === 'openai') {
    return {
      ...(effort === undefined ? {} : openAiEffort(kind, effort)),
      ...(temperature === undefined ? {} : { temperature }),
    };
  }
  const thinking = effort === undefined ? {} : anthropicThinking(style, effort, outputLimit);
  // With thinking, Anthropic takes no temperature but its own.
  const isThinking = 'thinking' in thinking;
  if (temperature === undefined || isThinking) return thinking;
  return { ...thinking, temperature: Math.min(temperature, MOST_OF_ANTHROPIC) };
}

/** OpenRouter's name for it: https://openrouter.ai/docs/use-cases/reasoning-tokens. */
function openAiEffort(kind: ProviderSettings['kind'], effort: Effort): JsonObject {
  return kind === 'openrouter' ? { reasoning: { effort } } : { reasoning_effort: effort };
}

/** Newer models decide themselves how much, by the effort; earlier ones take a budget. */
function anthropicThinking(style: ThinkingStyle, effort: Effort, outputLimit: number): JsonObject {
  if (effort === 'none') return {};
  if (style !== 'budget') {
    const thinking = { type: 'adaptive', display: 'summarized' };
    return { thinking, output_config: { effort } };
  }
  const most = outputLimit - Math.floor(outputLimit / REPLY_PART);
  const budget = Math.min(BUDGETS[effort], Math.max(LEAST_BUDGET, most));
  // The limit must be larger than the budget.
  return budget < outputLimit ? { thinking: { type: 'enabled', budget_tokens: budget } } : {};
}

import type { Model } from '../api/types.ts';
import type { Cost } from '../state/model.ts';
import { number, strings } from './strings.ts';

/** What a message costs, before it is sent: usually, and at most. */
export function costText({ credits, isExact, usual }: Cost): string {
  const text = strings.value;
  if (credits === 0) return text.costsNothing;
  if (isExact) return text.costs(number(credits));
  if (usual >= credits) return text.costsAtMost(number(credits));
  return text.models.aboutAtMost(number(usual), number(credits));
}

/** What a message costs that goes to two models. */
export function comparedText(first: Cost, second: Cost): string {
  return strings.value.models.twoAnswers(
    costText({
      credits: first.credits + second.credits,
      usual: first.usual + second.usual,
      isExact: first.isExact && second.isExact,
    }),
  );
}

/** What a message to a model usually costs, in a few words. */
export function typicalText({ typical_cost: { tokens }, price }: Model): string {
  const { models, free } = strings.value;
  const { per_message: message, per_million_input: input, per_million_output: output } = price;
  if (message + input + output === 0) return free;
  return input + output === 0 ? models.perMessage(number(message)) : models.about(number(tokens));
}

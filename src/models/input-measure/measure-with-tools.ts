/** How much input a request has with tools: their schemas, earlier rounds and answers to come. */
import { MOST_RESULT_BYTES, type ToolPrompt } from '../../core/tools.ts';
import { countTokens, INPUT_COUNT_LIMIT_MS } from '../counting/count-tokens.ts';
import { roundMessages, toolMembers } from '../tools/tool-messages.ts';
import type { CountedInput, InputMeasure } from './input-measure.ts';
import { estimatedTokens } from './measure-texts.ts';
import type { MeasuredModel } from './measured-model.ts';
import { sampleOf } from './text-sample.ts';
import { addedTokens, BYTES_PER_TOKEN, spreadOf } from './text-tokens.ts';

/**
 * Measures a request with tools.
 * @param inner what is measured without them
 * @param expected how many calls have yet to be answered: as much as an answer may have is added
 * @param answered the tools with all answers, once they are there
 */
export function measureWithTools(
  inner: InputMeasure,
  tools: ToolPrompt,
  expected: { readonly calls: number; readonly answered: () => ToolPrompt },
): InputMeasure {
  // Every token has at least one byte, and so has what JSON says of roles and names.
  const text = toolText(tools);
  const thoughts = Buffer.byteLength(writtenText(tools));
  const bytes = Buffer.byteLength(text) + thoughts;
  const room = expected.calls * MOST_RESULT_BYTES;
  const added = (model: MeasuredModel) =>
    addedTokens(model, { count: tools.definitions.length, ofProvider: 0 }) -
    addedTokens(model, { count: 0, ofProvider: 0 });
  const mostTokens = (model: MeasuredModel) => {
    const most = inner.mostTokens(model);
    if (most === undefined) return undefined;
    return Math.min(most + bytes + room + added(model), model.contextTokens ?? Infinity);
  };
  return {
    unseen: inner.unseen,
    isOutOfSight: (model) => inner.isOutOfSight(model),
    mostTokens,
    roughTokens: (model) => {
      const rough = inner.roughTokens(model) + Math.ceil(bytes / BYTES_PER_TOKEN);
      return Math.min(rough, model.contextTokens ?? Infinity);
    },
    count: async (model): Promise<CountedInput> => {
      const counted = await inner.count(model);
      const tokens = await countTokens(text, { limitMs: INPUT_COUNT_LIMIT_MS });
      const spread = spreadOf(model);
      const most =
        counted.mostTokens + Math.ceil(tokens * spread.most) + thoughts + room + added(model);
      const bounded = Math.min(most, mostTokens(model) ?? Infinity);
      // What JSON says around the texts is not sure to reach the model.
      const leastOfTools = Math.floor((tokens * spread.least) / 2);
      const least = Math.min(counted.leastTokens + leastOfTools, bounded);
      const ofThoughts = Math.ceil(thoughts / BYTES_PER_TOKEN);
      return {
        tokens: counted.tokens + tokens + ofThoughts,
        leastTokens: least,
        mostTokens: bounded,
      };
    },
    estimate: async (model) => {
      const ofTools = await estimatedTokens(sampleOf([toolText(expected.answered())]));
      const ofThoughts = Math.ceil(thoughts / BYTES_PER_TOKEN);
      return (await inner.estimate(model)) + ofTools + ofThoughts;
    },
    release: () => inner.release(),
  };
}

/** What models wrote that they may be given back; the signatures of thoughts are most of it. */
function writtenText({ rounds }: ToolPrompt): string {
  const written = rounds.flatMap((round) => round.written?.blocks ?? []);
  return written.length === 0 ? '' : JSON.stringify(written);
}

/** What is told of tools, as it is sent. */
function toolText(tools: ToolPrompt): string {
  return JSON.stringify([toolMembers('openai', tools), roundMessages('openai', tools.rounds)]);
}

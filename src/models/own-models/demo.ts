import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelSettings } from '../../core/deployment.ts';
import { textUsage } from '../../core/usage.ts';
import { type Delta, type GenerateRequest, MODEL_DEFAULTS, type Model } from '../catalogue.ts';
import { countTokens } from '../counting/count-tokens.ts';
import { DEMO_PAGE } from './demo-page.ts';

/** Words with their trailing space, about one and a half tokens each. */
const WORDS = DEMO_PAGE.match(/\S+\s*/g) ?? [];
const WORDS_PER_DELTA = 2;
const DELTA_EVERY_MS = 25;

/** The second built-in model: streams a page of Markdown and reports its usage. */
export function demoModel(settings: ModelSettings): Model {
  const { name, price, descriptions, fallbacks, allow } = settings;
  return {
    ...MODEL_DEFAULTS,
    name,
    price,
    descriptions,
    fallbacks,
    allow,
    outputLimit: settings.outputTokens ?? 4_096,
    generate: streamPage,
  };
}

async function* streamPage(request: GenerateRequest): AsyncIterable<Delta> {
  const { content, promptContext, outputLimit, signal } = request;
  let outputTokens = 0;
  for (let index = 0; index < WORDS.length; index += WORDS_PER_DELTA) {
    const text = WORDS.slice(index, index + WORDS_PER_DELTA).join('');
    const tokens = await countTokens(text);
    if (outputTokens + tokens > outputLimit) break;
    outputTokens += tokens;
    yield { text };
    await sleep(DELTA_EVERY_MS, undefined, { signal });
  }
  const { systemPrompt, turns } = promptContext;
  const input = [systemPrompt, ...turns.flatMap((turn) => [turn.content, turn.reply]), content];
  const inputTokens = await countTokens(input.join('\n').trim());
  yield { usage: textUsage({ input: inputTokens, output: outputTokens }) };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelSettings } from '../core/deployment.ts';
import { type Delta, type GenerateRequest, MODEL_DEFAULTS, type Model } from './catalogue.ts';
import { countTokens } from './count-tokens.ts';
import { DEMO_PAGE } from './demo-page.ts';

/** A word with the space behind it is about a token and a half. */
const WORDS = DEMO_PAGE.match(/\S+\s*/g) ?? [];
const WORDS_AT_ONCE = 2;
const PAUSE_MS = 25;

/** The second model of our own: streams a page of Markdown, and says what it used. */
export function demoModel(settings: ModelSettings): Model {
  const { name, price, fallbacks, allow } = settings;
  return {
    ...MODEL_DEFAULTS,
    name,
    price,
    fallbacks,
    allow,
    outputLimit: settings.outputTokens,
    generate: streamPage,
  };
}

async function* streamPage(request: GenerateRequest): AsyncIterable<Delta> {
  const { content, promptContext, outputLimit, signal } = request;
  let outputTokens = 0;
  for (let at = 0; at < WORDS.length; at += WORDS_AT_ONCE) {
    const text = WORDS.slice(at, at + WORDS_AT_ONCE).join('');
    const tokens = await countTokens(text);
    if (outputTokens + tokens > outputLimit) break;
    outputTokens += tokens;
    yield { text };
    await sleep(PAUSE_MS, undefined, { signal });
  }
  const { systemPrompt, turns } = promptContext;
  const said = turns.flatMap((turn) => [turn.content, turn.reply]);
  const inputTokens = await countTokens([systemPrompt, ...said, content].join('\n').trim());
  yield { usage: { inputTokens, cachedInputTokens: undefined, outputTokens } };
}

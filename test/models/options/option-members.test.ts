/** Effort and temperature in the words of each API, and what they make a reply cost at most. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProviderSettings } from '../../../src/core/deployment.ts';
import { EFFORTS, type ModelOptions } from '../../../src/core/model-options.ts';
import { knownOptions } from '../../../src/models/options/known-options.ts';
import {
  leastOutputWith,
  optionMembers,
  optionsFor,
  outputLimitWith,
} from '../../../src/models/options/option-members.ts';
import { CHAT_COMPLETIONS } from '../../../src/models/provider-apis/chat-completions.ts';
import { MESSAGES } from '../../../src/models/provider-apis/messages.ts';
import { inspectRequest } from '../../../src/models/request-guard/inspect-request.ts';

type To = Pick<ProviderSettings, 'family' | 'kind'>;
const OPENAI: To = { family: 'openai', kind: 'openai' };
const OPENROUTER: To = { family: 'openai', kind: 'openrouter' };
const ANTHROPIC: To = { family: 'anthropic', kind: 'anthropic' };
const LIMIT = 32_000;

test('effort and temperature are said in the words of the API and the generation of the model', () => {
  const both: ModelOptions = { effort: 'high', temperature: 1.5 };
  assert.deepEqual(optionMembers(OPENAI, 'effort', both, LIMIT), {
    reasoning_effort: 'high',
    temperature: 1.5,
  });
  assert.deepEqual(optionMembers(OPENROUTER, 'effort', { effort: 'low' }, LIMIT), {
    reasoning: { effort: 'low' },
  });
  assert.deepEqual(optionMembers(ANTHROPIC, 'adaptive', both, LIMIT), {
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'high' },
  });
  assert.deepEqual(optionMembers(ANTHROPIC, 'budget', both, LIMIT), {
    thinking: { type: 'enabled', budget_tokens: 24_000 },
  });
  assert.deepEqual(optionMembers(ANTHROPIC, 'budget', { temperature: 1.5 }, LIMIT), {
    temperature: 1,
  });
  for (const to of [OPENAI, ANTHROPIC]) assert.deepEqual(optionMembers(to, 'effort', {}, 9), {});
});

test('a budget of thinking is within the output, and leaves room for the reply', () => {
  for (const limit of [1_024, 1_025, 2_000, 4_096, 64_000]) {
    const { thinking } = optionMembers(ANTHROPIC, 'budget', { effort: 'max' }, limit) as {
      thinking?: { budget_tokens: number };
    };
    if (limit === 1_024) assert.equal(thinking, undefined);
    else assert.ok(thinking && thinking.budget_tokens >= 1_024 && thinking.budget_tokens < limit);
  }
  const least = leastOutputWith({ thinkingStyle: 'budget' }, 'low', 256);
  assert.equal(least, 1_280);
  assert.equal(leastOutputWith({ thinkingStyle: 'budget' }, undefined, 256), 0);
  assert.equal(leastOutputWith({ thinkingStyle: 'adaptive' }, 'low', 256), 0);
});

test('effort raises what is held where nobody knows how much a model writes', () => {
  const unknown = { outputLimit: 4_096, isOutputLimitKnown: false };
  assert.equal(outputLimitWith(unknown, 'medium'), 4_096 + 8_192);
  assert.equal(outputLimitWith(unknown, undefined), 4_096);
  assert.equal(outputLimitWith({ ...unknown, isOutputLimitKnown: true }, 'high'), 4_096);
});

test('the request guard knows all of it, and nothing of it costs beside the output', () => {
  const others = { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true };
  for (const effort of EFFORTS) {
    for (const to of [OPENAI, OPENROUTER, ANTHROPIC]) {
      for (const style of ['effort', 'adaptive', 'budget'] as const) {
        const chosen = optionMembers(to, style, { effort, temperature: 0.5 }, LIMIT);
        const value = { ...others, max_tokens: LIMIT, ...chosen };
        const api = to.family === 'openai' ? CHAT_COMPLETIONS : MESSAGES;
        const json = Buffer.from(JSON.stringify(value));
        const inspected = inspectRequest(api, { json, value });
        assert.deepEqual(inspected.concerns, []);
        assert.ok(inspected.leastOutput <= LIMIT);
      }
    }
  }
});

test('a model gets of the options what it has', () => {
  const chosen: ModelOptions = { effort: 'medium', temperature: 0.2 };
  const model = { efforts: ['low', 'high'] as const, takesTemperature: true };
  assert.deepEqual(optionsFor(model, chosen), { effort: undefined, temperature: 0.2 });
  const other = { efforts: ['medium'] as const, takesTemperature: false };
  assert.deepEqual(optionsFor(other, chosen), { effort: 'medium', temperature: undefined });
});

test('what models can be told is known by their names, also behind a broker', () => {
  const told = (name: string) => {
    const { efforts, style, takesTemperature, thinks } = knownOptions(name);
    return [efforts.length > 0, style, takesTemperature, thinks];
  };
  assert.deepEqual(told('claude-sonnet-4-5-20250929'), [true, 'budget', true, true]);
  assert.deepEqual(told('claude-opus-4-20250514'), [true, 'budget', true, true]);
  assert.deepEqual(told('anthropic/claude-sonnet-4-6'), [true, 'adaptive', true, true]);
  assert.deepEqual(told('claude-opus-4-8'), [true, 'adaptive', false, true]);
  assert.deepEqual(told('claude-3-5-haiku-latest'), [false, 'effort', true, false]);
  assert.deepEqual(told('openai/gpt-5-mini'), [true, 'effort', false, true]);
  assert.deepEqual(told('gpt-5.1-chat-latest'), [false, 'effort', true, false]);
  assert.deepEqual(told('gpt-4o'), [false, 'effort', true, false]);
  assert.deepEqual(told('deepseek-reasoner'), [false, 'effort', false, true]);
  assert.deepEqual(told('qwen3:8b'), [false, 'effort', true, true]);
  assert.deepEqual(told('something-else'), [false, 'effort', true, false]);
});

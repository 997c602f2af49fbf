import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAT_COMPLETIONS } from '../../src/models/provider-apis/chat-completions.ts';
import { COMPLETIONS, completionsFor } from '../../src/models/provider-apis/completions.ts';
import { EMBEDDINGS } from '../../src/models/provider-apis/embeddings.ts';
import { IMAGES } from '../../src/models/provider-apis/images.ts';
import { MESSAGES } from '../../src/models/provider-apis/messages.ts';
import { MODERATIONS } from '../../src/models/provider-apis/moderations.ts';
import { EMPTY_CHUNK } from '../../src/models/provider-apis/provider-api.ts';
import { RERANK } from '../../src/models/provider-apis/rerank.ts';
import { RESPONSES } from '../../src/models/provider-apis/responses.ts';
import { setMembers } from '../../src/models/provider-apis/set-members.ts';
import { SPEECH } from '../../src/models/provider-apis/speech.ts';
import { TRANSCRIPTIONS } from '../../src/models/provider-apis/transcriptions.ts';

const PROVIDER_APIS = [
  CHAT_COMPLETIONS,
  COMPLETIONS,
  EMBEDDINGS,
  IMAGES,
  MESSAGES,
  MODERATIONS,
  RERANK,
  RESPONSES,
  SPEECH,
  TRANSCRIPTIONS,
];
const TO = { model: 'm', outputLimit: 9, kind: 'other' } as const;

test('the output limit is sent under the one name that the provider takes', () => {
  const sent = (body: object, outputLimitName: 'max_tokens' | 'max_completion_tokens') => {
    const json = Buffer.from(JSON.stringify(body));
    const members = CHAT_COMPLETIONS.overrides(body as never, { ...TO, outputLimitName });
    return JSON.parse(Buffer.concat(setMembers(json, members)).toString('utf8'));
  };
  const model = 'm';
  const bodies = [{}, { max_tokens: 5 }, { max_completion_tokens: 5 }, { max_tokens: null }];
  for (const body of [...bodies, { max_tokens: 5, max_completion_tokens: 6 }]) {
    assert.deepEqual(sent(body, 'max_tokens'), { model, max_tokens: 9 });
    assert.deepEqual(sent(body, 'max_completion_tokens'), { model, max_completion_tokens: 9 });
  }
});

test('a limit of 0 is sent to Anthropic only, since others take it for none', () => {
  const none = { model: 'm', outputLimit: 0, outputLimitName: 'max_tokens' } as const;
  const body = { max_tokens: 0, max_output_tokens: 0 };
  assert.equal(CHAT_COMPLETIONS.overrides(body, { ...none, kind: 'ollama' }).max_tokens, 1);
  assert.equal(RESPONSES.overrides(body, { ...none, kind: 'ollama' }).max_output_tokens, 1);
  assert.equal(MESSAGES.overrides(body, { ...none, kind: 'ollama' }).max_tokens, 1);
  assert.equal(MESSAGES.overrides(body, { ...none, kind: 'anthropic' }).max_tokens, 0);
  assert.equal(CHAT_COMPLETIONS.wanted(body).outputLimit, 1);
  assert.equal(RESPONSES.wanted(body).outputLimit, 1);
});

test('a limit of calls of tools is set where the client has set none', () => {
  const to = { model: 'm', outputLimit: 5, outputLimitName: 'max_tokens', kind: 'openai' } as const;
  const set = { model: 'm', max_output_tokens: 5 };
  assert.deepEqual(RESPONSES.overrides({}, { ...to, toolCalls: 10 }), {
    ...set,
    max_tool_calls: 10,
  });
  assert.deepEqual(RESPONSES.overrides({ max_tool_calls: 3 }, to), set);
});

test('streams are asked for usage, and other stream options of the client are kept', () => {
  const body = { stream: true, stream_options: { include_obfuscation: false } };
  const changed = CHAT_COMPLETIONS.overrides(body, { ...TO, outputLimitName: 'max_tokens' });
  assert.deepEqual(changed.stream_options, { include_obfuscation: false, include_usage: true });
});

test('any response of a provider can be read', () => {
  const odd = [null, 1, 'x', [], {}, [null], [1], { content: 5 }, [{ content: [null] }]];
  for (const api of PROVIDER_APIS) {
    for (const value of odd) {
      for (const name of ['choices', 'usage', 'content', 'output', 'delta', 'response', 'error']) {
        for (const type of [
          'message_start',
          'message_delta',
          'content_block_delta',
          'error',
          'x',
        ]) {
          const chunk = api.readEvent({ type, [name]: value });
          assert.equal(typeof chunk.text, 'string');
          assert.equal(typeof api.readResponse({ type, [name]: value }).text, 'string');
        }
      }
    }
  }
});

test('any request of a client can be read', () => {
  for (const api of PROVIDER_APIS) {
    for (const value of [null, -1, 0.5, 'x', [], {}, true, 1e308]) {
      const { outputLimit, answers } = api.wanted({
        max_tokens: value,
        max_completion_tokens: value,
        max_output_tokens: value,
        n: value,
      });
      assert.ok(outputLimit === undefined || Number.isSafeInteger(outputLimit));
      assert.ok(Number.isSafeInteger(answers));
    }
  }
});

test('reasoning in a stream of Chat Completions counts once, under either name, also in parts', () => {
  const chunk = (delta: object) => CHAT_COMPLETIONS.readEvent({ choices: [{ delta }] });
  assert.equal(chunk({ reasoning: 'a', reasoning_content: 'a' }).nonReplyOutput, 'a');
  assert.equal(chunk({ reasoning: 'b' }).nonReplyOutput, 'b');
  const parts = chunk({
    content: [
      { type: 'thinking', thinking: [{ type: 'text', text: 'c' }] },
      { type: 'text', text: 'd' },
    ],
  });
  assert.deepEqual([parts.nonReplyOutput, parts.text], ['c', 'd']);
});

test('the tokens of thinking are told where a provider tells them', () => {
  const details = { completion_tokens_details: { reasoning_tokens: 3 } };
  const { usage } = CHAT_COMPLETIONS.readResponse({
    usage: { prompt_tokens: 1, completion_tokens: 5, ...details },
  });
  assert.deepEqual(usage, { counts: { input: 1, output: 5 }, thinkingTokens: 3 });
});

test('reasoning and tool arguments in a stream of Responses are no part of the reply', () => {
  const chunk = (type: string) => RESPONSES.readEvent({ type, delta: 'abc' });
  assert.deepEqual(chunk('response.output_text.delta'), { ...EMPTY_CHUNK, text: 'abc' });
  for (const type of [
    'response.reasoning_text.delta',
    'response.reasoning_summary_text.delta',
    'response.function_call_arguments.delta',
    'response.custom_tool_call_input.delta',
  ]) {
    assert.deepEqual(chunk(type), { ...EMPTY_CHUNK, nonReplyOutput: 'abc' });
  }
});

test('a prompt that a completion repeats is no output of the model', () => {
  const api = completionsFor({ prompt: ['Wer jagt', 'Wen'], n: 2, echo: true });
  const read = (index: number, text: string) =>
    api.readEvent({ choices: [{ index, text, logprobs: null, finish_reason: null }] }).text;
  assert.equal(read(0, 'Wer'), '');
  assert.equal(read(0, ' jagt wen?'), ' wen?');
  assert.equal(read(0, ' Niemand.'), ' Niemand.');
  assert.equal(read(1, 'Wer jagt'), '');
  assert.equal(read(2, 'Wen jagt'), ' jagt');
  const whole = completionsFor({ prompt: 'Wer', echo: true });
  assert.equal(whole.readResponse({ choices: [{ index: 0, text: 'Wer jagt?' }] }).text, ' jagt?');
  assert.equal(completionsFor({ prompt: 'Wer' }), COMPLETIONS);
  // The text of token ids is not known.
  const ids = completionsFor({ prompt: [1, 2], echo: true });
  assert.equal(ids.readResponse({ choices: [{ index: 0, text: 'Wer' }] }).text, 'Wer');
});

test('each prompt of a completion is answered, each time with as many texts as are written', () => {
  const answers = (body: object) => COMPLETIONS.wanted(body as never).answers;
  assert.equal(answers({ prompt: 'a' }), 1);
  assert.equal(answers({ prompt: [1, 2, 3], n: 2 }), 2);
  assert.equal(answers({ prompt: ['a', 'b'], n: 2, best_of: 5 }), 10);
  assert.equal(answers({ prompt: [[1], [2], [3]] }), 3);
  assert.equal(answers({ prompt: [], n: 0 }), 1);
});

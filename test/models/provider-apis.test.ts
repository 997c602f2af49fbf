import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAT_COMPLETIONS } from '../../src/models/provider-apis/chat-completions.ts';
import { EMBEDDINGS } from '../../src/models/provider-apis/embeddings.ts';
import { MESSAGES } from '../../src/models/provider-apis/messages.ts';
import { RESPONSES } from '../../src/models/provider-apis/responses.ts';

const WIRES = [CHAT_COMPLETIONS, EMBEDDINGS, MESSAGES, RESPONSES];
const TO = { model: 'm', outputLimit: 9 };

test('the output limit goes by the name that the client used, else by that of the provider', () => {
  const changed = (body: object, outputLimitName: 'max_tokens' | 'max_completion_tokens') =>
    CHAT_COMPLETIONS.overrides(body as never, { ...TO, outputLimitName });
  const model = 'm';
  assert.deepEqual(changed({ max_tokens: 5 }, 'max_completion_tokens'), { model, max_tokens: 9 });
  const young = { model, max_completion_tokens: 9 };
  assert.deepEqual(changed({ max_completion_tokens: 5 }, 'max_tokens'), young);
  assert.deepEqual(changed({ max_tokens: null }, 'max_completion_tokens'), young);
  assert.deepEqual(changed({}, 'max_tokens'), { model, max_tokens: 9 });
});

test('usage is asked for in streams, beside whatever else the client wants of them', () => {
  const body = { stream: true, stream_options: { include_obfuscation: false } };
  const changed = CHAT_COMPLETIONS.overrides(body, { ...TO, outputLimitName: 'max_tokens' });
  assert.deepEqual(changed.stream_options, { include_obfuscation: false, include_usage: true });
});

test('whatever a provider sends is read without a fault', () => {
  const odd = [null, 1, 'x', [], {}, [null], [1], { content: 5 }, [{ content: [null] }]];
  for (const wire of WIRES) {
    for (const value of odd) {
      for (const name of ['choices', 'usage', 'content', 'output', 'delta', 'response', 'error']) {
        for (const type of [
          'message_start',
          'message_delta',
          'content_block_delta',
          'error',
          'x',
        ]) {
          const said = wire.readEvent({ type, [name]: value });
          assert.equal(typeof said.text, 'string');
          assert.equal(typeof wire.readAnswer({ type, [name]: value }).text, 'string');
        }
      }
    }
  }
});

test('whatever a client sends is read without a fault', () => {
  for (const wire of WIRES) {
    for (const value of [null, -1, 0.5, 'x', [], {}, true, 1e308]) {
      const { outputLimit, answers } = wire.wanted({
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

/** What is held for the input of a request is never less than what its provider counts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hasCode } from '../../../src/core/errors.ts';
import { countSlices } from '../../../src/models/counting/count-slices.ts';
import { requireMostTokens } from '../../../src/models/input-measure/input-measure.ts';
import { measureTexts } from '../../../src/models/input-measure/measure-texts.ts';
import type { MeasuredModel } from '../../../src/models/input-measure/measured-model.ts';
import { addedTokens } from '../../../src/models/input-measure/text-tokens.ts';
import { base64, measured, modelOf } from './inputs.ts';

const GPT = modelOf('openai', 'gpt-4o', 128_000);
const ENDLESS = modelOf('openai', 'gpt-4o');
const CLAUDE = modelOf('anthropic', 'claude-sonnet-4-5', 200_000);
const PROSE = 'It was a bright cold day in April, and the clocks were striking thirteen. ';

function asked(content: unknown, more: object = {}): object {
  return { model: 'gpt', messages: [{ role: 'user', content }], ...more };
}

describe('text is text, however it looks', () => {
  for (const [name, text] of Object.entries({
    'that begins as a data URL': `data:x,${PROSE.repeat(500)}`,
    'that begins with a thousand letters': 'a'.repeat(1_000) + PROSE.repeat(500),
    'that is base64': Buffer.from(PROSE.repeat(500)).toString('base64'),
  })) {
    for (const [place, body] of Object.entries({
      'a message': asked(text),
      'a part': asked([{ type: 'text', text }]),
      'the result of a tool': { messages: [{ role: 'tool', tool_call_id: 'a', content: text }] },
      'an input': { input: text },
      'a list of inputs': { input: [text] },
      'an argument that looks like a picture': {
        messages: [{ role: 'assistant', tool_calls: [{ function: { arguments: text } }] }],
      },
    })) {
      test(`${name}, in ${place}`, async () => {
        const due = countSlices(text);
        const measure = measured('openai', body);
        assert.ok((measure.mostTokens(ENDLESS) ?? 0) >= due);
        const { tokens, leastTokens, mostTokens } = await measure.count(ENDLESS);
        // What slicing adds differs a little where a text begins.
        assert.ok(tokens >= due * 0.99 && tokens <= due * 1.02 + 10, `${tokens} of ${due}`);
        assert.ok(leastTokens <= tokens && tokens <= mostTokens);
        assert.ok((await measure.estimate(ENDLESS)) > due * 0.7);
      });
    }
  }

  test('and so it is where a file may stand, if it is none', async () => {
    const text = PROSE.repeat(500);
    const due = countSlices(text);
    for (const block of [
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text } },
      { type: 'tool_use', id: 'a', name: 'b', input: { source: { type: 'base64', data: text } } },
      { type: 'text', text: 'a', image_url: { url: text } },
    ]) {
      const measure = measured('anthropic', { messages: [{ role: 'user', content: [block] }] });
      assert.ok((measure.mostTokens(CLAUDE) ?? 0) >= due);
      const { tokens } = await measure.count(CLAUDE);
      assert.ok(tokens >= due * 0.99 && tokens < due * 1.02 + 10, `${tokens} of ${due}`);
    }
  });
});

test('what hides in members that are no text in a message is held as well', async () => {
  const text = PROSE.repeat(500);
  const due = countSlices(text);
  for (const input of [{ id: text }, { format: text }, { [text]: 1 }, Array(20_000).fill(12_345)]) {
    const content = [{ type: 'tool_use', id: 'a', name: 'b', input }];
    for (const body of [{ messages: [{ role: 'assistant', content }] }, { documents: [input] }]) {
      const measure = measured('anthropic', body);
      const counted = await measure.count(CLAUDE);
      assert.ok(counted.mostTokens >= Math.min(due, 20_000), String(counted.mostTokens));
      assert.ok((measure.mostTokens(CLAUDE) ?? 0) >= counted.mostTokens);
    }
  }
});

describe('token ids are a token each', () => {
  for (const [body, due] of [
    [
      {
        input: [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      },
      8,
    ],
    [{ input: [101_123, 7, 42_000] }, 3],
    [{ prompt: Array(5_000).fill(199_999) }, 5_000],
  ] as const) {
    test(JSON.stringify(body).slice(0, 40), async () => {
      const measure = measured('openai', { model: 'embed', ...body });
      const most = measure.mostTokens(ENDLESS) ?? Infinity;
      assert.ok(most >= due && most < due + 100, `${most} of ${due}`);
      const counted = await measure.count(ENDLESS);
      assert.deepEqual([counted.tokens, counted.leastTokens], [due, due]);
      assert.equal(await measure.estimate(ENDLESS), due);
    });
  }

  test('beside text they are text', () => {
    const body = { input: [[1, 2], PROSE.repeat(100)] };
    assert.ok(
      (measured('openai', body).mostTokens(ENDLESS) ?? 0) >= countSlices(PROSE.repeat(100)),
    );
  });
});

describe('what is said of tools and formats is input', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 200 }, (_, at) => [`field_${at}`, { type: 'string', description: PROSE }]),
  );
  const schema = { type: 'object', properties };
  for (const [name, more] of Object.entries({
    tools: { tools: [{ type: 'function', function: { name: 'a', parameters: schema } }] },
    functions: { functions: [{ name: 'a', parameters: schema }] },
    response_format: { response_format: { type: 'json_schema', json_schema: { schema } } },
    'text.format': { text: { format: { type: 'json_schema', schema } } },
  })) {
    test(name, async () => {
      const due = countSlices(JSON.stringify(schema));
      const measure = measured('openai', asked('Hi', more));
      assert.ok((measure.mostTokens(ENDLESS) ?? 0) >= due);
      const { tokens, mostTokens } = await measure.count(ENDLESS);
      assert.ok(tokens > due * 0.6 && tokens <= mostTokens, `${tokens} of ${due}`);
    });
  }

  test('and so is what Anthropic adds to them', () => {
    const plain = measured('anthropic', asked('Hi')).mostTokens(CLAUDE) ?? 0;
    const tool = { name: 'a', input_schema: { type: 'object' } };
    const own = measured('anthropic', asked('Hi', { tools: [tool] })).mostTokens(CLAUDE) ?? 0;
    assert.ok(own - plain >= 804);
    const computer = { type: 'computer_20250124', name: 'computer' };
    const theirs = measured('anthropic', asked('Hi', { tools: [computer] })).mostTokens(CLAUDE);
    assert.ok((theirs ?? 0) - plain >= 804 + 735);
  });
});

describe('what cannot be seen is all that the model can read, or refused', () => {
  const pdf = Buffer.alloc(9_000, '%PDF-1.7');
  const data = pdf.toString('base64');
  const file_data = base64(pdf, 'application/pdf');
  const source = { type: 'base64', media_type: 'application/pdf', data };
  const inMessage = (part: object) => ({ messages: [{ role: 'user', content: [part] }] });
  const inInput = (part: object) => ({ input: [{ role: 'user', content: [part] }] });
  for (const [name, family, body, member] of [
    ['a PDF, Anthropic', 'anthropic', inMessage({ type: 'document', source }), 'data'],
    [
      'a PDF at a URL, Anthropic',
      'anthropic',
      inMessage({ type: 'document', source: { type: 'url', url: 'https://a.b/c.pdf' } }),
      'url',
    ],
    [
      'a file that Anthropic keeps',
      'anthropic',
      inMessage({ type: 'document', source: { type: 'file', file_id: 'f' } }),
      'file_id',
    ],
    ['a PDF, chat', 'openai', inMessage({ type: 'file', file: { file_data } }), 'file_data'],
    ['a PDF, responses', 'openai', inInput({ type: 'input_file', file_data }), 'file_data'],
    [
      'a PDF at a URL, responses',
      'openai',
      inInput({ type: 'input_file', file_url: 'https://a.b/c.pdf' }),
      'file_url',
    ],
    [
      'a file that OpenAI keeps',
      'openai',
      inInput({ type: 'input_file', file_id: 'f' }),
      'file_id',
    ],
    [
      'a video',
      'openai',
      inMessage({ type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } }),
      'url',
    ],
    [
      'an earlier reply in audio',
      'openai',
      { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] },
      'id',
    ],
  ] as const) {
    test(name, async () => {
      const measure = measured(family, body);
      assert.equal(measure.mostTokens(GPT), 128_000);
      assert.equal(measure.mostTokens(ENDLESS), undefined);
      assert.throws(
        () => requireMostTokens(measure, { ...ENDLESS, name: 'mine' }),
        (error) =>
          hasCode(error, 'input_unseen') &&
          error.details.member === member &&
          error.details.model === 'mine',
      );
      const counted = await measure.count(GPT);
      assert.equal(counted.mostTokens, 128_000);
      if (measure.isOutOfSight(GPT)) assert.equal(counted.leastTokens, 128_000);
      else assert.ok(counted.leastTokens < 1_700, 'a short document may cost little');
      assert.equal(measure.isOutOfSight(GPT), !/^a PDF(, |$)/.test(name));
    });
  }

  test('a kept conversation', async () => {
    const measure = measured('openai', { input: 'Hi' }, { unseen: 'previous_response_id' });
    assert.equal(measure.mostTokens(GPT), 128_000);
    assert.equal(measure.mostTokens(ENDLESS), undefined);
    assert.equal(measure.unseen, 'previous_response_id');
    assert.equal((await measure.count(GPT)).mostTokens, 128_000);
  });
});

describe('audio is held by its length', () => {
  const audio = (file: Buffer, format: string) =>
    asked([{ type: 'input_audio', input_audio: { data: file.toString('base64'), format } }]);
  const wave = (rate: number, bytes: number) => {
    const head = Buffer.alloc(44);
    head.write('RIFF....WAVEfmt ', 'latin1');
    head.writeUInt32LE(16, 16);
    head.writeUInt16LE(1, 20);
    head.writeUInt16LE(1, 22);
    head.writeUInt32LE(rate, 24);
    head.writeUInt32LE(rate * 2, 28);
    head.writeUInt16LE(2, 32);
    return Buffer.concat([head, Buffer.alloc(bytes)]);
  };

  /** What the bound has beside the text of the request. */
  const mostOf = (body: object, model: MeasuredModel) => {
    const measure = measured('openai', body);
    const ofText = measure.textBytes + addedTokens(model, { count: 0, ofProvider: 0 });
    return (measure.mostTokens(model) ?? Infinity) - ofText;
  };

  test('a WAV file by its rate', () => {
    const most = mostOf(audio(wave(24_000, 480_000), 'wav'), GPT);
    assert.ok(most >= 200 && most < 210, String(most));
  });

  test('a file that says a rate that its frames do not have by the lower one', () => {
    const file = wave(24_000, 480_000);
    file.writeUInt32LE(4_000_000, 28);
    const most = mostOf(audio(file, 'wav'), GPT);
    assert.ok(most >= 200 && most < 300, String(most));
  });

  test('any other by the lowest rate there is', () => {
    const mpeg = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(16_000)]);
    assert.ok(mostOf(audio(mpeg, 'mp3'), GPT) >= 320);
    const gemini = modelOf('gemini', 'gemini-2.5-flash', 1_000_000);
    assert.ok(mostOf(audio(mpeg, 'mp3'), gemini) >= 16 * 32);
  });
});

test('the rough number is near what is counted, and no more than the context', async () => {
  const body = asked(PROSE.repeat(500));
  const { tokens } = await measured('openai', body).count(ENDLESS);
  const rough = measured('openai', body).roughTokens(ENDLESS);
  assert.ok(Math.abs(rough / tokens - 1) < 0.3, `${rough} of ${tokens}`);
  assert.equal(measureTexts([PROSE]).roughTokens(ENDLESS), Math.ceil(PROSE.length / 4));
  const small = modelOf('openai', 'gpt-4o', 1_000);
  assert.equal(measured('openai', body).roughTokens(small), 1_000);
});

test('no bound is more than the context of the model', () => {
  const small = modelOf('openai', 'gpt-4o', 1_000);
  assert.equal(measured('openai', asked(PROSE.repeat(500))).mostTokens(small), 1_000);
  assert.equal(measureTexts([PROSE.repeat(500)]).mostTokens(small), 1_000);
});

test('more text than anything reads is refused, also where a file may stand', () => {
  const url = 'a b '.repeat(2_097_152);
  const body = { messages: [{ role: 'user', content: [{ input: { url } }] }] };
  assert.throws(
    () => measured('openai', body),
    (error) => hasCode(error, 'body_too_large'),
  );
});

test('whatever the text is, the bound is at least what is counted', async () => {
  const unit = fc.constantFrom('grapheme', 'binary') as fc.Arbitrary<'grapheme' | 'binary'>;
  const text = unit.chain((of) => fc.string({ unit: of, maxLength: 60 }));
  const value = fc.jsonValue({ maxDepth: 3 });
  const bodies = fc.record({
    messages: fc.array(fc.record({ role: fc.constant('user'), content: text })),
    tools: fc.array(value, { maxLength: 3 }),
    system: text,
    prompt: value,
    response_format: value,
  });
  for (const model of [ENDLESS, modelOf('anthropic', 'claude-x'), modelOf('vllm', 'llama')]) {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const measure = measured('openai', body);
        const most = measure.mostTokens(model) ?? 0;
        const counted = await measure.count(model);
        assert.ok(most >= counted.tokens, `${most} of ${counted.tokens}`);
        assert.ok(counted.mostTokens <= most);
        assert.ok(counted.leastTokens <= counted.mostTokens);
      }),
      { numRuns: 30 },
    );
  }
});

test('for the texts of a chat as well', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 50 })), async (texts) => {
      const measure = measureTexts(texts);
      const { tokens, leastTokens, mostTokens } = await measure.count(ENDLESS);
      assert.ok(tokens <= (measure.mostTokens(ENDLESS) ?? 0));
      assert.ok(leastTokens <= mostTokens);
    }),
    { numRuns: 100 },
  );
  const chat = measureTexts(['', PROSE, PROSE]);
  const counted = await chat.count(ENDLESS);
  assert.equal(await chat.estimate(ENDLESS), counted.tokens);
});

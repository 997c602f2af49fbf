/** What is held for a picture is what its provider documents, for the model that is asked. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProviderKind } from '../../../src/core/deployment.ts';
import type { PictureSize } from '../../../src/models/input-measure/picture-size.ts';
import { pictureTokens } from '../../../src/models/input-measure/picture-tokens.ts';
import { base64, frame, jpeg, measured, modelOf, png, segment } from './inputs.ts';

type Row = readonly [model: string, size: readonly [number, number], detail: string, due: number];

/** As the documents of the providers give them, or compute them. */
const ROWS: Readonly<Partial<Record<ProviderKind, readonly Row[]>>> = {
  openai: [
    ['gpt-4o', [1_024, 1_024], 'high', 765],
    ['gpt-4o', [2_048, 4_096], 'high', 1_105],
    ['gpt-4o', [4_096, 8_192], 'low', 85],
    ['gpt-4.1-2025-04-14', [1_024, 1_024], 'auto', 765],
    ['gpt-4o-mini', [1_024, 1_024], 'high', 2_833 + 4 * 5_667],
    ['gpt-4o-mini-2024-07-18', [1_024, 1_024], 'low', 2_833],
    ['gpt-4.1-mini', [1_024, 1_024], 'auto', Math.ceil(1_024 * 1.62)],
    ['gpt-5-mini', [1_800, 2_400], 'high', Math.ceil(1_452 * 1.62)],
    ['gpt-5-nano', [1_024, 1_024], 'high', Math.ceil(1_024 * 2.46)],
    ['o4-mini', [1_024, 1_024], 'high', Math.ceil(1_024 * 1.72)],
    ['o3', [1_024, 1_024], 'high', 75 + 4 * 150],
    ['gpt-5', [1_024, 1_024], 'high', 70 + 4 * 140],
    ['gpt-5.4', [1_920, 1_080], 'original', Math.ceil(60 * 34 * 1.2)],
    ['gpt-5.5', [3_840, 2_160], 'auto', Math.ceil(120 * 68 * 1.2)],
    ['computer-use-preview', [1_024, 768], 'auto', 65 + 4 * 129],
  ],
  anthropic: [
    ['claude-sonnet-4-5-20250929', [200, 200], '', 64],
    ['claude-sonnet-4-20250514', [1_092, 1_092], '', 1_590],
    ['claude-haiku-4-5', [1_920, 1_080], '', 1_560],
    ['claude-opus-4-1', [3_840, 2_160], '', 1_560],
    ['claude-3-5-haiku-latest', [8_000, 8_000], '', 1_568],
    ['claude-opus-4-7', [1_512, 982], '', 1_944],
    ['claude-opus-4-7', [1_920, 1_080], '', 2_691],
    ['claude-sonnet-5', [3_840, 2_160], '', 4_784],
  ],
  gemini: [
    ['gemini-2.5-flash', [300, 300], '', 258],
    ['gemini-2.5-flash', [960, 540], '', 6 * 258],
    ['gemini-3-pro', [960, 540], '', 1_120],
  ],
  xai: [['grok-4', [1_024, 1_024], '', 7 * 256]],
};

for (const [kind, rows] of Object.entries(ROWS)) {
  describe(`a picture for ${kind} is held at what it costs, or at most twice that`, () => {
    for (const [name, [width, height], detail, due] of rows) {
      test(`${name}, ${width} × ${height} ${detail}`, () => {
        const tokens = pictureTokens(modelOf(kind as ProviderKind, name), {
          size: { width, height },
          detail,
        });
        assert.ok(tokens >= due && tokens <= 2 * due + 10, `${tokens} of ${due}`);
      });
    }
  });
}

describe('a picture of unknown size is held at the most that any has', () => {
  const sizes: PictureSize[] = [];
  for (const side of [1, 50, 100, 512, 768, 1_000, 2_000, 4_000, 8_000]) {
    for (const other of [1, 300, 768, 1_500, 8_000]) sizes.push({ width: side, height: other });
  }
  for (const [kind, names] of Object.entries({
    openai: ['gpt-4o', 'gpt-4o-mini', 'gpt-5-nano', 'gpt-5.4', 'gpt-6-astra', 'o3'],
    anthropic: ['claude-3-opus', 'claude-opus-4-7', 'claude-fable-5'],
    gemini: ['gemini-2.5-pro', 'gemini-3-flash'],
    xai: ['grok-4'],
    ollama: ['qwen2.5vl'],
  })) {
    for (const name of names) {
      test(name, () => {
        const model = modelOf(kind as ProviderKind, name);
        for (const detail of ['auto', 'low', 'high', 'original']) {
          const most = pictureTokens(model, { size: undefined, detail });
          for (const size of sizes) assert.ok(pictureTokens(model, { size, detail }) <= most);
        }
      });
    }
  }
});

test('a broker names the vendor of a model, and its formula applies', () => {
  const size = { width: 1_024, height: 1_024 };
  const tokens = (name: string) =>
    pictureTokens(modelOf('openrouter', name), { size, detail: 'high' });
  assert.ok(tokens('openai/gpt-4o') < 800);
  assert.ok(tokens('anthropic/claude-sonnet-4.5') < 1_600);
  assert.ok(tokens('anthropic/claude-3.5-sonnet') < 1_600);
  assert.ok(tokens('qwen/qwen2.5-vl-72b') > 2_000);
});

describe('a picture in a request is found by its place, whatever its size in bytes', () => {
  const model = modelOf('openai', 'gpt-4o', 128_000);
  const chat = (url: string) => ({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  });
  const responses = (url: string) => ({
    input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }],
  });
  const exif = segment(0xe1, Buffer.alloc(60_000, 0xff));
  const files = {
    'small PNG': base64(png(1_024, 1_024), 'image/png'),
    'PNG of two megabytes': base64(png(1_024, 1_024, 2_000_000), 'image/png'),
    'JPEG behind much else': base64(jpeg(exif, exif, exif, frame(1_024, 1_024)), 'image/jpeg'),
  };
  for (const [name, url] of Object.entries(files)) {
    for (const [api, body] of Object.entries({ chat: chat(url), responses: responses(url) })) {
      test(`${name}, ${api}`, async () => {
        const measure = measured('openai', body);
        const most = measure.mostTokens(model) ?? Infinity;
        assert.ok(most >= 765 && most < 765 + 300, String(most));
        const counted = await measure.count(model);
        assert.ok(counted.tokens >= 765 && counted.tokens < 800, String(counted.tokens));
        assert.ok(counted.leastTokens <= 765 && counted.mostTokens >= 765);
      });
    }
  }

  test('for Anthropic, also in the result of a tool', () => {
    const data = png(1_092, 1_092, 500_000).toString('base64');
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
    const claude = modelOf('anthropic', 'claude-sonnet-4-5', 200_000);
    for (const content of [
      [image],
      [{ type: 'tool_result', tool_use_id: 'a', content: [image] }],
    ]) {
      const measure = measured('anthropic', { messages: [{ role: 'user', content }] });
      const most = measure.mostTokens(claude) ?? Infinity;
      assert.ok(most >= 1_590 && most < 1_900, String(most));
    }
  });

  test('at a URL, it is the most that a picture has', () => {
    const measure = measured('openai', chat('https://example.com/cat.png'));
    const most = measure.mostTokens(model) ?? 0;
    assert.ok(most >= 85 + 8 * 170 && most < 2_000, String(most));
    // Others take documents there, too.
    const other = modelOf('gemini', 'gemini-2.5-flash', 1_000_000);
    assert.equal(measure.mostTokens(other), 1_000_000);
  });

  test('of an unknown format, it is the most that a picture has', () => {
    const url = base64(Buffer.alloc(9_000, 'no picture'), 'image/png');
    const most = measured('openai', chat(url)).mostTokens(model) ?? 0;
    assert.ok(most >= 85 + 8 * 170 && most < 2_000, String(most));
    const unknown = modelOf('other', 'mine');
    assert.ok((measured('openai', chat(url)).mostTokens(unknown) ?? 0) >= 16_384);
    const film = base64(Buffer.alloc(9_000, 'no picture'), 'video/mp4');
    assert.equal(measured('openai', chat(film)).mostTokens(unknown), undefined);
  });

  test('six hundred large files that never tell their size take little time', () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      Buffer.alloc(40_000, 'ffe00002', 'hex'),
    ]);
    const url = base64(bytes, 'image/jpeg');
    const content = Array(600).fill({ type: 'image_url', image_url: { url } });
    const before = process.cpuUsage();
    measured('openai', { messages: [{ role: 'user', content }] });
    assert.ok(process.cpuUsage(before).user < 2_000_000);
  });
});

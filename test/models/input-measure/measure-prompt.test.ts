/** Files in a chat are measured as the same files in a request under `/v1/`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileKind, PromptFile, Reads } from '../../../src/core/files.ts';
import { readsOf } from '../../../src/models/abilities.ts';
import { measurePrompt } from '../../../src/models/input-measure/measure-prompt.ts';
import { measureRequest } from '../../../src/models/input-measure/measure-request.ts';
import type { MeasuredModel } from '../../../src/models/input-measure/measured-model.ts';
import { promptBody } from '../../../src/models/prompt/prompt-body.ts';
import { pdf, pdfLine, png } from '../../support/sample-files.ts';

const PAPER = pdf({ pages: [pdfLine('Hello'), pdfLine('you')] });

function file(kind: FileKind, content: Buffer, more: Partial<PromptFile> = {}): PromptFile {
  return {
    id: kind,
    name: `${kind}.x`,
    kind,
    mediaType: { picture: 'image/png', pdf: 'application/pdf', text: '', document: '' }[kind],
    bytes: content.length,
    width: undefined,
    height: undefined,
    pages: undefined,
    textBytes: undefined,
    text: '',
    read: async function* () {
      yield content;
    },
    ...more,
  };
}

const FILES = [
  file('picture', png(900, 700), { width: 900, height: 700 }),
  file('pdf', PAPER, { pages: 2, text: 'Hello\nyou' }),
  file('text', Buffer.from('a;b'), { text: 'a;b' }),
];
const PROMPT = {
  systemPrompt: 'Be brief.',
  turns: [{ content: 'Look', reply: 'I see', files: FILES.slice(0, 1) }],
  files: FILES,
};

const model = (kind: 'openai' | 'anthropic', upstreamModel: string, reads: readonly Reads[]) =>
  ({ kind, upstreamModel, contextTokens: 128_000, reads }) satisfies MeasuredModel;

for (const [measured, family] of [
  [model('openai', 'gpt-4o', ['image', 'pdf']), 'openai'],
  [model('anthropic', 'claude-sonnet-4-5', ['image', 'pdf']), 'anthropic'],
] as const) {
  test(`${measured.upstreamModel} is given and measured the same`, async () => {
    const reads = measured.reads;
    const body = await promptBody(family, { content: 'Well?', promptContext: PROMPT }, reads);
    // What was written by pieces is JSON, and has the files.
    const json = JSON.parse(body.json.toString('utf8'));
    assert.equal(JSON.stringify(json).split(PAPER.toString('base64')).length, 2);
    assert.equal(JSON.stringify(json).split(png(900, 700).toString('base64')).length, 3);
    const { RequestBody } = await import('../../../src/models/request-body/request-body.ts');
    const there = await measureRequest(family, new RequestBody(body.json, json)).count(measured);
    const here = await measurePrompt(PROMPT, 'Well?').count(measured);
    // Roles and the like are counted there, and nothing else.
    const difference = there.tokens - here.tokens;
    assert.ok(Math.abs(difference) <= 60, `${difference}`);
    assert.equal(here.mostTokens, there.mostTokens);
  });
}

test('a model that reads only text is given text, with a bound of its bytes', async () => {
  const blind = model('openai', 'gpt-3.5-turbo', []);
  const measure = measurePrompt(PROMPT, 'Well?');
  const most = measure.mostTokens(blind) ?? Infinity;
  assert.ok(most < 600, `${most}`);
  assert.ok((await measure.count(blind)).mostTokens <= most);
  const { value } = await promptBody('openai', { content: 'Well?', promptContext: PROMPT }, []);
  const { messages } = value as { messages: { content: string }[] };
  assert.equal(
    messages.at(-1)?.content,
    '[The picture "picture.x" is not shown to this model.]\n\n' +
      '<file name="pdf.x">\nHello\nyou\n</file>\n\n<file name="text.x">\na;b\n</file>\n\nWell?',
  );
});

test('what models read is known by their names, and said by their entries', () => {
  const of = (kind: 'openai' | 'anthropic' | 'ollama', upstreamModel: string) =>
    readsOf({ kind, upstreamModel, contextTokens: 1_000, reads: undefined }).join();
  assert.equal(of('openai', 'gpt-4o'), 'image,pdf');
  assert.equal(of('openai', 'gpt-3.5-turbo'), '');
  assert.equal(of('openai', 'gpt-4o-audio-preview'), '');
  assert.equal(of('openai', 'o3-mini'), '');
  assert.equal(of('anthropic', 'claude-sonnet-4-5'), 'image,pdf');
  assert.equal(of('ollama', 'qwen2.5vl:7b'), 'image');
  assert.equal(of('ollama', 'llama3.2-vision'), 'image');
  assert.equal(of('ollama', 'llama3.1'), '');
  const local = { kind: 'ollama', upstreamModel: 'x', contextTokens: undefined } as const;
  assert.deepEqual(readsOf({ ...local, reads: ['image', 'pdf'] }), ['image']);
});

/** The pages of a PDF file are what it costs at least; they are counted in the thread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { pdfPages } from '../../../src/models/input-measure/pdf-pages.ts';
import { base64, measured, modelOf } from './inputs.ts';

const CLAUDE = modelOf('anthropic', 'claude-sonnet-4-5', 200_000);

function plainPdf(pages: number): Buffer {
  const page = '5 0 obj << /Type /Page /Parent 2 0 R >> endobj\n';
  const tree = '2 0 obj << /Type /Pages /Kids [5 0 R] >> endobj\n';
  return Buffer.from(`%PDF-1.4\n${tree}${page.repeat(pages)}%%EOF`);
}

function objectStream(text: string): Buffer {
  const data = deflateSync(Buffer.from(text));
  const head = Buffer.from(`7 0 obj << /Type /ObjStm /Filter /FlateDecode >>\nstream\r\n`);
  return Buffer.concat([head, data, Buffer.from('\nendstream endobj\n')]);
}

test('pages are counted, also compressed ones, and there is always one', () => {
  assert.equal(pdfPages(plainPdf(3)), 3);
  const stream = objectStream(`<</Type/Pages>>${'<</Type/Page/Parent 2 0 R>>'.repeat(5)}`);
  assert.equal(pdfPages(Buffer.concat([plainPdf(1), stream, stream])), 11);
  assert.equal(pdfPages(Buffer.from('%PDF-1.4')), 1);
  assert.equal(pdfPages(Buffer.concat([plainPdf(1), stream.subarray(0, 60)])), 1);
});

test('an edited file has its pages once', () => {
  const edited = Buffer.concat([plainPdf(2), plainPdf(2), Buffer.from('<< /Kids [] /Count 2 >>')]);
  assert.equal(pdfPages(edited), 2);
});

test('a file that inflates without end is counted as far as is known', () => {
  const bomb = objectStream('/Type /Page '.repeat(4_000_000));
  const stream = objectStream('/Type /Page ');
  assert.ok(bomb.length < 300_000);
  assert.ok(pdfPages(Buffer.concat([bomb, stream, bomb])) <= 2);
  assert.equal(pdfPages(Buffer.from('/ObjStm stream'.repeat(5_000))), 1);
});

test('what a request with PDFs costs at least follows from their pages', async () => {
  const source = (pages: number, more = 0) => ({
    type: 'base64',
    media_type: 'application/pdf',
    data: Buffer.concat([plainPdf(pages), Buffer.alloc(more)]).toString('base64'),
  });
  const content = [
    { type: 'document', source: source(3) },
    { type: 'document', source: source(10, 200_000) },
  ];
  const measure = measured('anthropic', { messages: [{ role: 'user', content }] });
  assert.equal(measure.mostTokens(CLAUDE), 200_000);
  assert.ok((await measure.estimate(CLAUDE)) > 10_000, 'by its size');
  const { tokens, leastTokens, mostTokens } = await measure.count(CLAUDE);
  assert.equal(leastTokens, 13 * 1_500);
  assert.ok(tokens >= 13 * 2_300 && tokens < 13 * 2_300 + 100, String(tokens));
  assert.equal(mostTokens, 200_000);
  assert.ok((await measure.estimate(CLAUDE)) >= 13 * 2_300);
});

test('also in a data URL', async () => {
  const file_data = base64(plainPdf(4), 'application/pdf');
  const part = { type: 'input_file', filename: 'a.pdf', file_data };
  const measure = measured('openai', { input: [{ role: 'user', content: [part] }] });
  const model = modelOf('openai', 'gpt-5', 400_000);
  const { leastTokens, mostTokens } = await measure.count(model);
  // And its name.
  assert.ok(leastTokens >= 1_000 && leastTokens < 1_020, String(leastTokens));
  assert.equal(mostTokens, 400_000);
});

/** A form is sent on with every byte of its files, and read as one parser reads it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormBody } from '../../../src/models/request-body/form-body.ts';

const LONG = Buffer.from('\r\n--\r\n\r\n--b\0\xff'.repeat(1_000), 'latin1');
const SHORT = Buffer.from([0xff, 0, 13, 10, 0x80]);

async function encoded(form: FormData): Promise<[Buffer, string]> {
  const response = new Response(form);
  const type = response.headers.get('content-type') ?? '';
  return [Buffer.from(await response.arrayBuffer()), type];
}

function decoded({ contentType, parts }: Awaited<ReturnType<FormBody['with']>>): Promise<FormData> {
  const headers = { 'content-type': contentType };
  return new Response(new Uint8Array(Buffer.concat(parts)), { headers }).formData();
}

test('fields and files come out as they went in, but for those that are set', async () => {
  const sent = new FormData();
  sent.append('file', new File([LONG], 'ä "b"\n.wav', { type: 'audio/wav' }));
  sent.append('model', 'mine');
  sent.append('prompt', 'ä'.repeat(9_000));
  sent.append('list[]', 'x');
  sent.append('list[]', '');
  sent.append('other', new File([SHORT], 'c'));
  const form = await FormBody.from(...(await encoded(sent)));
  assert.ok(form);
  const fields = await form.fields();
  assert.deepEqual(
    fields.map(({ name, content }) => [name, content.length]),
    [
      ['file', LONG.length],
      ['model', 4],
      ['prompt', 18_000],
      ['list[]', 1],
      ['list[]', 0],
      ['other', 5],
    ],
  );
  // Twice, since a provider may be asked again.
  for (const model of ['first', 'second']) {
    const got = await decoded(await form.with({ model }));
    assert.deepEqual([...got.keys()], [...sent.keys()]);
    assert.equal(got.get('model'), model);
    assert.equal(got.get('prompt'), 'ä'.repeat(9_000));
    const files = [got.get('file'), got.get('other')] as File[];
    const [long, short] = await Promise.all(files.map((it) => it.arrayBuffer()));
    assert.deepEqual(Buffer.from(long ?? new ArrayBuffer()), LONG);
    assert.deepEqual(Buffer.from(short ?? new ArrayBuffer()), SHORT);
    assert.equal(files[0]?.name, 'ä "b"\n.wav');
    assert.equal(files[0]?.type, 'audio/wav');
  }
});

test('what is no form, or has too many parts, is refused', async () => {
  const head = 'Content-Disposition: form-data; name="a"\r\n\r\n';
  const part = `--b\r\n${head}x\r\n`;
  const type = 'multipart/form-data; boundary=b';
  const isForm = async (body: string, its = type) =>
    (await FormBody.from(Buffer.from(body), its)) !== undefined;
  assert.ok(await isForm(`${part.repeat(100)}--b--\r\n`));
  assert.ok(!(await isForm(`${part.repeat(101)}--b--\r\n`)));
  assert.ok(!(await isForm(`${part}--b--\r\n`, 'multipart/form-data')));
  const malformed = ['', '--b', part, `--b\r\n${head}`, `${part}--c--`, `x${part}--b--`];
  for (const body of malformed) assert.ok(!(await isForm(body)), JSON.stringify(body));
});

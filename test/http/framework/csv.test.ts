import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { sendCsv } from '../../../src/http/framework/csv.ts';

/** A cell as it is in the file. */
async function written(cell: string | number | null): Promise<string> {
  const app = Fastify();
  app.get('/', (_request, reply) => sendCsv(reply, 'file', ['a'], [{ a: cell }]));
  const { body } = await app.inject('/');
  await app.close();
  return body.slice('a\r\n'.length, -'\r\n'.length);
}

test('no text is a formula in a spreadsheet', async () => {
  for (const start of ['=', '+', '-', '@', '＝', '＋', '－', '＠', ' =', '\u3000＝', '\u00a0@']) {
    assert.equal(await written(`${start}1+1`), `'${start}1+1`);
  }
  for (const start of ['\n=', '\r=', '\t=', '\n', '\r', '\t', '\r\n\t ＝']) {
    assert.equal(await written(`${start}1`), `"'${start}1"`);
  }
});

test('a separator within text does not begin another cell, whichever the spreadsheet uses', async () => {
  assert.equal(await written('a;=1+1'), '"a;=1+1"');
  assert.equal(await written('a\t=1+1'), '"a\t=1+1"');
  assert.equal(await written('a,"=1+1'), '"a,""=1+1"');
});

test('numbers and other text stay as they are', async () => {
  assert.equal(await written(-5), '-5');
  assert.equal(await written(null), '');
  assert.equal(await written('a=1'), 'a=1');
});

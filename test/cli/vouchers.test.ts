/** `chit vouchers`: made, listed, printed and ended at the command line. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query, storingNothing } from '../support/database.ts';
import { postJson } from '../support/http.ts';
import { newUser, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let access: string;

before(async () => {
  server = await startServer();
  ({ access } = await newUser(server.url, 'alice'));
});
after(() => server.stop());

const chit = (args: readonly string[]) => runCommand(server.folder, ['vouchers', ...args]);

test('a batch is made once for its key, printed, redeemed and ended', async () => {
  const args = ['create', 'Winter', '--codes', '3', '--tokens', '40', '--idempotency-key', 'k'];
  const made = assertDone(await chit(args));
  const [, id = ''] = /^Made: 3 vouchers, (\S+)/m.exec(made) ?? [];
  assert.match(assertDone(await chit(args)), new RegExp(`^Made before: 3 vouchers, ${id}`, 'm'));
  assert.equal((await query(server.folder, 'SELECT id FROM voucher_batches')).length, 1);
  const [title, ...codes] = assertDone(await chit(['sheet', id]))
    .trimEnd()
    .split('\n');
  assert.equal(title, 'Winter: 40 tokens');
  assert.equal(codes.length, 3);
  const url = `${server.url}/api/vouchers/redeem/`;
  assert.equal((await postJson(url, { code: codes[1] }, access)).status, 200);
  const sheet = assertDone(await chit(['sheet', id, '--json']))
    .trimEnd()
    .split('\n');
  assert.deepEqual(
    sheet.map((it) => (JSON.parse(it) as { redeemed_by: string[] }).redeemed_by),
    [[], ['alice'], []],
  );
  const [batch] = assertDone(await chit(['list', '--json']))
    .trimEnd()
    .split('\n');
  const { redeemed, tokens, ended_at } = JSON.parse(batch ?? '') as Record<string, unknown>;
  assert.deepEqual([redeemed, tokens, ended_at], [1, 40, null]);
  assert.match(assertDone(await chit(['end', id])), /"Winter" is over\..*1 time\./);
  assert.equal((await postJson(url, { code: codes[0] }, access)).status, 410);
  assert.match(assertDone(await chit(['list'])), /Winter +40 tokens +3 +1 +never +ended/);
});

test('what is no batch is refused, and nothing is stored', async () => {
  const one = ['create', 'x', '--codes', '1'];
  await storingNothing(server.folder, async () => {
    assertFailed(await chit(one), 1, /--tokens: Give tokens, or a plan and days/);
    assertFailed(await chit([...one, '--plan', 'p', '--days', '3']), 1, /There is no such plan/);
    const past = ['--tokens', '1', '--expires', '2020-01-01T00:00:00Z'];
    assertFailed(await chit([...one, ...past]), 1, /--expires: This time must be in the future/);
    assertFailed(await chit([...one, '--tokens', '1.5']), 2, /whole number from 1/);
    assertFailed(await chit(['create', 'x', '--codes', '10001', '--tokens', '1']), 2, /to 10000/);
    assertFailed(await chit(['sheet', 'none']), 1, /There is no batch with this id/);
    assertFailed(await chit(['end', 'none']), 1, /There is no batch with this id/);
  });
});

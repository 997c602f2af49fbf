/** The statement of an account: every transfer and the balance after it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runCommand } from '../../support/command-runner.ts';
import { getWith, postJson, send } from '../../support/http.ts';
import { newUser } from '../../support/server.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

interface Line {
  readonly id: string;
  readonly kind: string;
  readonly amount: number;
  readonly balance_after: number;
  readonly model: string | null;
  readonly usage: object | null;
  readonly reason: string | null;
  readonly message_id: string | null;
  readonly conversation: { readonly id: string; readonly title: string } | null;
  readonly timestamp: string;
}

interface Page {
  readonly results: Line[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

let server: ServerHere;
before(async () => {
  server = await startServerHere();
});
after(() => server.stop());

test('a charge names the conversation of its message, for its user alone', async () => {
  const { access } = await newUser(server.url, 'emmy');
  const made = await postJson(`${server.url}/api/conversations/`, {}, access);
  const { id } = made.json as { id: string };
  const place = `${server.url}/api/conversations/${id}`;
  const sent = await postJson(`${place}/messages/`, { message: 'About rings' }, access);
  const { id: message } = sent.json as { id: string };
  await send(`${server.url}/api/messages/${message}/stream/`, {
    headers: { authorization: `Bearer ${access}` },
  });
  await postJson(`${server.url}/api/chat/`, { message: 'hi' }, access);
  const named = async () => (await page(access)).results.map((it) => it.conversation);
  assert.deepEqual(await named(), [null, { id, title: 'About rings' }, null]);
  await send(`${place}/`, { method: 'DELETE', headers: { authorization: `Bearer ${access}` } });
  assert.deepEqual(await named(), [null, null, null], 'its title is gone with it');
});

test('it shows every kind of transfer, newest first, and adds up', async () => {
  const { access } = await newUser(server.url, 'ada');
  await postJson(`${server.url}/api/chat/`, { message: 'hi' }, access);
  assert.equal((await chit('grant', 'ada', '500', '--reason', 'a gift')).code, 0);
  assert.equal((await chit('grant', 'ada', '-50', '--reason', 'a correction')).code, 0);
  const charge = (await page(access)).results.find(({ kind }) => kind === 'charge');
  assert.equal((await chit('refund', String(charge?.id), '--reason', 'sorry')).code, 0);

  const { results, has_more, next_cursor } = await page(access);
  assert.deepEqual([has_more, next_cursor], [false, null]);
  const shown = results.map(({ kind, amount, balance_after, reason }) => {
    return { kind, amount, balance_after, reason };
  });
  assert.deepEqual(shown, [
    { kind: 'refund', amount: 100, balance_after: 4_450, reason: 'sorry' },
    { kind: 'adjustment', amount: -50, balance_after: 4_350, reason: 'a correction' },
    { kind: 'grant', amount: 500, balance_after: 4_400, reason: 'a gift' },
    { kind: 'charge', amount: -100, balance_after: 3_900, reason: null },
    { kind: 'grant', amount: 4_000, balance_after: 4_000, reason: 'Opening balance' },
  ]);
  assert.equal(charge?.model, 'dummy');
  const usage = { input: null, cached_input: null, output: null, source: 'flat' };
  assert.deepEqual(charge?.usage, usage);
  assert.equal(charge?.message_id, charge?.id);
  assert.equal(results[0]?.message_id, charge?.id);
  for (const { timestamp } of results) assert.ok(timestamp.endsWith('Z'));
  const balance = await getWith(`${server.url}/api/tokens/`, access);
  assert.deepEqual(balance.json, { tokens: 4_450 });
});

test('the statement is paged by a cursor without gaps', async () => {
  const { access } = await newUser(server.url, 'pager');
  for (let chats = 0; chats < 6; chats += 1) {
    await postJson(`${server.url}/api/chat/`, { message: `message ${chats}` }, access);
  }
  const seen: Line[] = [];
  let cursor: string | null = '';
  let pages = 0;
  while (cursor !== null) {
    const next: Page = await page(access, `?limit=3${cursor && `&cursor=${cursor}`}`);
    assert.equal(next.has_more, next.next_cursor !== null);
    assert.ok(next.results.length <= 3);
    seen.push(...next.results);
    cursor = next.next_cursor;
    pages += 1;
    // Transfers booked in between do not shift the next pages.
    if (pages === 1) await postJson(`${server.url}/api/chat/`, { message: 'late' }, access);
  }
  const balances = seen.map(({ balance_after }) => balance_after);
  assert.deepEqual(balances, [3_400, 3_500, 3_600, 3_700, 3_800, 3_900, 4_000]);
});

test('an invalid cursor or limit is refused by name', async () => {
  const { access } = await newUser(server.url, 'curious');
  for (const query of ['?cursor=x', '?limit=-1', '?cursor=1%00']) {
    const answer = await getWith(`${server.url}/api/tokens/history/${query}`, access);
    assert.equal(answer.status, 400, query);
    assert.match(answer.text, /^\{"(cursor|limit)":\["/);
  }
});

test('users see only their own statement, and only with a token', async () => {
  const { access } = await newUser(server.url, 'other');
  const { results } = await page(access);
  const reasons = results.map(({ reason }) => reason);
  assert.deepEqual(reasons, ['Opening balance']);
  assert.equal((await send(`${server.url}/api/tokens/history/`)).status, 401);
});

test('a charge is refunded once, and nothing else is refunded', async () => {
  const { access } = await newUser(server.url, 'refunded');
  await postJson(`${server.url}/api/chat/`, { message: 'hi' }, access);
  const [charge, opening] = (await page(access)).results;
  const refund = (id = '') => chit('refund', id, '--reason', 'sorry');
  assert.equal((await refund(charge?.id)).code, 0);
  const again = await refund(charge?.id);
  assert.deepEqual([again.code, again.stdout], [1, '']);
  assert.match(again.stderr, /already refunded/);
  assert.match((await refund(opening?.id)).stderr, /Only charges of more than 0/);
  assert.match((await refund('no such id')).stderr, /no transfer with this id/);
  const balance = await getWith(`${server.url}/api/tokens/`, access);
  assert.deepEqual(balance.json, { tokens: 4_000 });
});

test('an adjustment takes no more than the balance', async () => {
  const { access } = await newUser(server.url, 'taken');
  const taken = await chit('grant', 'taken', '-4001', '--reason', 'too much');
  assert.deepEqual([taken.code, taken.stdout], [1, '']);
  assert.match(taken.stderr, /Only 4000 tokens can be taken/);
  assert.equal((await chit('grant', 'taken', '-4000', '--reason', 'all')).code, 0);
  assert.deepEqual((await getWith(`${server.url}/api/tokens/`, access)).json, { tokens: 0 });
});

test('a grant that is repeated with its idempotency key is booked once', async () => {
  const { access } = await newUser(server.url, 'granted');
  const grant = (amount: string) =>
    chit('grant', 'granted', amount, '--reason', 'monthly', '--idempotency-key', '2026-11');
  assert.match((await grant('100')).stdout, /was granted 100 tokens and has 4100/);
  assert.match((await grant('100')).stdout, /was granted before: 100 tokens and has 4100/);
  const other = await grant('200');
  assert.equal(other.code, 1);
  assert.match(other.stderr, /used for another grant/);
  assert.deepEqual((await getWith(`${server.url}/api/tokens/`, access)).json, { tokens: 4_100 });
});

test('chit ledger show prints the statement', async () => {
  const { access } = await newUser(server.url, 'shown');
  await postJson(`${server.url}/api/chat/`, { message: 'hi' }, access);
  const table = await chit('ledger', 'show', 'shown');
  assert.match(
    table.stdout,
    /^time +kind +amount +balance +model +usage +no price +by +reason +id$/m,
  );
  assert.match(table.stdout, /charge +-100 +3900 +dummy +system/);
  const lines = (await chit('ledger', 'show', 'shown', '--json')).stdout.trim().split('\n');
  const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
  assert.deepEqual(kinds, ['charge', 'grant']);
  assert.equal((await chit('ledger', 'verify')).code, 0);
});

async function page(access: string, query = ''): Promise<Page> {
  const answer = await getWith(`${server.url}/api/tokens/history/${query}`, access);
  assert.equal(answer.status, 200, answer.text);
  return answer.json as Page;
}

function chit(...args: string[]) {
  return runCommand(server.folder, args);
}

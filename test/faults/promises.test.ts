/** What Chit promises of a balance, over real HTTP against the real server on a fresh file. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { query } from '../support/database.ts';
import { type Answer, getWith, postJson } from '../support/http.ts';
import { newUser, runChit, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

test('100 concurrent chats from an account that can pay 40: 40 answered, 60 refused', async () => {
  const { access } = await newUser(server.url, 'forty');
  const answers = await chatAtOnce(access, 100);
  const refused = answers.filter(({ status }) => status === 400);
  assert.equal(answers.filter(({ status }) => status === 200).length, 40);
  assert.equal(refused.length, 60);
  for (const { json } of refused) assert.deepEqual(json, { error: 'Insufficient tokens' });
  assert.deepEqual(await balance(access), { tokens: 0 });
  assert.deepEqual(await countsOf('forty'), { messages: 40, charges: 40, charged: -4000, open: 0 });
});

test('200 concurrent chats with enough balance: each is answered and charged', async () => {
  const { access } = await newUser(server.url, 'plenty');
  const granted = await runChit(server.folder, ['grant', 'plenty', '50000', '--reason', 'test']);
  assert.equal(granted.code, 0, granted.stderr);
  const answers = await chatAtOnce(access, 200);
  assert.equal(answers.filter(({ status }) => status === 200).length, 200);
  assert.deepEqual(await balance(access), { tokens: 54_000 - 200 * 100 });
  assert.deepEqual(await countsOf('plenty'), {
    messages: 200,
    charges: 200,
    charged: -20_000,
    open: 0,
  });
});

test('20 concurrent sign-ups with one name: one account, nineteen refusals', async () => {
  const body = { username: 'only one', password: 'Pa55word!x' };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => postJson(`${server.url}/api/register/`, body)),
  );
  const refused = answers.filter(({ status }) => status === 400);
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(refused.length, 19);
  for (const { json } of refused) assert.deepEqual(json, { error: 'Username already exists' });
  assert.equal((await countsOf('only one'))?.messages, 0);
});

test('the ledger verifies after all of that', async () => {
  const verified = await runChit(server.folder, ['ledger', 'verify']);
  assert.equal(verified.code, 0, verified.stderr);
  assert.match(verified.stdout, /Everything agrees/);
});

function chatAtOnce(access: string, count: number): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      postJson(`${server.url}/api/chat/`, { message: `message ${index}` }, access),
    ),
  );
}

async function balance(access: string): Promise<unknown> {
  return (await getWith(`${server.url}/api/tokens/`, access)).json;
}

/** A user's rows, read directly from the database. */
async function countsOf(username: string) {
  const [row] = await query(
    server.folder,
    `SELECT (SELECT count(*) FROM messages WHERE user_id = u.id AND status = 'complete')
        AS messages,
      (SELECT count(*) FROM transfers WHERE account_id = u.id AND kind = 'charge') AS charges,
      (SELECT coalesce(sum(credits), 0) FROM transfers
        WHERE account_id = u.id AND kind = 'charge') AS charged,
      (SELECT count(*) FROM holds WHERE account_id = u.id AND state = 'open') AS open
    FROM users u WHERE username = ?`,
    username,
  );
  return row;
}

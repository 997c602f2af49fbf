/** A database that only reads: not ready, nothing charged, and well again by itself. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { getWith, send } from '../support/http.ts';
import { type OwnPostgres, startOwnPostgres } from '../support/postgres.ts';
import { newUser, startServer, type TestServer } from '../support/server.ts';

let postgres: OwnPostgres;
let server: TestServer;
before(async () => {
  postgres = await startOwnPostgres();
  server = await startServer({ CHIT_DATABASE_URL: await postgres.newDatabase() });
});
after(async () => {
  await server.stop();
  await postgres.stop();
});

test('503 with Retry-After for readiness and chats until it can be written again', async () => {
  const { access } = await newUser(server.url, 'reader');
  const balance = async () => (await getWith(`${server.url}/api/tokens/`, access)).json;
  const chat = () =>
    send(`${server.url}/api/chat/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'Hello' }),
    });
  const ready = () => send(`${server.url}/readyz`);
  assert.equal((await ready()).status, 200);
  assert.equal((await chat()).status, 200);
  const before = await balance();

  await set('ALTER SYSTEM SET default_transaction_read_only = on');
  await until(async () => (await ready()).status === 503);
  const refused = await chat();
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers['retry-after']) > 0);
  assert.deepEqual(await balance(), before);

  await set('ALTER SYSTEM RESET default_transaction_read_only');
  await until(async () => (await ready()).status === 200);
  assert.equal((await chat()).status, 200);
});

async function set(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(statement);
  await client.query('SELECT pg_reload_conf()');
  await client.end();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let turns = 0; !(await isSo()); turns += 1) {
    assert.ok(turns < 100, 'it takes too long');
  }
}

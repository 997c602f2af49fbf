/** Three servers on one PostgreSQL. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { type Answer, send } from '../support/http.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { script } from '../support/scripted-model.ts';
import { newFolder, newUser, runChit, startServer, type TestServer } from '../support/server.ts';

const SCRIPTED = join(import.meta.dirname, '../support/scripted-server.ts');

let postgres: TestPostgres;
let database: OpenDatabase;
let settings: Record<string, string>;
const servers: TestServer[] = [];

before(async () => {
  postgres = await startPostgres();
  const url = await postgres.newDatabase();
  settings = { CHIT_DATABASE_URL: url, CHIT_LEASE_SECONDS: '3' };
  for (let server = 0; server < 3; server += 1) {
    servers.push(await startServer(settings, newFolder(), [SCRIPTED, '100']));
  }
  database = openDatabase(url);
});
after(async () => {
  await database.close();
  for (const server of servers) await server.stop();
  await postgres.stop();
});

test('100 concurrent chats spread over the servers, 40 affordable: exactly 40 answered', async () => {
  const { access } = await newUser(urlOf(0), 'forty');
  const untilNotBusy = async (index: number): Promise<Answer> => {
    const answer = await chat(index % 3, access, `message ${index}`);
    return answer.status === 503 ? untilNotBusy(index) : answer;
  };
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => untilNotBusy(index)));
  const refused = answers.filter(({ status }) => status === 400);
  assert.equal(answers.filter(({ status }) => status === 200).length, 40);
  assert.equal(refused.length, 60);
  for (const { json } of refused) assert.deepEqual(json, { error: 'Insufficient tokens' });
  assert.deepEqual(await accountOf('forty'), { posted: 0, held: 0, transfer_count: 41 });
});

test('one key sent to all three at once: one charge, one call to the model', async () => {
  const { access } = await newUser(urlOf(1), 'keyed');
  for (let round = 1; round <= 5; round += 1) {
    const content = script({ note: `round ${round}` }, { waitMs: 30 }, { say: 'once' });
    const sent = Array.from({ length: 9 }, (_, index) =>
      chat(index % 3, access, content, `key ${round}`),
    );
    const answers = await Promise.all(sent);
    assert.ok(answers.some(({ status }) => status === 200));
    for (const { status } of answers) assert.ok(status === 200 || status === 409, String(status));
    const { posted } = await accountOf('keyed');
    assert.equal(posted, 4_000 - round * 100);
    const messages = await database.kysely
      .selectFrom('messages')
      .select('id')
      .where('content', '=', content)
      .execute();
    assert.equal(messages.length, 1, 'the model was called once');
  }
});

test('one of them is killed: the others settle what it had started, once', async () => {
  const { access } = await newUser(urlOf(2), 'bereft');
  const begun = [
    script({ note: 'nothing came' }, { hang: true }),
    script({ note: 'some came' }, { say: 'word '.repeat(500) }, { hang: true }),
  ];
  const broken = begun.map((content) => assert.rejects(chat(2, access, content)));
  await until(async () => {
    const pieces = await database.kysely.selectFrom('journal').selectAll().execute();
    return (await accountOf('bereft')).held === 200 && pieces.length === 1;
  });
  await servers[2]?.kill();
  await Promise.all(broken);
  await until(async () => (await accountOf('bereft')).held === 0);
  assert.deepEqual(await accountOf('bereft'), { posted: 3_900, held: 0, transfer_count: 2 });
  const dead = servers.pop();
  rmSync(dead?.folder ?? '', { recursive: true, force: true });
  servers.push(await startServer(settings, newFolder(), [SCRIPTED, '100']));
});

test('the ledger verifies after all of that', async () => {
  const verified = await runChit(servers[0]?.folder ?? '', ['ledger', 'verify'], { settings });
  assert.equal(verified.code, 0, verified.stderr);
});

function urlOf(server: number): string {
  return servers[server]?.url ?? '';
}

function chat(server: number, access: string, message: string, key?: string): Promise<Answer> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${access}`,
    'content-type': 'application/json',
  };
  if (key) headers['idempotency-key'] = key;
  const body = JSON.stringify({ message });
  return send(`${urlOf(server)}/api/chat/`, { method: 'POST', headers, body });
}

function accountOf(username: string) {
  return database.kysely
    .selectFrom('accounts')
    .innerJoin('users', 'users.id', 'accounts.id')
    .select(['posted', 'held', 'transfer_count'])
    .where('username', '=', username)
    .executeTakeFirstOrThrow();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 60_000; !(await isSo()); ) {
    assert.ok(Date.now() < endMs, 'it took too long');
    await sleep(50);
  }
}

/** `chit serve --workers`: several processes on one port, on PostgreSQL. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { assertFailed } from '../support/cli.ts';
import { Talker, textOf } from '../support/conversations.ts';
import { postJson, send } from '../support/http.ts';
import { startPostgres } from '../support/postgres.ts';
import { newFolder, newUser, runChit, startServerFor, type TestServer } from '../support/server.ts';
import { isWhole, startStreamingProvider } from '../support/streaming-provider.ts';

test('SQLite refuses them, with what to do', async () => {
  const settings = { CHIT_DATABASE_URL: 'sqlite:./data/chit.db' };
  const refused = await runChit(newFolder(), ['serve', '--workers', '2'], { settings });
  assertFailed(refused, 1, /^2 workers need PostgreSQL: .*CHIT_WORKERS to 1\./);
  const odd = await runChit(newFolder(), ['serve', '--workers', 'two'], { settings });
  assertFailed(odd, 2, /"two" is not a whole number from 1 to 256/);
});

test('two workers answer on one port; one that is killed is replaced, and nothing is lost', async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres.stop());
  const databaseUrl = await postgres.newDatabase();
  const settings = { CHIT_DATABASE_URL: databaseUrl, CHIT_WORKERS: '2' };
  const provider = await startStreamingProvider();
  t.after(() => provider.close());
  const folder = newFolder();
  const write = (perMessage: number) => {
    const models = ['fast', 'slow'].map((name) => ({ name, provider: 'p', price: { perMessage } }));
    const providers = { p: { wire: 'openai', baseUrl: `${provider.url}/v1` } };
    writeFileSync(join(folder, 'chit.json'), JSON.stringify({ providers, models }));
  };
  write(10);
  const server = await startServerFor(t, settings, folder);
  const { access } = await newUser(server.url, 'ada');
  // Before the workers have seen who she is, which they remember for a second.
  await makeSuperuser(databaseUrl, 'ada');
  const pids = await workersOf(server, 2);

  // Whichever worker it reaches, a reader gets the reply that one of them streams.
  const talker = new Talker(server.url, access);
  const { id: conversation } = await talker.begin();
  const { json } = await talker.say(conversation, 'Hello', { model: 'slow' });
  const { id } = json as { id: string };
  const begun = await Promise.all(
    Array.from({ length: 4 }, () => talker.follow(id, { events: 1 })),
  );
  const following = Array.from({ length: 4 }, () => talker.follow(id));
  provider.finish();
  for (const events of await Promise.all(following)) assert.ok(isWhole(textOf(events)));
  assert.equal(begun.length, 4);

  write(20);
  server.process.kill('SIGHUP');
  await rereads(server, 2);
  // What the operator asks one of them to do, the others do as well.
  write(30);
  const asked = await postJson(`${server.url}/api/admin/deployment/reread/`, {}, access);
  assert.equal(asked.status, 200, asked.text);
  await rereads(server, 4);
  process.kill(Number(pids[0]), 'SIGKILL');
  const costs = await Promise.all(Array.from({ length: 8 }, () => costOf(server, access)));
  assert.ok(costs.filter((it) => it === 30).length >= 4, String(costs));
  assert.equal((await workersOf(server, 3)).length, 3);
  assert.match(server.output(), /Worker \d+ ended \(SIGKILL\)\. Another one starts in 100 ms\./);

  const ended = once(server.process, 'exit');
  server.process.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  await assert.rejects(send(`${server.url}/healthz`), /ECONNREFUSED/);
  const verified = await runChit(folder, ['ledger', 'verify'], { settings });
  assert.equal(verified.code, 0, verified.stdout);
});

/** Resolves when `chit.json` was read again so many times, by all together. */
async function rereads(server: TestServer, count: number): Promise<void> {
  while (server.output().split('chit.json was read again').length <= count) await sleep(10);
}

async function makeSuperuser(databaseUrl: string, username: string): Promise<void> {
  const database = openDatabase(databaseUrl);
  await database.kysely
    .updateTable('users')
    .set({ is_staff: 1, is_superuser: 1 })
    .where('username', '=', username)
    .execute();
  await database.close();
}

/** The process ids of so many workers that have listened, those that have ended included. */
async function workersOf(server: TestServer, count: number): Promise<string[]> {
  for (;;) {
    const lines = server.output().matchAll(/"pid":(\d+).*Server listening at/g);
    const pids = [...new Set([...lines].map(([, pid]) => pid ?? ''))];
    if (pids.length >= count) return pids;
    await sleep(10);
  }
}

/** What a chat cost; 0 if the worker that it reached was being killed. */
async function costOf(server: TestServer, access: string): Promise<number> {
  const body = { message: 'Hello', stream: true };
  const { text } = await postJson(`${server.url}/api/chat/`, body, access).catch(() => ({
    text: '',
  }));
  return Number(/"cost":(\d+)/.exec(text)?.[1] ?? 0);
}

/** Another process holds the write lock of the SQLite file. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import { newId } from '../../src/app/ids.ts';
import { serverFor } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { hasCode } from '../../src/core/errors.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { SqliteLedgerEngine } from '../../src/ledger/sqlite/engine.ts';
import { UserStore } from '../../src/store/accounts/users.ts';
import type { Database } from '../../src/store/database/schema.ts';
import { SqliteConnection } from '../../src/store/database/sqlite-connection.ts';
import { sqliteDialect } from '../../src/store/database/sqlite-driver.ts';
import { isDatabaseUnavailable } from '../../src/store/database/unavailable.ts';
import { faultsOf, newAccount, openTestChit } from '../support/chit.ts';
import { getWith, postJson, send } from '../support/http.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, runChit, SECRET_KEY } from '../support/server.ts';

/** Beside how long an answer takes on this machine where nothing is locked. */
const FAST_MS = 50;
const ASKED_AT_LEAST = 20;
const TICK_MS = 10;

/** A second connection to the file, as another process has it. */
function otherProcess(path: string): { lock(): void; unlock(): void; close(): void } {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  return {
    lock: () => db.exec('BEGIN IMMEDIATE'),
    unlock: () => db.exec('ROLLBACK'),
    close: () => db.close(),
  };
}

/** A connection of ours and one of another process, to a new file. */
function openConnection(t: TestContext, options: { busyForMs: number }) {
  const folder = newFolder();
  const path = `${folder}/chit.db`;
  const connection = new SqliteConnection(path, options);
  const other = otherProcess(path);
  t.after(() => {
    connection.close();
    other.close();
    rmSync(folder, { recursive: true });
  });
  return { connection, other, path };
}

async function startOn(t: TestContext) {
  const folder = newFolder();
  const path = `${folder}/data/chit.db`;
  const model = scriptedModel(flatPrice(100));
  const chit = await openTestChit(`sqlite:${path}`, model);
  const { config } = loadConfig({ CHIT_SECRET_KEY: SECRET_KEY, CHIT_LOG_LEVEL: 'silent' }, 'none');
  const server = await serverFor(chit, config);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const other = otherProcess(path);
  t.after(async () => {
    await server.close();
    await chit.close();
    other.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, url, chit, other, model };
}

test('while another process writes, the server answers what needs no writing, and waits for the rest', async (t) => {
  const { folder, url, chit, other } = await startOn(t);
  const { access } = await newUser(url, 'ada');
  await getWith(`${url}/api/tokens/`, access);
  const alive = async () => {
    const startedMs = performance.now();
    assert.equal((await send(`${url}/healthz`)).status, 200);
    return performance.now() - startedMs;
  };
  const usual = async () => {
    const all: number[] = [];
    while (all.length < ASKED_AT_LEAST) all.push(await alive());
    return median(all);
  };
  const beforeMs = await usual();
  other.lock();
  const writes = [
    ...[1, 2, 3].map((it) => postJson(`${url}/api/chat/`, { message: `${it}` }, access)),
    postJson(`${url}/api/conversations/`, {}, access),
    postJson(`${url}/api/register/`, { username: 'bob', password: 'Pa55word!x' }),
  ];
  let isOver = false;
  const unlock = sleep(1_000).then(() => {
    isOver = true;
    other.unlock();
  });
  const tookMs: number[] = [];
  while (!isOver) {
    tookMs.push(await alive());
    assert.equal((await getWith(`${url}/api/tokens/`, access)).status, 200);
    await sleep(5);
  }
  await unlock;
  const statuses = (await Promise.all(writes)).map(({ status }) => status);
  const mostMs = FAST_MS + 5 * Math.max(beforeMs, await usual());
  assert.ok(tookMs.length > 0 && median(tookMs) < mostMs, `${median(tookMs)} ms`);
  assert.deepEqual(statuses, [200, 200, 200, 201, 201]);
  assert.deepEqual((await getWith(`${url}/api/tokens/`, access)).json, { tokens: 3_700 });
  assert.deepEqual(await faultsOf(chit), []);

  const settings = { CHIT_DATABASE_URL: 'sqlite:./data/chit.db' };
  const grant = ['grant', 'ada', '5', '--reason', 'a gift'];
  const granted = await runChit(folder, grant, { settings });
  assert.equal(granted.code, 0, granted.stderr);
  assert.deepEqual((await getWith(`${url}/api/tokens/`, access)).json, { tokens: 3_705 });
});

test('of many writers that wait, only one tries at a time', async (t) => {
  const { connection, other } = openConnection(t, { busyForMs: 10_000 });
  connection.db.exec('CREATE TABLE t (n)');
  let tries = 0;
  const write = () =>
    connection.exclusively(() => {
      tries += 1;
      connection.run('INSERT INTO t VALUES (1)', []);
    });
  other.lock();
  const writers = Array.from({ length: 1_000 }, write);
  await sleep(300);
  assert.ok(tries <= 2_000, `${tries} tries: the first, and one with the connection in hand`);
  other.unlock();
  await Promise.all(writers);
  assert.deepEqual(connection.db.prepare('SELECT count(*) AS n FROM t').get()?.n, 1_000);
  assert.ok(tries <= 3_000, `${tries} tries`);
});

test('after the deadline writes are refused, soon and for all, and nothing is booked', async (t) => {
  const { connection, other, path } = openConnection(t, { busyForMs: 150 });
  const chit = await openTestChit(`sqlite:${path}`, scriptedModel(flatPrice(100)));
  const accountId = await newAccount(chit);
  const before = await chit.context.ledger.account(accountId);
  await chit.close();

  const kysely = new Kysely<Database>({ dialect: sqliteDialect(connection) });
  const ledger = new Ledger(new SqliteLedgerEngine(connection));
  const grant = (credits: number) => {
    const [transferId, actor, reason] = [newId(), 'cli:test', 'a test'];
    const command = { kind: 'grant', transferId, accountId, credits, actor, reason } as const;
    return ledger.submit({ ...command, idempotency: undefined, atMs: Date.now() });
  };
  const isRefused = (error: unknown) => hasCode(error, 'ledger_unavailable');
  other.lock();
  const ranMs = startRunningClock(t);
  const first = grant(1);
  const later = sleep(100).then(() => assert.rejects(grant(2), isRefused));
  await Promise.all([
    assert.rejects(first, isRefused),
    later,
    assert.rejects(
      new UserStore(kysely).noteSeen(new Map([[accountId, 1]])),
      isDatabaseUnavailable,
    ),
    assert.rejects(
      kysely.transaction().execute(async () => undefined),
      isDatabaseUnavailable,
    ),
  ]);
  const tookMs = ranMs();
  assert.ok(tookMs < 280, `whoever came later does not wait twice: ${tookMs} ms`);
  assert.deepEqual(await ledger.account(accountId), before, 'reading goes on');
  other.unlock();
  await sleep(5);
  await grant(3);
  const after = await ledger.account(accountId);
  assert.equal(after?.postedCredits, (before?.postedCredits ?? 0) + 3);
  await ledger.close();
  await kysely.destroy();
});

/** A clock that stands still while the machine does other things: it counts ticks of a timer. */
function startRunningClock(t: TestContext): () => number {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, TICK_MS);
  t.after(() => clearInterval(timer));
  return () => ticks * TICK_MS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Pages of the SQLite file are damaged: what SQLite finds, `ledger verify` reports. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { serverFor } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { isDamage } from '../../../src/store/database/damage.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { getWith, postJson, send } from '../../support/http.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { newFolder, newUser, runChit, SECRET_KEY } from '../../support/server.ts';

const PAGE = 4_096;
const DAMAGED_PAGES = 24;
const model = scriptedModel(flatPrice(1));

/** A database with a few hundred charged messages, closed. */
async function filledDatabase(folder: string): Promise<string> {
  const path = join(folder, 'filled.db');
  const chit = await openTestChit(`sqlite:${path}`, model);
  const userIds = [await newAccount(chit), await newAccount(chit)];
  const chats = Array.from({ length: 200 }, (_, index) => {
    const content = script({ note: 'x'.repeat(index % 10 === 0 ? 6_000 : 200) }, { say: 'Yes.' });
    const userId = userIds[index % 2] ?? 0;
    return completeChat(chit.context, { userId, content, idempotency: undefined });
  });
  await Promise.all(chats);
  assert.deepEqual(await faultsOf(chit), []);
  await chit.close();
  return path;
}

/** Overwrites the first half of a page: its header and the directory of its rows. */
function damage(path: string, page: number, byte: number): void {
  const bytes = readFileSync(path);
  bytes.fill(byte, page * PAGE, page * PAGE + PAGE / 2);
  writeFileSync(path, bytes);
}

function isIntact(path: string): boolean {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare('PRAGMA integrity_check').get()?.integrity_check === 'ok';
  } catch (error) {
    assert.ok(isDamage(error), String(error));
    return false;
  } finally {
    db.close();
  }
}

/** Opens a database and verifies it; a file that cannot be opened is reported by its error. */
async function verify(path: string): Promise<readonly string[]> {
  try {
    const chit = await openTestChit(`sqlite:${path}`, model);
    return await faultsOf(chit).finally(() => chit.close());
  } catch (error) {
    assert.ok(isDamage(error), String(error));
    return [String(error)];
  }
}

test('every damaged page that SQLite finds is reported', async () => {
  const folder = newFolder();
  const filled = await filledDatabase(folder);
  const pages = Math.floor(readFileSync(filled).length / PAGE);
  let found = 0;
  for (let index = 0; index < DAMAGED_PAGES; index += 1) {
    const path = join(folder, `damaged-${index}.db`);
    copyFileSync(filled, path);
    damage(path, 1 + Math.floor((index * (pages - 1)) / DAMAGED_PAGES), index % 2 ? 0 : 0xa5);
    if (isIntact(path)) continue;
    found += 1;
    assert.notDeepEqual(await verify(path), [], `page ${index}`);
  }
  assert.ok(found > DAMAGED_PAGES / 2, `${found} of ${DAMAGED_PAGES} are damage at all`);

  const settings = { CHIT_DATABASE_URL: `sqlite:${join(folder, 'damaged-9.db')}` };
  const { code, stderr } = await runChit(folder, ['ledger', 'verify'], { settings });
  assert.equal(code, 1);
  assert.match(stderr, /SQLite's check of the file: |malformed/);
  assert.doesNotMatch(stderr, /^ +at /m, 'no stack');
  rmSync(folder, { recursive: true });
});

test('with a damaged table requests get an error with a code, nothing is booked, and it lives', async () => {
  const folder = newFolder();
  const path = await filledDatabase(folder);
  damage(path, rootOf(path, 'messages') - 1, 0xa5);
  const chit = await openTestChit(`sqlite:${path}`, model);
  const { config } = loadConfig({ CHIT_SECRET_KEY: SECRET_KEY, CHIT_LOG_LEVEL: 'silent' }, 'none');
  const server = await serverFor(chit, config);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const { access } = await newUser(url, 'ada');
  for (const message of ['a', 'b']) {
    const { status, headers } = await postJson(`${url}/api/chat/`, { message }, access);
    assert.deepEqual([status, headers['chit-error']], [503, 'ledger_unavailable']);
  }
  assert.deepEqual((await getWith(`${url}/api/tokens/`, access)).json, { tokens: 4_000 });
  assert.equal((await send(`${url}/healthz`)).status, 200);
  await server.close();
  await chit.close();
  rmSync(folder, { recursive: true });
});

/** The first page of a table, counted from 1. */
function rootOf(path: string, table: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table);
  db.close();
  return Number(row?.rootpage);
}

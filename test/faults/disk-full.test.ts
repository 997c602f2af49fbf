/** The disk is full under a server on SQLite, and has space again later. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { completeChat } from '../../src/app/chat/complete-chat.ts';
import { serverFor } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { hasCode } from '../../src/core/errors.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, newAccount, openTestChit } from '../support/chit.ts';
import { fullDisk } from '../support/full-disk.ts';
import { getWith, postJson } from '../support/http.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, SECRET_KEY } from '../support/server.ts';
import { fillDisk, smallDisk } from '../support/tmpfs.ts';

test('with a full disk requests get 503 and charge nothing; with space again they succeed', async (t) => {
  const folder = newFolder();
  const databaseUrl = `sqlite:${folder}/chit.db`;
  const model = scriptedModel(flatPrice(100));
  const disk = fullDisk();
  const chit = await openTestChit(databaseUrl, model, { CHIT_SIGNUP_TOKENS: '1000000' });
  const { config } = loadConfig({ CHIT_SECRET_KEY: SECRET_KEY, CHIT_LOG_LEVEL: 'silent' }, 'none');
  const server = await serverFor(chit, config);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await server.close();
    await chit.close();
  });
  const { access } = await newUser(url, 'ada');
  // Long enough to need new pages, with short replies, so that no journal frees any.
  const message = script({ note: 'x'.repeat(9_000) }, { say: 'short' });
  const chat = () => postJson(`${url}/api/chat/`, { message }, access);
  const balance = async () => (await getWith(`${url}/api/tokens/`, access)).json;

  assert.equal((await chat()).status, 200);
  const before = await balance();
  const calls = model.requests.length;
  disk.fill();
  for (let tries = 0; tries < 5; tries += 1) {
    const refused = await chat();
    assert.equal(refused.status, 503, refused.text);
    assert.equal(refused.headers['retry-after'], '1');
  }
  assert.equal(model.requests.length, calls, 'the model was not asked');
  assert.deepEqual(await balance(), before);

  disk.free();
  assert.equal((await chat()).status, 200);
  assert.deepEqual(await balance(), { tokens: 1_000_000 - 200 });
  assert.deepEqual(await faultsOf(chit), []);
});

test('so it is on a real disk without space (ENOSPC)', async (t) => {
  const disk = smallDisk(t, 'size=8m');
  if (!disk) return;
  const model = scriptedModel(flatPrice(100));
  const chit = await openTestChit(`sqlite:${disk.folder}/data/chit.db`, model);
  const userId = await newAccount(chit);
  const content = script({ note: 'x'.repeat(9_000) }, { say: 'short' });
  const chat = () => completeChat(chit.context, { userId, content, idempotency: undefined });
  await chat();
  const account = await chit.context.ledger.account(userId);
  const filler = fillDisk(disk.folder);
  for (let tries = 0; tries < 5; tries += 1) {
    await assert.rejects(chat(), (error) => {
      assert.ok(hasCode(error, 'ledger_unavailable'), String(error));
      assert.match(String(error.cause), /full|disk I\/O error/);
      return true;
    });
  }
  assert.deepEqual(await chit.context.ledger.account(userId), account);
  assert.equal(model.requests.length, 1, 'the model was not asked');
  rmSync(filler);
  await chat();
  const after = await chit.context.ledger.account(userId);
  assert.deepEqual(after, { postedCredits: 3_800, heldCredits: 0 });
  assert.deepEqual(await faultsOf(chit), []);
  await chit.close();
});

test('a disk that fills during a reply: the charge waits for space', async () => {
  const disk = fullDisk();
  const model = scriptedModel(flatPrice(100));
  const chit = await openTestChit(`sqlite:${newFolder()}/chit.db`, {
    ...model,
    async *generate(request) {
      disk.fill();
      setTimeout(() => disk.free(), 300);
      yield* model.generate(request);
    },
  });
  const userId = await newAccount(chit);
  const content = script({ note: 'x'.repeat(9_000) }, { say: 'word '.repeat(300) });
  const { reply } = await completeChat(chit.context, { userId, content, idempotency: undefined });
  assert.equal(reply, 'word '.repeat(300));
  const account = await chit.context.ledger.account(userId);
  assert.deepEqual(account, { postedCredits: 3_900, heldCredits: 0 });
  assert.deepEqual(await faultsOf(chit), []);

  disk.fill();
  const refused = completeChat(chit.context, { userId, content, idempotency: undefined });
  await assert.rejects(refused, (error) => hasCode(error, 'ledger_unavailable'));
  disk.free();
  assert.deepEqual(await chit.context.ledger.account(userId), account);
  await chit.close();
});

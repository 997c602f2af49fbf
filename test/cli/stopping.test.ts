/** How long a server that is told to stop takes requests, and how long its replies may go on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Talker, textOf } from '../support/conversations.ts';
import { query } from '../support/database.ts';
import { postJson, send } from '../support/http.ts';
import { script } from '../support/scripted-model.ts';
import { databaseOf, newFolder, newUser, startServerFor } from '../support/server.ts';

const SCRIPTED = [join(import.meta.dirname, '../support/scripted-server.ts'), '100'];

test('a server that stops is not ready, but takes requests for as long as it is told', async (t) => {
  const server = await startServerFor(t, { CHIT_STOP_DELAY_SECONDS: '8' });
  const { access } = await newUser(server.url, 'ada');
  const ended = once(server.process, 'exit');
  server.process.kill('SIGTERM');
  let ready = await send(`${server.url}/readyz`);
  for (; ready.status === 200; ready = await send(`${server.url}/readyz`));
  assert.equal(ready.status, 503);
  assert.equal(ready.headers['chit-error'], 'server_stopping');
  const chat = await postJson(`${server.url}/api/chat/`, { message: 'Hi' }, access);
  assert.equal(chat.status, 200);
  assert.equal(chat.headers.connection, 'close');
  assert.equal((await send(`${server.url}/healthz`)).status, 200);
  assert.deepEqual(await ended, [0, null]);
});

test('a reply that goes on for too long ends: what was delivered is charged and told', async (t) => {
  const folder = newFolder();
  const server = await startServerFor(t, { CHIT_STOP_SECONDS: '0' }, folder, SCRIPTED);
  const { access } = await newUser(server.url, 'ada');
  const talker = new Talker(server.url, access);
  const conversation = await talker.begin();
  const { json } = await talker.say(conversation.id, script({ say: 'Once ' }, { hang: true }));
  const { id } = json as { id: string };
  await talker.follow(id, { events: 1 });
  const begun = Promise.withResolvers<void>();
  const following = talker.follow(id, { onBegun: begun.resolve });
  await begun.promise;
  const ended = once(server.process, 'exit');
  server.process.kill('SIGTERM');
  const events = await following;
  assert.equal(textOf(events), 'Once ');
  const { status, failure_code, cost } = events.at(-1)?.data as Record<string, unknown>;
  assert.deepEqual([status, failure_code, cost], ['incomplete', 'server_lost', 100]);
  assert.deepEqual(await ended, [0, null]);
  const [account] = await query(folder, 'SELECT held, posted FROM accounts');
  assert.deepEqual(account, { held: 0, posted: 3_900 });
});

test('a reader of a reply that another server writes is sent on to a server that stays', async (t) => {
  const folder = newFolder();
  const settings = { CHIT_DATABASE_URL: await databaseOf(folder) };
  const [first, second] = await Promise.all([
    startServerFor(t, settings, folder, SCRIPTED),
    startServerFor(t, settings, folder, SCRIPTED),
  ]);
  const { access } = await newUser(second.url, 'ada');
  const talker = new Talker(second.url, access);
  const conversation = await talker.begin();
  const { json } = await talker.say(conversation.id, script({ say: 'Once ' }, { hang: true }));
  const { id } = json as { id: string };
  const headers = { authorization: `Bearer ${access}` };
  const reading = request(`${first.url}/api/messages/${id}/stream/`, { headers, agent: false });
  const [response] = (await once(reading.end(), 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = once(first.process, 'exit');
  first.process.kill('SIGTERM');
  await once(response, 'end');
  assert.match(text, /"Once "/);
  assert.doesNotMatch(text, /event: (done|error)/);
  assert.deepEqual(await ended, [0, null]);
  const [event] = await talker.follow(id, { from: '2', events: 1 });
  assert.equal(event?.data.text, 'ce ');
});

/** How long a log-in takes must not tell whether the name exists. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
// Imported first: the program takes the functions of Node that are there when it is loaded.
import '../support/argon2-calls.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { argon2Calls } from '../support/argon2-calls.ts';
import { newAccount } from '../support/chit.ts';
import { postJson } from '../support/http.ts';
import { type ModelServer, startModelServer } from '../support/model-server.ts';
import { scriptedModel } from '../support/scripted-model.ts';

let server: ModelServer;
let username = '';

before(async () => {
  server = await startModelServer([scriptedModel(flatPrice(100))]);
  const user = await server.chit.context.users.byId(await newAccount(server.chit));
  username = user?.username ?? '';
  // The first unknown name also makes the hash that unknown names are compared with.
  await hashesOf('somebody else', 'wrong');
});
after(() => server.close());

/** The hashes that a refused log-in takes. */
async function hashesOf(name: string, password: string): Promise<unknown> {
  argon2Calls.length = 0;
  const answer = await postJson(`${server.url}/api/login/`, { username: name, password });
  assert.deepEqual([answer.status, answer.json], [400, { error: 'Invalid credentials' }]);
  return [...argon2Calls];
}

test('an unknown name costs the same one hash as a wrong password', async () => {
  const ofWrongPassword = await hashesOf(username, 'wrong');
  assert.deepEqual(ofWrongPassword, [{ memory: 19_456, passes: 2, parallelism: 1 }]);
  assert.deepEqual(await hashesOf('nobody', 'wrong'), ofWrongPassword);
});

test('an empty password is refused without a hash, for any name', async () => {
  assert.deepEqual(await hashesOf(username, ''), []);
  assert.deepEqual(await hashesOf('nobody', ''), []);
});

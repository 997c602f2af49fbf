/** Many who try to log in at once, on a server whose hashes take their time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from '../support/http.ts';
import { newUser, startServerFor } from '../support/server.ts';

const PASSWORD = 'Pa55word!x';

test('a flood of wrong logins from one address makes nobody else wait', async (t) => {
  // With hashes that take their time, as they do in earnest.
  const flooded = await startServerFor(t, { CHIT_TRUSTED_PROXIES: '127.0.0.1', NODE_OPTIONS: '' });
  await newUser(flooded.url, 'ada');
  const from = (address: string, username: string, password: string) =>
    send(`${flooded.url}/api/login/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ username, password }),
    });
  let answered = 0;
  const flood = Array.from({ length: 300 }, async (_, nth) => {
    const { status } = await from('203.0.113.1', `somebody ${nth}`, 'wrong');
    answered += 1;
    return status;
  });
  // Once the first of the flood were refused its lane is full.
  while (answered === 0) await Promise.race(flood);
  const ada = await from('203.0.113.2', 'ada', PASSWORD);
  assert.equal(ada.status, 200);
  assert.ok(answered < 300, 'she did not wait for the flood to end');
  const statuses = await Promise.all(flood);
  assert.equal(statuses.filter((it) => it === 400).length, 60);
  assert.equal(statuses.filter((it) => it === 429).length, 240);
});

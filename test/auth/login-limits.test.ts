/** Limits on guessing passwords and on signing up, and what they must not get in the way of. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { stored, storingNothing } from '../support/database.ts';
import { type Answer, postJson, send } from '../support/http.ts';
import { newUser, startServerFor } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';

const PASSWORD = 'Pa55word!x';
/** Wrong passwords per name and address in 15 minutes. */
const TRIES = 10;
const WINDOW_SECONDS = 15 * 60;

let server: ServerHere;

before(async () => {
  server = await startServerHere();
  for (const name of ['alice', 'bob', 'carol', 'dave', 'erin']) await newUser(server.url, name);
});
after(() => server.stop());

function logIn(username: string, password: string): Promise<Answer> {
  return postJson(`${server.url}/api/login/`, { username, password });
}

/** Logs in wrongly as often as it is allowed. */
async function useUpTries(username: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await logIn(username, `wrong ${tries}`);
    assert.deepEqual([answer.status, answer.json], [400, { error: 'Invalid credentials' }]);
  }
}

function assertThrottled(answer: Answer, atMostSeconds: number): void {
  assert.equal(answer.status, 429, answer.text);
  const seconds = Number(answer.headers['retry-after']);
  assert.ok(seconds > atMostSeconds - 60 && seconds <= atMostSeconds, `${seconds} s`);
  const detail = `Request was throttled. Expected available in ${seconds} seconds.`;
  const params = { retry_after_seconds: seconds };
  assert.deepEqual(answer.json, { detail, code: 'throttled', params });
}

test('after ten wrong passwords for a name even the right one is refused', async () => {
  await useUpTries('alice');
  await storingNothing(server.folder, async () => {
    assertThrottled(await logIn('alice', 'wrong again'), WINDOW_SECONDS);
    assertThrottled(await logIn('alice', PASSWORD), WINDOW_SECONDS);
    assertThrottled(await logIn('  alice ', PASSWORD), WINDOW_SECONDS);
  });
  // Another name is not affected, nor does success with it make up for alice.
  assert.equal((await logIn('bob', PASSWORD)).status, 200);
  assertThrottled(await logIn('alice', PASSWORD), WINDOW_SECONDS);
});

test('of 50 wrong guesses at once exactly ten are checked', async () => {
  const answers = await storingNothing(server.folder, () =>
    Promise.all(Array.from({ length: 50 }, (_, index) => logIn('carol', `wrong ${index}`))),
  );
  const checked = answers.filter(({ status }) => status === 400);
  const refused = answers.filter(({ status }) => status === 429);
  assert.deepEqual([checked.length, refused.length], [TRIES, 40]);
  for (const answer of refused) assertThrottled(answer, WINDOW_SECONDS);
  assertThrottled(await logIn('carol', PASSWORD), WINDOW_SECONDS);
});

test('parallel guesses get no more than ten tries', async () => {
  const guesses = [...Array.from({ length: 20 }, (_, index) => `wrong ${index}`), PASSWORD];
  const answers = await storingNothing(server.folder, () =>
    Promise.all(guesses.map((guess) => logIn('erin', guess))),
  );
  assert.equal(answers.filter(({ status }) => status === 400).length, TRIES);
  assert.equal(answers.filter(({ status }) => status === 200).length, 0);
});

test('successful logins are not limited, one after another or at once', async () => {
  for (let times = 0; times < 30; times += 1) {
    assert.equal((await logIn('bob', PASSWORD)).status, 200);
  }
  const atOnce = await Promise.all(Array.from({ length: 30 }, () => logIn('bob', PASSWORD)));
  assert.deepEqual([...new Set(atOnce.map(({ status }) => status))], [200]);
});

test('wrong old passwords in a password change count as failed logins', async () => {
  const login = await logIn('dave', PASSWORD);
  const { access } = login.json as { access: string };
  const change = (oldPassword: string) =>
    postJson(
      `${server.url}/api/password/`,
      { old_password: oldPassword, new_password: 'another one' },
      access,
    );
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await change(`wrong ${tries}`);
    assert.equal(answer.status, 400);
    const message = 'This is not your current password.';
    assert.deepEqual(answer.json, { old_password: [message] });
  }
  assertThrottled(await change(PASSWORD), WINDOW_SECONDS);
  assertThrottled(await logIn('dave', PASSWORD), WINDOW_SECONDS);
});

test('an address that a client only claims to have gives it no further tries', async () => {
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip']) {
    const answer = await send(`${server.url}/api/login/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [name]: '203.0.113.9' },
      body: JSON.stringify({ username: 'carol', password: PASSWORD }),
    });
    assertThrottled(answer, WINDOW_SECONDS);
  }
});

test('sign-ups are limited per address and hour; a refused one makes no account', async (t) => {
  const other = await startServerHere({
    CHIT_SIGNUPS_PER_HOUR: '3',
    CHIT_TRUSTED_PROXIES: '127.0.0.1',
  });
  t.after(() => other.stop());
  const signUp = (username: string, address: string) =>
    send(`${other.url}/api/register/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
  const first = await Promise.all(
    ['u1', 'u2', 'u3', 'u4', 'u5'].map((name) => signUp(name, '203.0.113.1')),
  );
  assert.deepEqual(first.map(({ status }) => status).sort(), [201, 201, 201, 429, 429]);
  for (const answer of first.filter(({ status }) => status === 429)) assertThrottled(answer, 3600);
  assert.equal((await stored(other.folder)).users, 3);
  // Behind the proxy that is trusted, another address is another person.
  assert.equal((await signUp('u6', '203.0.113.2')).status, 201);
  const blocked = await storingNothing(other.folder, () => signUp('u7', '203.0.113.1'));
  assertThrottled(blocked, 3600);
});

test('where sign-up is closed it answers 403 and makes no account; others log in', async (t) => {
  const open = await startServerFor(t);
  await newUser(open.url, 'early');
  await open.kill();
  const closed = await startServerFor(t, { CHIT_SIGNUP: 'closed' }, open.folder);
  const answer = await storingNothing(closed.folder, () =>
    postJson(`${closed.url}/api/register/`, { username: 'late', password: PASSWORD }),
  );
  assert.equal(answer.status, 403);
  assert.match((answer.json as { detail: string }).detail, /^Sign-up is closed/);
  const login = await postJson(`${closed.url}/api/login/`, {
    username: 'early',
    password: PASSWORD,
  });
  assert.equal(login.status, 200);
});

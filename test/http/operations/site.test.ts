/** The public information about a site. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from '../../support/http.ts';
import { startServerHere } from '../../support/server-here.ts';

test('anyone can see whether sign-up is open and whom to ask, and nothing more', async () => {
  const server = await startServerHere();
  const { status, json } = await send(`${server.url}/api/site/`);
  await server.stop();
  assert.equal(status, 200);
  const expected = { signup: 'open', password_min_length: 8, message_max_length: 100_000 };
  assert.deepEqual(json, {
    ...expected,
    password_login: true,
    directory_login: false,
    sign_in: [],
    contact: null,
    passkeys: false,
    staff_reads_chats: false,
    title_model: null,
    appearance: null,
    sends_mail: false,
  });
});

test('the site endpoint reports the settings', async () => {
  const server = await startServerHere({
    CHIT_SIGNUP: 'closed',
    CHIT_CONTACT: ' the office, room 12 ',
    CHIT_PASSWORD_MIN_LENGTH: '10',
    CHIT_MESSAGE_LIMIT_CHARACTERS: '2000',
  });
  const { json } = await send(`${server.url}/api/site/`);
  await server.stop();
  assert.deepEqual(json, {
    signup: 'closed',
    password_login: true,
    directory_login: false,
    sign_in: [],
    password_min_length: 10,
    message_max_length: 2_000,
    contact: 'the office, room 12',
    passkeys: false,
    staff_reads_chats: false,
    title_model: null,
    appearance: null,
    sends_mail: false,
  });
});

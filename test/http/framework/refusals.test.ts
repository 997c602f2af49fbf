/** Invalid fields: what is wrong with them, and what is valid. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MAX_CREDITS } from '../../../src/core/credits.ts';
import { AdminServer } from '../../support/admin.ts';
import { Talker } from '../../support/conversations.ts';

const MOMENT = 'Give a date and time such as 2026-11-23T00:00:00Z.';
const LIMIT = 'Give a whole number from 1 to 200.';
const CURSOR = 'Give the "next_cursor" of the page before.';
const NO_STRING = 'Not a valid string.';
const BLANK = 'This field may not be blank.';

let admin: AdminServer;

before(async () => {
  admin = await AdminServer.start({});
});
after(() => admin.server.close());

async function refused(
  method: string,
  path: string,
  body: object | undefined,
  said: Record<string, string>,
): Promise<void> {
  const { status, json, text } = await admin.ask(admin.root, method, path, body);
  assert.equal(status, 400, `${method} ${path} ${JSON.stringify(body)}: ${text}`);
  const expected = Object.entries(said).map(([field, sentence]) => [field, [sentence]]);
  assert.deepEqual(json, Object.fromEntries(expected));
}

test('an invalid field of a query is reported with what is valid', async () => {
  for (const moment of ['2020-01-01', '', 'now', '2026-06-30T23:59:60Z', 'a%00b']) {
    await refused('GET', `/api/admin/usage/?from=${moment}`, undefined, { from: MOMENT });
  }
  const step = { step: 'Give one of hour, day, month.' };
  await refused('GET', '/api/admin/usage/?step=week', undefined, step);
  const twice = { step: 'Give one of day, month.', to: MOMENT };
  await refused('GET', '/api/admin/users/1/usage/?step=hour&to=x', undefined, twice);
  const period = { period: 'Give a month such as 2026-11, or a day such as 2026-11-23.' };
  await refused('GET', '/api/admin/usage/users/?period=2026', undefined, period);
  const id = { id: 'Give the id of a user, which is a number.' };
  await refused('GET', '/api/admin/users/ada/', undefined, id);
  const talker = new Talker(admin.server.url, admin.root);
  const own = await talker.begin();
  for (const path of [
    '/api/admin/users/',
    '/api/admin/users/1/history/',
    '/api/admin/audit/',
    '/api/conversations/',
    `/api/conversations/${own.id}/messages/`,
    '/api/tokens/history/',
  ]) {
    await refused('GET', `${path}?limit=-1`, undefined, { limit: LIMIT });
    await refused('GET', `${path}?limit=many&cursor=x`, undefined, {
      limit: LIMIT,
      // Opaque cursors are decoded only when all other fields are valid.
      ...(path.endsWith('/users/') || path.endsWith('/audit/') ? {} : { cursor: CURSOR }),
    });
    await refused('GET', `${path}?cursor=x`, undefined, { cursor: CURSOR });
  }
  const { id: leaf } = own;
  const format = { format: 'Give one of markdown, json.' };
  await refused('GET', `/api/conversations/${leaf}/export/?format=pdf`, undefined, format);
});

test('an invalid field of a body is reported with what is valid, and its position in a list', async () => {
  const flag = 'Give true or false.';
  await refused(
    'PATCH',
    '/api/admin/users/1/',
    { is_active: 'no', is_staff: 1, reason: 1 },
    {
      is_active: flag,
      is_staff: flag,
      reason: NO_STRING,
    },
  );
  await refused(
    'PATCH',
    '/api/admin/users/1/',
    { is_active: null, reason: ' ' },
    {
      is_active: 'This field may not be null.',
      reason: BLANK,
    },
  );
  const tokens = `Give a whole number from 0 to ${MAX_CREDITS}.`;
  for (const wrong of [1.5, -1, '5', 1e300]) {
    const wanted = { username: 'new', tokens: wrong };
    await refused('POST', '/api/admin/users/', wanted, { tokens });
  }
  const amount = `Give a whole number from -${MAX_CREDITS} to ${MAX_CREDITS}.`;
  const to = [
    ...Array.from({ length: 5 }, (_, id) => ({ id, tokens: 1 })),
    ...[{ id: 6, tokens: 1.5 }, { id: 2 ** 53 }, 7, { username: 'a\0', tokens: 1 }],
  ];
  await refused(
    'POST',
    '/api/admin/grants/',
    { to, reason: 'a try' },
    {
      'to/5/tokens': amount,
      'to/6/tokens': 'This field is required.',
      'to/6/id': `Give a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`,
      'to/7': 'Give an object.',
      'to/8/username': 'Null characters are not allowed.',
    },
  );
  const reason = { reason: 'a try' };
  await refused(
    'POST',
    '/api/admin/grants/',
    { to: [], ...reason },
    { to: 'Give at least 1 item.' },
  );
  await refused('POST', '/api/admin/grants/', { to: {}, ...reason }, { to: 'Give a list.' });
  const many = Array.from({ length: 10_001 }, (_, id) => ({ id, tokens: 1 }));
  const most = { to: 'Give at most 10000 items.' };
  await refused('POST', '/api/admin/grants/', { to: many, ...reason }, most);
  await refused(
    'POST',
    '/api/keys/',
    { name: 'a', models: ['x', 1], expires_at: 'soon' },
    {
      'models/1': NO_STRING,
      expires_at: MOMENT,
    },
  );
  await refused(
    'POST',
    '/api/conversations/',
    { model: 5, title: 'a\ud800' },
    {
      model: NO_STRING,
      title: 'Surrogate characters are not allowed: U+D800.',
    },
  );
  const long = 'Ensure this field has no more than 200 characters.';
  await refused('POST', '/api/conversations/', { title: 'x'.repeat(201) }, { title: long });
});

/** Which passwords are taken, wherever one can be chosen. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeSetupLink, setUp } from '../../../src/app/accounts/one-time-links.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { AdminServer, type Json, PASSWORD } from '../../support/admin.ts';
import { openTestChit } from '../../support/chit.ts';
import { type Answer, postJson, send } from '../../support/http.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { newFolder } from '../../support/server.ts';

const COMMON = 'Password123';
const MESSAGE = 'This password is among the most common ones. Choose another.';

let admin: AdminServer;
before(async () => {
  admin = await AdminServer.start({});
});
after(() => admin.server.close());

const post = (path: string, body: object) => postJson(`${admin.server.url}${path}`, body);

function codesOf({ status, headers, json }: Answer, field: string): string[] {
  assert.equal(status, 400, JSON.stringify(json));
  assert.equal(headers['chit-error'], 'invalid_fields');
  const { fields } = JSON.parse(String(headers['chit-error-params'])) as Json;
  return fields[field].map((it: Json) => it.code);
}

test('a client of the original site registers with eight characters, as a form, and logs in', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = 'username=djangoer&password=tram%2019x';
  const registered = await send(`${admin.server.url}/api/register/`, {
    method: 'POST',
    headers: form,
    body,
  });
  assert.equal(registered.status, 201);
  assert.deepEqual(registered.json, { message: 'User created successfully' });
  const login = await post('/api/login/', { username: 'djangoer', password: 'tram 19x' });
  assert.deepEqual(Object.keys(login.json as object).toSorted(), ['access', 'refresh']);
  const short = await post('/api/register/', { username: 'shorter', password: 'tram 19' });
  assert.deepEqual(short.json, { password: ['Ensure this field has at least 8 characters.'] });
  // What the original refuses stays refused, in its words.
  const long = await post('/api/register/', { username: 'longer', password: 'v'.repeat(129) });
  const words = 'Ensure this field has no more than 128 characters.';
  assert.deepEqual(long.json, { password: [words] });
});

test('a common password is refused wherever one is chosen, and nothing is changed', async () => {
  const sign = await post('/api/register/', { username: 'newcomer', password: COMMON });
  assert.deepEqual(codesOf(sign, 'password'), ['common_password']);
  assert.deepEqual(sign.json, { password: [MESSAGE] });
  assert.equal(await admin.chit.context.users.byUsername('newcomer'), undefined);

  const person = await admin.person();
  const change = { old_password: PASSWORD, new_password: COMMON };
  const changed = await admin.ask(person.access, 'POST', '/api/password/', change);
  assert.deepEqual(codesOf(changed, 'new_password'), ['common_password']);

  const path = `/api/admin/users/${person.id}/password-link/`;
  const link = (await admin.ask(admin.staff, 'POST', path, {})).json as Json;
  const token = link.path.split('#')[1];
  const chosen = await post('/api/password/choose/', { token, password: COMMON });
  assert.deepEqual(codesOf(chosen, 'password'), ['common_password']);
  const named = await post('/api/password/choose/', { token, password: `${person.username}-19` });
  assert.deepEqual(codesOf(named, 'password'), ['password_has_username']);

  const made = { username: 'made-by-staff', password: COMMON };
  const create = await admin.ask(admin.staff, 'POST', '/api/admin/users/', made);
  assert.deepEqual(codesOf(create, 'password'), ['common_password']);
  assert.equal(await admin.chit.context.users.byUsername('made-by-staff'), undefined);

  const csv = `username,password\nfrom-a-file,${COMMON}\nwho,who-velvet-19\nchit-user,chit-2026`;
  const ask = { csv, dry_run: true };
  const { faults } = (await admin.ask(admin.staff, 'POST', '/api/admin/users/import/', ask))
    .json as Json;
  assert.deepEqual(
    faults.map((it: Json) => `${it.row} ${it.code} ${it.value}`),
    ['2 common_password null', '3 password_has_username null', '4 password_has_site_name null'],
  );
  const { username } = person;
  assert.equal((await post('/api/login/', { username, password: PASSWORD })).status, 200);
  // The link was not used up by what was refused.
  const good = await post('/api/password/choose/', { token, password: 'velvet tram 19' });
  assert.equal(good.status, 200);
});

test('the first superuser chooses no common password either, and the link stays', async () => {
  const chit = await openTestChit(`sqlite:${newFolder()}/chit.db`, scriptedModel(flatPrice(1)));
  const { context } = chit;
  const token = (await makeSetupLink(context))?.path.split('#')[1] ?? '';
  const use = (password: string) =>
    setUp(context, { token, username: 'root', password, address: '127.0.0.1' });
  await assert.rejects(use(COMMON), /invalid_fields/);
  await assert.rejects(use('root-velvet-19'), /invalid_fields/);
  assert.equal(await context.users.hasSuperuser(), false);
  await use('velvet tram 19');
  assert.equal(await context.users.hasSuperuser(), true);
  await chit.close();
});

test('the name that staff gave to the site is no password there', async () => {
  const named = await admin.ask(admin.root, 'PUT', '/api/admin/site/', { name: 'Fernwood School' });
  assert.ok(named.status < 300, named.text);
  await admin.chit.context.look.refresh();
  const sign = await post('/api/register/', { username: 'pupil', password: 'Fernwood School 7' });
  assert.deepEqual(codesOf(sign, 'password'), ['password_has_site_name']);
});

test('a password of 1,024 bytes is used whole, and a byte more is refused', async () => {
  const { username, access } = await admin.person();
  const longest = `${'🚋'.repeat(255)}abcd`;
  const change = (next: string) =>
    admin.ask(access, 'POST', '/api/password/', { old_password: PASSWORD, new_password: next });
  assert.deepEqual(codesOf(await change(`${longest}e`), 'new_password'), ['too_many_bytes']);
  assert.equal((await change(longest)).status, 200);
  for (const [password, status] of [
    [longest.slice(0, -1), 400],
    [longest.toUpperCase(), 400],
    [`${longest} `, 400],
    [longest, 200],
  ] as const) {
    assert.equal((await post('/api/login/', { username, password })).status, status);
  }
});

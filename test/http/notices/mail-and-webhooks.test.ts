/** The routes of mail, webhooks and notices: who may do what, and what is not told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { createAccount } from '../../support/chit.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const PASSWORD = 'velvet-tram-19';

let withMail: ModelServer;
let without: ModelServer;

before(async () => {
  const models = [scriptedModel(flatPrice(100))];
  withMail = await startModelServer(models, {
    CHIT_SMTP_URL: 'smtp://127.0.0.1:1',
    CHIT_MAIL_FROM: 'chit@example.org',
    CHIT_PUBLIC_URL: 'https://chat.example.org',
  });
  without = await startModelServer(models);
});
after(async () => {
  await withMail.close();
  await without.close();
});

async function send(
  { url }: ModelServer,
  method: string,
  path: string,
  { body, access }: { readonly body?: unknown; readonly access?: string } = {},
) {
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(access === undefined ? {} : { authorization: `Bearer ${access}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, json: () => JSON.parse(text) as Record<string, unknown> };
}

async function staff(server: ModelServer, isSuperuser: boolean): Promise<string> {
  const username = isSuperuser ? 'boss' : 'clerk';
  const flags = { isStaff: true, isSuperuser };
  await createAccount(server.chit.context, { username, password: PASSWORD, ...flags });
  return signIn(server, username);
}

/** Signs in, so that there is a fresh proof. */
async function signIn(server: ModelServer, username: string): Promise<string> {
  const body = { username, password: PASSWORD };
  return (await send(server, 'POST', '/api/login/', { body })).json().access as string;
}

test('a forgotten password is answered alike for everybody, and refused without mail', async () => {
  const { userId } = await withMail.newUser();
  const { context } = withMail.chit;
  await context.emails.set(userId, 'ann@example.org', 1);
  const user = await context.users.byId(userId);
  const ask = (name: string) =>
    send(withMail, 'POST', '/api/password/forgotten/', { body: { name } });
  const answers = [];
  for (const name of [user?.username ?? '', 'ann@example.org', 'nobody', 'x@example.org', ' ']) {
    const { status, text } = await ask(name);
    answers.push(`${status} ${text}`);
  }
  assert.deepEqual(new Set(answers), new Set(['202 {}']));
  const body = { name: 'ann' };
  const refused = await send(without, 'POST', '/api/password/forgotten/', { body });
  assert.deepEqual([refused.status, refused.headers.get('chit-error')], [409, 'mail_off']);
  for (let n = 5; n < 60; n += 1) await ask('nobody');
  assert.equal((await ask('nobody')).status, 429);
});

test('the page knows whether there is mail, and a user sees their own address only', async () => {
  const site = async (server: ModelServer) => (await send(server, 'GET', '/api/site/')).json();
  assert.equal((await site(withMail)).sends_mail, true);
  assert.equal((await site(without)).sends_mail, false);
  const flags = { isStaff: false, isSuperuser: false };
  const account = { username: 'mailed', password: PASSWORD, ...flags };
  await createAccount(withMail.chit.context, account);
  const access = await signIn(withMail, 'mailed');
  const path = '/api/account/email/';
  assert.equal((await send(withMail, 'GET', path)).status, 401);
  // The proof of a sign-in is fresh for ten minutes, its token valid for fifteen.
  const { context } = withMail.chit;
  Object.assign(context, { now: () => Date.now() + 11 * 60_000 });
  for (const method of ['POST', 'DELETE']) {
    const other = { access, ...(method === 'POST' && { body: { email: 'x@example.org' } }) };
    const refused = await send(withMail, method, path, other);
    assert.equal(refused.headers.get('chit-error'), 'proof_required');
  }
  Object.assign(context, { now: Date.now });
  const given = { body: { email: 'me@example.org', language: 'de' }, access };
  assert.equal((await send(withMail, 'POST', path, given)).status, 202);
  const state = (await send(withMail, 'GET', path, { access })).json();
  assert.equal(state.email, null);
  assert.equal((state.pending as { email: string }).email, 'me@example.org');
  assert.equal(state.language, 'de');
  const choice = { body: { tells_renewal: true, low_below: 0 }, access };
  assert.equal((await send(withMail, 'PATCH', '/api/account/mail/', choice)).status, 204);
  const after_ = (await send(withMail, 'GET', path, { access })).json();
  assert.deepEqual([after_.tells_renewal, after_.low_below], [true, 0]);
  assert.equal((await send(withMail, 'DELETE', path, { access })).status, 204);
  const bad = { body: { email: 'a@b.cc\r\nBcc: x@y.zz' }, access };
  assert.equal((await send(withMail, 'POST', path, bad)).status, 400);
});

test('mail is unsubscribed from by POST alone, as mail programs send it', async () => {
  const { userId } = await withMail.newUser();
  const { context } = withMail.chit;
  const token = context.unsubscribeTokens.tokenFor({ userId, kind: 'balance.low' });
  const path = `/api/mail/unsubscribe/?token=${token}`;
  const seen = await send(withMail, 'GET', path);
  assert.equal(seen.status, 303);
  assert.equal(seen.headers.get('location'), `/unsubscribe#${token}`);
  assert.equal((await context.mailSettings.of(userId)).tellsLow, true);
  const response = await fetch(withMail.url + path, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  });
  assert.equal(response.status, 200);
  assert.equal((await context.mailSettings.of(userId)).tellsLow, false);
  const security = context.unsubscribeTokens.tokenFor({ userId, kind: 'password.new' });
  const refused = await send(withMail, 'POST', `/api/mail/unsubscribe/?token=${security}`);
  assert.equal(refused.headers.get('chit-error'), 'link_invalid');
});

test('webhooks and the state of mail are for superusers', async () => {
  const boss = await staff(withMail, true);
  const clerk = await staff(withMail, false);
  for (const path of ['/api/admin/webhooks/', '/api/admin/mail/']) {
    assert.equal((await send(withMail, 'GET', path)).status, 401);
    assert.equal((await send(withMail, 'GET', path, { access: clerk })).status, 403);
    assert.equal((await send(withMail, 'GET', path, { access: boss })).status, 200);
  }
  const wish = { name: 'Ops', url: 'https://ops.example.org/', kinds: ['backup.failed'] };
  const path = '/api/admin/webhooks/';
  assert.equal((await send(withMail, 'POST', path, { body: wish, access: clerk })).status, 403);
  const inside = { ...wish, url: 'https://10.0.0.1/' };
  assert.equal((await send(withMail, 'POST', path, { body: inside, access: boss })).status, 400);
  const made = await send(withMail, 'POST', path, { body: wish, access: boss });
  assert.equal(made.status, 201);
  const { id, secret } = made.json() as { id: string; secret: string };
  assert.match(secret, /^whsec_[\w+/]{43}=$/);
  const list = await send(withMail, 'GET', path, { access: boss });
  assert.ok(!list.text.includes(secret));
  const one = `${path}${id}/`;
  const tested = await send(withMail, 'POST', `${one}test/`, { access: boss });
  assert.equal(tested.status, 202);
  const deliveries = await send(withMail, 'GET', `${one}deliveries/`, { access: boss });
  const [delivery] = deliveries.json().deliveries as { kind: string; state: string }[];
  assert.deepEqual([delivery?.kind, delivery?.state], ['webhook.test', 'waiting']);
  const renewed = (await send(withMail, 'POST', `${one}secret/`, { access: boss })).json();
  assert.notEqual(renewed.secret, secret);
  assert.equal((await send(withMail, 'DELETE', one, { access: boss })).status, 204);
  assert.equal((await send(withMail, 'DELETE', one, { access: boss })).status, 404);
  const test_ = await send(withMail, 'POST', '/api/admin/mail/test/', { access: boss });
  assert.equal(test_.headers.get('chit-error'), 'email_missing');
});

test('users list their notices, and say which they have seen', async () => {
  const { access } = await withMail.newUser();
  const path = '/api/account/notices/';
  const list = (await send(withMail, 'GET', `${path}?limit=1`, { access })).json();
  const [notice] = list.notices as { id: string; kind: string; is_seen: boolean }[];
  assert.deepEqual([notice?.kind, notice?.is_seen, list.unseen], ['key.new', false, 1]);
  const seen = { body: { up_to: notice?.id }, access };
  assert.equal((await send(withMail, 'POST', `${path}seen/`, seen)).status, 204);
  assert.equal((await send(withMail, 'GET', path, { access })).json().unseen, 0);
});

/** Signing in as browsers do: the refresh token stays in a cookie. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { flatPrice } from '../../../src/core/pricing.ts';
import { getWith, postJson, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const PASSWORD = 'a long passphrase';

let server: ModelServer;
before(async () => {
  server = await startModelServer([scriptedModel(flatPrice(100))], {
    CHIT_TRUSTED_PROXIES: '127.0.0.1',
  });
  await postJson(`${server.url}/api/register/`, { username: 'ada', password: PASSWORD });
});
after(() => server.close());

interface Listed {
  readonly created_at: string;
  readonly address: string | null;
  readonly last_used_at: string | null;
  readonly last_address: string | null;
  readonly is_current: boolean;
}

async function newPerson(): Promise<{ username: string; password: string }> {
  const person = { username: `person-${Math.random()}`, password: PASSWORD };
  await postJson(`${server.url}/api/register/`, person);
  return person;
}

async function signIn(): Promise<{ access: string; cookie: string; setCookie: string }> {
  const who = { username: 'ada', password: PASSWORD };
  const { json, headers } = await postJson(`${server.url}/api/session/`, who);
  const setCookie = String(headers['set-cookie']);
  const [cookie = ''] = setCookie.split(';');
  return { access: (json as { access: string }).access, cookie, setCookie };
}

const refresh = (cookie: string) =>
  send(`${server.url}/api/session/refresh/`, { method: 'POST', headers: { cookie } });

test('the cookie is unreachable for scripts and other sites, and yields new tokens', async () => {
  const { access, cookie, setCookie } = await signIn();
  assert.match(setCookie, /; HttpOnly/i);
  assert.match(setCookie, /; SameSite=Strict/i);
  assert.match(setCookie, /; Path=\/api\/session/i);
  assert.match(setCookie, /; Max-Age=2592000/i);
  assert.doesNotMatch(setCookie, /Secure/i);
  assert.equal((await getWith(`${server.url}/api/me/`, access)).status, 200);
  const again = await refresh(cookie);
  assert.equal(again.status, 200);
  const { access: next } = again.json as { access: string };
  assert.equal((await getWith(`${server.url}/api/me/`, next)).status, 200);
});

test('over https the cookie is Secure', async () => {
  const body = JSON.stringify({ username: 'ada', password: PASSWORD });
  const headers = { 'content-type': 'application/json', 'x-forwarded-proto': 'https' };
  const { headers: got } = await send(`${server.url}/api/session/`, {
    method: 'POST',
    headers,
    body,
  });
  assert.match(String(got['set-cookie']), /; Secure/i);
});

test('signing out ends the session and deletes the cookie', async () => {
  const { cookie } = await signIn();
  const out = await send(`${server.url}/api/session/`, { method: 'DELETE', headers: { cookie } });
  assert.equal(out.status, 204);
  assert.match(String(out.headers['set-cookie']), /chit_refresh=;.*Max-Age=0/i);
  assert.equal((await refresh(cookie)).status, 401);
  const again = await send(`${server.url}/api/session/`, { method: 'DELETE' });
  assert.equal(again.status, 204);
});

test('without a cookie, or with an invalid one, there is no token', async () => {
  for (const cookie of ['', 'chit_refresh=', 'chit_refresh=nonsense', 'other=1']) {
    assert.equal((await refresh(cookie)).status, 401);
  }
  const wrong = { username: 'ada', password: 'wrong' };
  const { status, headers } = await postJson(`${server.url}/api/session/`, wrong);
  assert.equal(status, 400);
  assert.equal(headers['set-cookie'], undefined);
});

test('sessions are listed, and another one can be ended', async () => {
  const here = await signIn();
  const there = await signIn();
  const list = async () => {
    const headers = { authorization: `Bearer ${here.access}`, cookie: here.cookie };
    const { json } = await send(`${server.url}/api/session/`, { headers });
    return (json as { sessions: { id: string; is_current: boolean }[] }).sessions;
  };
  const before = await list();
  assert.equal(before.filter(({ is_current }) => is_current).length, 1);
  const { jti } = JSON.parse(
    Buffer.from(there.cookie.split('.')[1] ?? '', 'base64url').toString(),
  ) as { jti: string };
  const end = (access: string) =>
    send(`${server.url}/api/session/${jti}/`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${access}` },
    });
  const other = await server.newUser();
  assert.equal((await end(other.access)).status, 404);
  assert.equal((await end(here.access)).status, 204);
  assert.equal((await refresh(there.cookie)).status, 401);
  // Access tokens have ended, of that session and of this one, which fetches another.
  await later(1_100);
  assert.equal((await getWith(`${server.url}/api/me/`, there.access)).status, 401);
  const next = await refresh(here.cookie);
  assert.equal(next.status, 200);
  here.access = (next.json as { access: string }).access;
  assert.equal((await list()).length, before.length - 1);
});

test('a session is named by where it was begun and last used, and goes with all others but one', async () => {
  const { username, password } = await newPerson();
  const from = (address: string, more: Record<string, string> = {}) => ({
    'content-type': 'application/json',
    'x-forwarded-for': address,
    ...more,
  });
  const enter = async (address: string, cookie = '') => {
    const headers = from(address, { 'user-agent': 'Firefox/140.0 (Windows)', cookie });
    const body = JSON.stringify({ username, password });
    const at = `${server.url}/api/session/`;
    const { headers: got, json } = await send(at, { method: 'POST', headers, body });
    const [set = ''] = String(got['set-cookie']).split(';');
    return { access: (json as { access: string }).access, cookie: set };
  };
  const list = async (access: string) =>
    ((await getWith(`${server.url}/api/session/`, access)).json as { sessions: Listed[] }).sessions;
  const there = await enter('192.0.2.7');
  const here = await enter('192.0.2.8');
  await send(`${server.url}/api/session/refresh/`, {
    method: 'POST',
    headers: from('198.51.100.9', { cookie: there.cookie }),
  });
  const all = await list(here.access);
  const [mine, other] = ['192.0.2.8', '192.0.2.7'].map((at) =>
    all.find(({ address }) => address === at),
  );
  assert.deepEqual(
    [mine?.address, mine?.last_address, mine?.is_current],
    ['192.0.2.8', '192.0.2.8', true],
  );
  assert.deepEqual(
    [other?.address, other?.last_address, other?.is_current],
    ['192.0.2.7', '198.51.100.9', false],
  );
  assert.ok(String(other?.last_used_at) >= String(other?.created_at));

  const ask = { method: 'POST', headers: { authorization: `Bearer ${here.access}` } };
  const { status, json } = await send(`${server.url}/api/session/end-others/`, ask);
  assert.equal(status, 200);
  await later(1_100);
  for (const ended of [there.access, here.access]) {
    assert.equal((await getWith(`${server.url}/api/me/`, ended)).status, 401);
  }
  assert.equal((await refresh(there.cookie)).status, 401);
  const left = await list((json as { access: string }).access);
  assert.deepEqual(
    left.map(({ is_current: isCurrent }) => isCurrent),
    [true],
  );
  assert.equal((await refresh(here.cookie)).status, 200);
});

test('who signs in again in a browser has no session there more than before', async () => {
  const first = await signIn();
  const headers = { 'content-type': 'application/json', cookie: first.cookie };
  const body = JSON.stringify({ username: 'ada', password: PASSWORD });
  const again = await send(`${server.url}/api/session/`, { method: 'POST', headers, body });
  assert.equal(again.status, 200);
  assert.equal((await refresh(first.cookie)).status, 401);
  const [cookie = ''] = String(again.headers['set-cookie']).split(';');
  assert.equal((await refresh(cookie)).status, 200);
});

test('signing out ends the access token too', async () => {
  const { access, cookie } = await signIn();
  await send(`${server.url}/api/session/`, { method: 'DELETE', headers: { cookie } });
  await later(1_100);
  assert.equal((await getWith(`${server.url}/api/me/`, access)).status, 401);
});

test('sessions are listed a page at a time, each of them once', async () => {
  const { access } = await signIn();
  for (let more = 0; more < 2; more += 1) await signIn();
  const page = async (query: string) => {
    const { status, json } = await getWith(`${server.url}/api/session/${query}`, access);
    assert.equal(status, 200);
    return json as {
      sessions: { id: string }[];
      has_more: boolean;
      next_cursor: string | null;
    };
  };
  const all = (await page('')).sessions.map(({ id }) => id);
  assert.ok(all.length >= 3);
  const paged: string[] = [];
  for (let query = '?limit=1'; ; ) {
    const { sessions, has_more: hasMore, next_cursor: next } = await page(query);
    assert.equal(sessions.length, 1);
    paged.push(...sessions.map(({ id }) => id));
    assert.equal(hasMore, next !== null);
    if (next === null) break;
    query = `?limit=1&cursor=${next}`;
  }
  assert.deepEqual(paged, all);
  const wrong = await getWith(`${server.url}/api/session/?cursor=x`, access);
  assert.equal(wrong.status, 400);
});

/** Requests that only the page itself may send. */
const ASKED = [
  ['POST', '/api/session/', { username: 'ada', password: PASSWORD }, 200],
  ['POST', '/api/session/refresh/', undefined, 200],
  ['DELETE', '/api/session/', undefined, 204],
] as const;

test('a page of another site cannot sign anyone in, nor refresh or end a session', async () => {
  for (const [method, path, body, status] of ASKED) {
    const { cookie } = await signIn();
    const ask = (site: string) => {
      const headers: Record<string, string> = { cookie, 'sec-fetch-site': site };
      if (body) headers['content-type'] = 'application/json';
      return send(`${server.url}${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
      });
    };
    for (const site of ['cross-site', 'same-site', 'elsewhere', '']) {
      const { json, headers, status: refused } = await ask(site);
      assert.equal(refused, 403, `${method} ${path} ${site}`);
      assert.deepEqual(json, {
        detail: 'Sign in and out on a page of this site.',
        code: 'cross_site_request',
      });
      assert.equal(headers['set-cookie'], undefined);
    }
    for (const site of ['same-origin', 'none']) {
      assert.equal((await ask(site)).status, status, `${method} ${path} ${site}`);
    }
  }
});

test('forms are refused there, whatever their Sec-Fetch-Site', async () => {
  const { cookie } = await signIn();
  const form = `username=ada&password=${encodeURIComponent(PASSWORD)}`;
  const part = 'Content-Disposition: form-data; name="username"\r\n\r\nada';
  for (const [type, sent] of [
    ['application/x-www-form-urlencoded', form],
    ['application/x-www-form-urlencoded', ''],
    ['multipart/form-data; boundary=X', `--X\r\n${part}\r\n--X--\r\n`],
    ['text/plain', JSON.stringify({ username: 'ada', password: PASSWORD })],
    ['text/plain', undefined],
    ['application/jsonx', '{}'],
  ] as const) {
    for (const [method, path] of ASKED) {
      const headers = { cookie, 'content-type': type };
      const answer = await send(`${server.url}${path}`, { method, headers, body: sent });
      assert.equal(answer.status, 415, `${method} ${path} ${type}`);
      assert.deepEqual(answer.json, { detail: `Unsupported media type "${type}" in request.` });
      assert.equal(answer.headers['set-cookie'], undefined);
    }
  }
  const type = 'Application/JSON; charset=utf-8';
  const headers = { 'content-type': type };
  const body = JSON.stringify({ username: 'ada', password: PASSWORD });
  const inJson = await send(`${server.url}/api/session/`, { method: 'POST', headers, body });
  assert.equal(inJson.status, 200);
  assert.equal((await refresh(cookie)).status, 200, 'nobody was signed out');
});

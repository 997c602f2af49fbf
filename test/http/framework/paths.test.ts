/** Paths and methods, ordinary and unusual ones. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { storingNothing } from '../../support/database.ts';
import { getWith, postJson, send } from '../../support/http.ts';
import { exchange, written } from '../../support/raw.ts';
import { newUser } from '../../support/server.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

const NOT_FOUND = { detail: 'Not found.' };

let server: ServerHere;
let access: string;

before(async () => {
  server = await startServerHere();
  ({ access } = await newUser(server.url, 'alice'));
});
after(() => server.stop());

test('an unknown path under /api/ gets 404, signed in or not, whatever the method', async () => {
  for (const path of [
    '/api/',
    '/api/nope/',
    '/api/chat/1/',
    '/api/chat//',
    '/API/chat/',
    '/apix',
  ]) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
      for (const headers of [{}, { authorization: `Bearer ${access}` }, { authorization: 'x' }]) {
        const answer = await storingNothing(server.folder, () =>
          send(`${server.url}${path}`, { method, headers }),
        );
        assert.equal(answer.status, 404, `${method} ${path}`);
        assert.deepEqual(answer.json, NOT_FOUND, `${method} ${path}`);
      }
    }
  }
});

test('for unknown paths browsers get the page with 404, programs get JSON', async () => {
  const asBrowsersDo = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const page = await send(`${server.url}/nope`, { headers: asBrowsersDo });
  assert.equal(page.status, 404);
  assert.match(String(page.headers['content-type']), /^text\/html/);
  assert.match(String(page.headers['content-security-policy']), /script-src 'self'/);
  assert.match(page.text, /<div id="app">/);
  for (const [path, more] of [
    ['/nope', {}],
    ['/nope', { headers: { accept: '*/*' } }],
    ['/nope', { method: 'POST', headers: asBrowsersDo }],
    ['/api/nope', { headers: asBrowsersDo }],
  ] as const) {
    const { status, json } = await send(`${server.url}${path}`, more);
    assert.deepEqual([status, json], [404, NOT_FOUND], path);
  }
  // Its errors are those of the provider APIs.
  const { status, json } = await send(`${server.url}/v1/nope`, { headers: asBrowsersDo });
  assert.deepEqual([status, Object.keys(json as object)], [404, ['error']]);
});

test('a path without its trailing slash works the same way, with no redirect', async () => {
  const account = { username: 'slashless', password: 'Pa55word!x' };
  assert.equal((await postJson(`${server.url}/api/register`, account)).status, 201);
  const login = await postJson(`${server.url}/api/login`, account);
  assert.equal(login.status, 200);
  const tokens = login.json as { access: string; refresh: string };
  const chat = await postJson(`${server.url}/api/chat`, { message: 'hi' }, tokens.access);
  assert.equal(chat.status, 200);
  const balance = await getWith(`${server.url}/api/tokens`, tokens.access);
  assert.deepEqual(balance.json, { tokens: 3900 });
  for (const path of ['/api/token/refresh', '/api/token/refresh/']) {
    const answer = await postJson(`${server.url}${path}`, { refresh: tokens.refresh });
    assert.equal(answer.status, 200);
  }
});

test('a query or fragment does not change the route', async () => {
  const answer = await getWith(`${server.url}/api/tokens/?a=1&a=2&__proto__[x]=1&%zz=%`, access);
  assert.equal(answer.status, 200);
});

test('a percent-encoded path reaches the same route and requires the same token', async () => {
  for (const path of ['/api/%74okens/', '/%61pi/tokens', '/api/%6D%65/']) {
    const open = await send(`${server.url}${path}`);
    assert.equal(open.status, 401, path);
    assert.equal((await getWith(`${server.url}${path}`, access)).status, 200, path);
  }
});

test('paths with `..` or encoded slashes reach nothing that is not served', async () => {
  for (const path of [
    '/docs/static/../../../package.json',
    '/docs/static/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/docs/static/..%2f..%2f..%2fpackage.json',
    '/docs/static/..%5c..%5cpackage.json',
    '/docs/static/%00',
    '/assets/',
    '/assets/../../../package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/..%5c..%5c..%5cpackage.json',
    '/assets/.%2e/.%2e/.%2e/package.json',
    '/assets/%00',
    '/assets/no-such-file.js',
    '/docs/static/swagger-ui.css%00.html',
    '/api%2ftokens%2f',
    '/healthz/../api/tokens/',
    '/docs/../api/tokens/',
    '//api/tokens/',
    '/api/./tokens/',
    '/api/tokens/;a=b',
    '/api/tokens%20/',
  ]) {
    const { status, text } = await exchange(server.url, written('GET', path));
    assert.ok([400, 403, 404].includes(status), `${path}: ${status}`);
    assert.doesNotMatch(text, /devDependencies|"tokens":/, path);
    assert.match(text, /x-content-type-options: nosniff|"detail"/i, path);
  }
});

test('a malformed path gets 400 with a request id and the headers of every response', async () => {
  for (const path of ['/%', '/api/%zz/', '/api/chat/%ff%fe/', '/%c0%ae%c0%ae/']) {
    const { status, text } = await exchange(server.url, written('GET', path));
    assert.equal(status, 400, path);
    assert.match(text, /x-request-id: \S+/i);
    assert.match(text, /x-content-type-options: nosniff/i);
    assert.match(text, /content-security-policy: default-src 'none'/i);
    assert.match(text, /\{"detail":"The path is not a valid URL\.","code":"malformed_request"\}/);
  }
});

test('an absolute-form target is served, as RFC 9112 requires, and needs a token', async () => {
  const health = await exchange(server.url, written('GET', 'http://other.example/healthz'));
  assert.equal(health.status, 200);
  const tokens = await exchange(server.url, written('GET', 'http://other.example/api/tokens/'));
  assert.equal(tokens.status, 401);
});

test('a request without a Host gets 400', async () => {
  const close = 'Connection: close\r\n\r\n';
  const without = await exchange(server.url, `GET /healthz HTTP/1.1\r\n${close}`);
  assert.equal(without.status, 400);
});

test('HEAD is like GET without a body; a path without GET answers 405', async () => {
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs/']) {
    const answer = await send(`${server.url}${path}`, { method: 'HEAD' });
    assert.equal(answer.status, 200, path);
    assert.equal(answer.text, '');
  }
  const open = await send(`${server.url}/api/tokens/`, { method: 'HEAD' });
  assert.equal(open.status, 401);
  const headers = { authorization: `Bearer ${access}` };
  const own = await send(`${server.url}/api/tokens/`, { method: 'HEAD', headers });
  assert.equal(own.status, 200);
  const chat = await send(`${server.url}/api/chat/`, { method: 'HEAD', headers });
  assert.equal(chat.status, 405);
});

test('an unsupported method gets 405 and the list of supported ones', async () => {
  const headers = { authorization: `Bearer ${access}` };
  for (const [path, allowed] of [
    ['/api/chat/', 'POST, OPTIONS'],
    ['/api/login/', 'POST, OPTIONS'],
    ['/api/tokens/', 'GET, HEAD, OPTIONS'],
    ['/healthz', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'];
    for (const method of others.filter((it) => !allowed.includes(it))) {
      const answer = await storingNothing(server.folder, () =>
        send(`${server.url}${path}`, { method, headers }),
      );
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.deepEqual(answer.json, { detail: `Method "${method}" not allowed.` });
      assert.equal(sorted(answer.headers.allow), sorted(allowed));
    }
    const options = await send(`${server.url}${path}`, { method: 'OPTIONS', headers });
    assert.equal(options.status, 204);
    assert.equal(sorted(options.headers.allow), sorted(allowed));
  }
});

test('TRACE echoes nothing', async () => {
  const headers = { 'x-secret': 'a-secret-of-the-client' };
  for (const path of ['/', '/healthz', '/api/login/', '/api/chat/', '/docs/', '/nowhere']) {
    const answer = await send(`${server.url}${path}`, { method: 'TRACE', headers });
    assert.ok([401, 404, 405].includes(answer.status), path);
    assert.doesNotMatch(answer.text, /a-secret-of-the-client/);
  }
});

test('CONNECT opens no tunnel, and methods of other protocols get no content', async () => {
  const connected = await exchange(server.url, written('CONNECT', 'example.org:443'));
  assert.equal(connected.text, '');
  for (const method of ['PROPFIND', 'MKCOL', 'PURGE', 'M-SEARCH', 'QUERY']) {
    const { status } = await exchange(server.url, written(method, '/api/chat/'));
    assert.ok([401, 404, 405].includes(status), `${method}: ${status}`);
  }
});

function sorted(list: string | undefined): string {
  return (list ?? '').split(', ').sort().join();
}

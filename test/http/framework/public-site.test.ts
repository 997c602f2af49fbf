/** A site under a path of its host, whether the proxy leaves the path in its requests or not. */
import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pageFor, publicSiteOf, withoutPrefix } from '../../../src/http/framework/public-site.ts';
import { OWN_PATHS, publicUrl } from '../../../src/settings/parsers.ts';
import { postJson, send } from '../../support/http.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

const DIST = join(import.meta.dirname, '../../../web/dist');
const PASSWORD = 'a long passphrase';

let server: ServerHere;
before(async () => {
  server = await startServerHere({ CHIT_PUBLIC_URL: 'https://site.test/team/chat/' });
  await postJson(`${server.url}/api/register/`, { username: 'ada', password: PASSWORD });
});
after(() => server.stop());

test('the address is kept without a slash at the end; a path of Chit itself is refused', () => {
  assert.equal(publicUrl(''), '');
  assert.equal(publicUrl('https://Chat.Example.org'), 'https://chat.example.org');
  assert.equal(publicUrl('http://10.0.0.5:8080//'), 'http://10.0.0.5:8080');
  assert.equal(publicUrl('https://example.org/a/b/'), 'https://example.org/a/b');
  for (const text of [
    'chat.example.org',
    'ftp://example.org/',
    'https://user@example.org/',
    'https://example.org/?a',
    'https://example.org/#a',
    'https://example.org/a%20b/',
    'https://example.org/a//b/',
  ]) {
    assert.throws(() => publicUrl(text), /is not an address such as/, text);
  }
  assert.throws(() => publicUrl('https://example.org/API/'), /cannot begin with \/api/);
});

test('every path of the site is among those that an address cannot begin with', async () => {
  const { json } = await send(`${server.url}/openapi.json`);
  const paths = Object.keys((json as { paths: object }).paths);
  const firsts = new Set(paths.map((path) => path.split('/')[1] ?? ''));
  assert.ok(firsts.size > 3);
  for (const first of firsts) assert.ok(OWN_PATHS.includes(first), first);
});

test('the prefix is taken off a target, and only as a whole segment', () => {
  for (const [target, expected] of [
    ['/chat', '/'],
    ['/chat/', '/'],
    ['/chat?a=1', '/?a=1'],
    ['/chat/api/me/?a=/chat/', '/api/me/?a=/chat/'],
    ['/chats/', '/chats/'],
    ['/api/chat/', '/api/chat/'],
    ['/chat//evil.test/', '//evil.test/'],
    ['http://site.test/chat/healthz', 'http://site.test/healthz'],
    ['http://site.test/chat', 'http://site.test/'],
    ['*', '*'],
  ] as const) {
    assert.equal(withoutPrefix(target, '/chat'), expected, target);
  }
});

test('routes answer with the prefix and without it; a wrong one is a page or an error', async () => {
  for (const path of ['/team/chat/healthz', '/healthz', '/team/chat/readyz']) {
    assert.equal((await send(`${server.url}${path}`)).status, 200, path);
  }
  const wrong = await send(`${server.url}/team/chats/healthz`);
  assert.equal(wrong.status, 404);
  const gateway = await send(`${server.url}/team/chat/v1/models`);
  assert.equal(gateway.status, 401);
  assert.ok('error' in (gateway.json as object), 'in the shape of its API');
});

test('the OpenAPI document names the public address, and /docs/ loads its own files', async () => {
  const { json } = await send(`${server.url}/team/chat/openapi.json`);
  const { servers } = json as { servers: unknown };
  assert.deepEqual(servers, [{ url: 'https://site.test/team/chat' }, { url: '/team/chat' }]);
  const docs = await send(`${server.url}/team/chat/docs`);
  const files = [...docs.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
  assert.ok(files.length > 3);
  for (const file of files) {
    const { pathname } = new URL(file, `${server.url}/team/chat/docs`);
    assert.match(pathname, /^\/team\/chat\/docs\/static\//);
    assert.equal((await send(`${server.url}${pathname}`)).status, 200, pathname);
  }
});

test('the cookie is for https at the public address, with the path in its name', async () => {
  const cookieFor = async (headers: Record<string, string>) => {
    const answer = await send(`${server.url}/team/chat/api/session/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ username: 'ada', password: PASSWORD }),
    });
    assert.equal(answer.status, 200, answer.text);
    return (answer.headers['set-cookie'] ?? []).find((it) => it.includes('chit_refresh')) ?? '';
  };
  const secure = await cookieFor({ host: 'site.test' });
  assert.match(secure, /^__Host-chit_refresh_team_chat=/);
  assert.match(secure, /; Path=\/;.*Secure/);
  const inside = await cookieFor({});
  assert.match(inside, /^chit_refresh_team_chat=.*; Path=\/team\/chat\/api\/session;/);
  assert.doesNotMatch(inside, /Secure/);

  const renew = (cookie: string) =>
    send(`${server.url}/team/chat/api/session/refresh/`, {
      method: 'POST',
      headers: { host: 'site.test', cookie },
    });
  const [pair = ''] = secure.split(';', 1);
  const ofAnother = pair.replace('_team_chat', '');
  assert.equal((await renew(ofAnother)).status, 401, 'that of another site on the same host');
  assert.equal((await renew(pair)).status, 200);
});

test('a built page names its files under the prefix, and its address', () => {
  const html = '<html lang="en"><script src="/theme.js"></script><a href="#x">x</a></html>';
  assert.equal(
    pageFor(html, publicSiteOf('https://site.test/chat')),
    '<html data-prefix="/chat" data-address="https://site.test/chat" lang="en">' +
      '<script src="/chat/theme.js"></script><a href="#x">x</a></html>',
  );
});

test('pages and their files are there under the prefix, and so is the page for no path', async () => {
  if (!existsSync(join(DIST, 'index.html'))) return;
  const accept = { accept: 'text/html' };
  for (const path of ['/team/chat', '/team/chat/', '/team/chat/c/1', '/team/chat/admin/', '/x/y']) {
    const page = await send(`${server.url}${path}`, { headers: accept });
    assert.equal(page.status, path === '/x/y' ? 404 : 200, path);
    assert.match(page.text, /data-prefix="\/team\/chat"/);
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    assert.ok(files.length > 3);
    for (const file of files) {
      assert.match(file, /^\/team\/chat\//);
      assert.equal((await send(`${server.url}${file}`)).status, 200, file);
    }
  }
  assert.ok(globSync('assets/*.js', { cwd: DIST }).length > 0);
});

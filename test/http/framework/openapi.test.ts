/** The OpenAPI document matches the server; the docs page loads nothing from elsewhere. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { send } from '../../support/http.ts';
import { type Endpoint, endpointsOf } from '../../support/openapi.ts';
import { newUser } from '../../support/server.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

const BODY_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
] as const;

let server: ServerHere;
let access: string;

before(async () => {
  server = await startServerHere({ CHIT_SIGNUPS_PER_HOUR: '3', CHIT_BODY_LIMIT_BYTES: '2048' });
  ({ access } = await newUser(server.url, 'alice'));
});
after(() => server.stop());

async function text(path: string): Promise<string> {
  const answer = await send(`${server.url}${path}`);
  assert.equal(answer.status, 200, path);
  return answer.text;
}

test('the document is OpenAPI 3.1 and has every documented path of the original', async () => {
  const answer = await send(`${server.url}/openapi.json`);
  assert.match(String(answer.headers['content-type']), /^application\/json/);
  const document = answer.json as { openapi: string; paths: object; components: object };
  assert.match(document.openapi, /^3\.1\.\d+$/);
  const paths = Object.keys(document.paths);
  for (const path of ['/api/register/', '/api/login/', '/api/chat/', '/api/tokens/']) {
    assert.ok(paths.includes(path), path);
  }
  assert.deepEqual(document.components, {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      key: { type: 'http', scheme: 'bearer', description: 'An API key, chit_…' },
      scim: { type: 'http', scheme: 'bearer', description: 'A token of a directory' },
      admin_key: { type: 'http', scheme: 'bearer', description: 'An admin key, chit_admin_…' },
    },
    schemas: {},
  });
});

test('every operation has a summary, every response a description and a body', async () => {
  const endpoints = await endpointsOf(server.url);
  assert.ok(endpoints.length >= 11);
  for (const { method, path, operation } of endpoints) {
    assert.match(operation.summary ?? '', /\S/, `${method} ${path}`);
    assert.equal(operation.tags?.length, 1, `${method} ${path}`);
    for (const [status, response] of Object.entries(operation.responses)) {
      const what = `${method} ${path} ${status}`;
      assert.match(status, /^\d{3}$/, what);
      assert.match(response.description ?? '', /\w{3}.*\.$/s, `${what} says what it means`);
      assert.notEqual(response.description, 'Default Response', what);
      const isEmpty = status === '204' || status === '303';
      assert.equal(response.content === undefined, isEmpty, `${what} has a schema`);
    }
  }
});

/** These requests have only path parameters. */
const WITHOUT_BODY = [
  '/api/admin/sign-in/{provider}/check/',
  '/api/admin/sign-in/{provider}/try/',
  '/api/admin/directory/check/',
  '/api/session/end-others/',
  '/api/admin/backups/',
  '/api/admin/doctor/',
  '/api/mail/unsubscribe/',
  '/api/admin/mail/test/',
  '/api/admin/mail/failed/{id}/retry/',
  '/api/admin/webhooks/{id}/secret/',
  '/api/admin/webhooks/{id}/test/',
  '/api/admin/webhooks/{id}/deliveries/{delivery}/retry/',
  '/api/session/refresh/',
  '/api/session/passkey/options/',
  '/api/account/proof/passkey/',
  '/api/account/totp/',
  '/api/account/passkeys/options/',
  '/api/account/recovery-codes/',
  '/api/messages/{id}/stop/',
  '/api/admin/users/{id}/password-link/',
  '/api/admin/users/{id}/end-sessions/',
];

test('the accepted body types are documented: all three, or JSON alone', async () => {
  for (const { method, path, operation } of await endpointsOf(server.url)) {
    const { requestBody } = operation;
    const hasBody = ['POST', 'PUT', 'PATCH'].includes(method) && !WITHOUT_BODY.includes(path);
    assert.equal(requestBody !== undefined, hasBody, path);
    const isJsonOnly = path.startsWith('/v1/') || path.startsWith('/api/session/');
    const scim = path.startsWith('/scim/') ? ['application/scim+json', 'application/json'] : [];
    const others = isJsonOnly ? ['application/json'] : BODY_TYPES;
    const types = scim.length > 0 ? scim : others;
    if (requestBody) assert.deepEqual(Object.keys(requestBody.content), types, path);
  }
});

/** Responses of an endpoint to valid, invalid, oversized and wrongly typed requests. */
async function statusesOf({ method, path }: Endpoint): Promise<number[]> {
  const url = `${server.url}${path}`;
  const json = { 'content-type': 'application/json' };
  const signedIn = { ...json, authorization: `Bearer ${access}` };
  const fitting = JSON.stringify({
    username: `u${Math.random()}`,
    password: 'wrong',
    old_password: 'wrong',
    new_password: 'x',
    message: 'hi',
    token: 'garbage',
    refresh: 'garbage',
  });
  const bodyOf = (body: string) => (method === 'GET' ? undefined : body);
  const answers = await Promise.all([
    send(url, { method, headers: json, body: bodyOf('{}') }),
    send(url, { method, headers: signedIn, body: bodyOf('{}') }),
    send(url, { method, headers: signedIn, body: bodyOf('{') }),
    send(url, {
      method,
      headers: { ...signedIn, 'content-type': 'text/plain' },
      body: bodyOf('x'),
    }),
    send(url, { method, headers: signedIn, body: bodyOf('x'.repeat(3_000)) }),
    send(url, { method: 'PUT', headers: signedIn }),
    ...Array.from({ length: 12 }, () =>
      send(url, { method, headers: signedIn, body: bodyOf(fitting) }),
    ),
  ]);
  return [...new Set(answers.map(({ status }) => status))].sort();
}

test('every status that an endpoint returns is documented', async () => {
  const seen = new Set<number>();
  for (const endpoint of await endpointsOf(server.url)) {
    const documented = Object.keys(endpoint.operation.responses).map(Number);
    for (const status of await statusesOf(endpoint)) {
      seen.add(status);
      assert.ok(documented.includes(status), `${endpoint.method} ${endpoint.path}: ${status}`);
    }
    // The token has ended, too.
    const endsTokens = endpoint.path === '/api/session/end-others/';
    if (endsTokens) ({ access } = await newUser(server.url, 'another'));
  }
  // The requests above do reach their handlers.
  const reached = [200, 201, 204, 303, 400, 401, 403, 404, 405, 409, 413, 415, 429];
  assert.deepEqual([...seen].sort(), reached);
});

test('the docs page and everything it loads come from this server', async () => {
  const answer = await send(`${server.url}/docs/`);
  assert.equal(answer.status, 200);
  assert.match(String(answer.headers['content-type']), /^text\/html/);
  const named = [...answer.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url ?? '');
  assert.ok(named.length >= 5, `the page loads ${named.join()}`);
  assert.ok(named.some((it) => it.endsWith('.js')) && named.some((it) => it.endsWith('.css')));
  for (const name of named) {
    const url = new URL(name, `${server.url}/docs/`);
    assert.equal(url.origin, server.url, name);
    const file = await send(url.href);
    assert.equal(file.status, 200, name);
    assert.ok(file.text.length > 0, name);
    assert.equal(file.headers['x-content-type-options'], 'nosniff');
    assert.equal(file.headers['cross-origin-opener-policy'], 'same-origin');
  }
  // What the page then reads is the same document; the badge of a validator elsewhere is off.
  assert.equal(await text('/docs/json'), await text('/openapi.json'));
  assert.match(await text('/docs/static/swagger-initializer.js'), /"validatorUrl":null/);
});

test('no page may load anything from another host or be put into a frame', async () => {
  for (const path of ['/docs/', '/docs/static/swagger-ui.css', '/openapi.json', '/api/nope/']) {
    const { headers } = await send(`${server.url}${path}`);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src '(self|none)'/, path);
    for (const source of policy.split(/[;\s]+/).filter((it) => it !== '' && !/-/.test(it))) {
      assert.match(source, /^('self'|'none'|data:)$/, `${path}: ${source}`);
    }
    assert.ok(headers['x-frame-options'] === 'SAMEORIGIN' || /frame-ancestors 'none'/.test(policy));
    assert.equal(headers['x-powered-by'], undefined);
  }
});

test('the health checks are public', async () => {
  assert.equal(await text('/healthz'), '{"status":"ok"}');
  assert.equal(await text('/readyz'), '{"status":"ok"}');
});

test('a browser finds the page and the docs', async () => {
  const root = await send(`${server.url}/`);
  assert.equal(root.status, 200);
  assert.match(root.text, /<div id="app">/);
  assert.match(
    String(root.headers['content-security-policy']),
    /default-src 'none'; script-src 'self';/,
  );
  const page = await send(`${server.url}/docs`);
  const location = page.status === 200 ? '/docs' : String(page.headers.location);
  assert.match(await text(new URL(location, `${server.url}/docs`).pathname), /swagger-ui/);
});

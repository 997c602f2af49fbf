/** Cross-origin requests: refused except from the configured origins, and with an API key. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { storingNothing } from '../../support/database.ts';
import { type Answer, send } from '../../support/http.ts';
import { newUser } from '../../support/server.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

const LISTED = 'https://chat.example.org';
const ALSO_LISTED = 'http://localhost:5173';
const UNLISTED = [
  'https://evil.example.org',
  'http://chat.example.org',
  'https://chat.example.org:8443',
  'https://chat.example.org.evil.example',
  'https://CHAT.example.org',
  'null',
];

let closed: ServerHere;
let open: ServerHere;
let access: string;

before(async () => {
  [closed, open] = await Promise.all([
    startServerHere(),
    startServerHere({ CHIT_CORS_ORIGINS: `${LISTED}, ${ALSO_LISTED}` }),
  ]);
  ({ access } = await newUser(open.url, 'alice'));
});
after(() => Promise.all([closed.stop(), open.stop()]));

function preflight(server: ServerHere, origin: string): Promise<Answer> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  };
  return storingNothing(server.folder, () =>
    send(`${server.url}/api/chat/`, { method: 'OPTIONS', headers }),
  );
}

function chat(server: ServerHere, origin: string, token: string): Promise<Answer> {
  const headers = {
    origin,
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
  };
  return send(`${server.url}/api/chat/`, { method: 'POST', headers, body: '{"message":"hi"}' });
}

function corsHeaders({ headers }: Answer): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

function listOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((it) => it.trim().toLowerCase());
}

test('without the setting no response allows any origin', async () => {
  for (const origin of [LISTED, ...UNLISTED]) {
    const asked = await preflight(closed, origin);
    assert.deepEqual(corsHeaders(asked), []);
    assert.equal(asked.status, 401);
    const answer = await send(`${closed.url}/healthz`, { headers: { origin } });
    assert.deepEqual(corsHeaders(answer), []);
  }
});

test('a listed origin may chat with a token, which the preflight does not need', async () => {
  for (const origin of [LISTED, ALSO_LISTED]) {
    const asked = await preflight(open, origin);
    assert.equal(asked.status, 204);
    assert.equal(asked.headers['access-control-allow-origin'], origin);
    assert.ok(listOf(asked.headers['access-control-allow-methods']).includes('post'));
    const headers = listOf(asked.headers['access-control-allow-headers']);
    assert.deepEqual(headers.sort(), ['authorization', 'content-type']);
    const answer = await chat(open, origin, access);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    assert.ok(listOf(answer.headers.vary).includes('origin'));
  }
});

test('a listed origin can read errors too, and when to retry', async () => {
  const answer = await chat(open, LISTED, 'garbage');
  assert.equal(answer.status, 401);
  assert.equal(answer.headers['access-control-allow-origin'], LISTED);
  const exposed = listOf(answer.headers['access-control-expose-headers']);
  assert.ok(exposed.includes('retry-after'));
});

test('an origin must match exactly', async () => {
  for (const origin of UNLISTED) {
    const asked = await preflight(open, origin);
    assert.deepEqual(corsHeaders(asked), [], origin);
    assert.equal(asked.status, 401, origin);
    const answer = await chat(open, origin, access);
    assert.deepEqual(corsHeaders(answer), [], origin);
    // Otherwise a cache could serve one site a response meant for another.
    assert.ok(listOf(answer.headers.vary).includes('origin'));
  }
});

test('credentials are never allowed', async () => {
  for (const answer of [await preflight(open, LISTED), await chat(open, LISTED, access)]) {
    assert.equal(answer.headers['access-control-allow-credentials'], undefined);
  }
});

test('OPTIONS that is not a preflight is answered as without CORS', async () => {
  for (const [path, status] of [
    ['/api/login/', 204],
    ['/api/chat/', 401],
    ['/api/nope/', 404],
  ] as const) {
    for (const { url } of [closed, open]) {
      const answer = await send(`${url}${path}`, {
        method: 'OPTIONS',
        headers: { origin: LISTED },
      });
      assert.equal(answer.status, status, path);
    }
  }
});

/** What the clients of OpenAI and Anthropic send from a browser. */
const CLIENT_HEADERS = [
  'anthropic-dangerous-direct-browser-access',
  'anthropic-version',
  'authorization',
  'content-type',
  'x-api-key',
  'x-stainless-lang',
];

test('under /v1/ a page of any origin may use an API key, without a setting', async () => {
  for (const { url } of [closed, open]) {
    for (const origin of [LISTED, ...UNLISTED]) {
      for (const path of ['/v1/chat/completions', '/v1/models/any', '/v1/messages', '/v1/none']) {
        const asked = await send(`${url}${path}`, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': CLIENT_HEADERS.join(','),
          },
        });
        assert.equal(asked.status, 204, path);
        assert.equal(asked.headers['access-control-allow-origin'], '*');
        assert.deepEqual(listOf(asked.headers['access-control-allow-headers']), CLIENT_HEADERS);
        assert.ok(listOf(asked.headers['access-control-allow-methods']).includes('post'));
        assert.equal(asked.headers['access-control-allow-credentials'], undefined);
        assert.equal(asked.headers['x-content-type-options'], 'nosniff');
        const answer = await send(`${url}${path}`, { method: 'POST', headers: { origin } });
        assert.ok(answer.status === 401 || answer.status === 404 || answer.status === 405, path);
        assert.equal(answer.headers['access-control-allow-origin'], '*');
        assert.equal(answer.headers['access-control-allow-credentials'], undefined);
        const exposed = listOf(answer.headers['access-control-expose-headers']);
        for (const name of ['request-id', 'x-request-id', 'retry-after', 'ratelimit']) {
          assert.ok(exposed.includes(name), name);
        }
      }
    }
    // No cookie and no token of a person opens these paths, so there is nothing to protect.
    const headers = { origin: LISTED, authorization: `Bearer ${access}` };
    assert.equal((await send(`${url}/v1/models`, { headers })).status, 401);
  }
});

test('under /v1/ nothing changes for who is not in a browser', async () => {
  const answer = await send(`${closed.url}/v1/models`);
  assert.deepEqual(corsHeaders(answer), []);
  const options = await send(`${closed.url}/v1/models`, { method: 'OPTIONS' });
  assert.equal(options.status, 401);
});

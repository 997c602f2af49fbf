/** Errors carry a code and parameters that programs can read, whatever their body is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { AdminServer, PASSWORD } from '../../support/admin.ts';
import { type Answer, send } from '../../support/http.ts';
import { exchange } from '../../support/raw.ts';
import { script } from '../../support/scripted-model.ts';

let admin: AdminServer;
/** Does not accept sign-ups, and one request per minute to its models. */
let strict: AdminServer;
let user: { id: number; username: string; access: string };

before(async () => {
  [admin, strict] = await Promise.all([
    AdminServer.start({ CHIT_BODY_LIMIT_BYTES: '4096' }),
    AdminServer.start({ CHIT_SIGNUP: 'closed', CHIT_REQUESTS_PER_MINUTE: '1' }),
  ]);
  user = await admin.person();
});
after(() => Promise.all([admin.server.close(), strict.server.close()]));

function ask(
  method: string,
  path: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<Answer> {
  return admin.ask(user.access, method, path, body, headers);
}

function asRoot(method: string, path: string, body?: object): Promise<Answer> {
  return admin.ask(admin.root, method, path, body);
}

function withoutToken(path: string, body: string, headers: Record<string, string> = {}) {
  return send(`${admin.server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

async function withApiKey(path: string, body: object): Promise<Answer> {
  const made = await ask('POST', '/api/keys/', { name: 'key' });
  const { key } = made.json as { key: string };
  return withoutToken(path, JSON.stringify(body), { authorization: `Bearer ${key}` });
}

/** The first answer of many that is an error. */
async function firstError(attempt: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await attempt();
    if (answer.status === 429 || answer.status >= 500) return answer;
  }
}

async function firstLine(): Promise<{ id: string }> {
  const { json } = await ask('GET', '/api/tokens/history/');
  return (json as { results: { id: string }[] }).results.at(-1) as { id: string };
}

async function chargeId(): Promise<string> {
  await ask('POST', '/api/chat/', { message: 'hi' });
  const { json } = await ask('GET', '/api/tokens/history/?limit=1');
  return (json as { results: { id: string }[] }).results[0]?.id ?? '';
}

interface Case {
  readonly code: ErrorCode;
  readonly status: number;
  readonly params?: object;
  /** Whether the body is one of the original's or of a provider API, and has no code of ours. */
  readonly isBodyFixed?: boolean;
  readonly act: () => Promise<Answer>;
}

const reason = 'a test';
const Fixed = { isBodyFixed: true };

const NOWHERE = '/api/admin/plans/nothing/';
const PLAN = { name: 'Twice', tokens: 1, calendar: { kind: 'day', time_zone: 'UTC' } };

async function endedPlan(): Promise<string> {
  const made = await asRoot('POST', '/api/admin/plans/', { ...PLAN, name: 'Over' });
  const path = `/api/admin/plans/${(made.json as { plan: { id: string } }).plan.id}/`;
  await asRoot('POST', `${path}end/`, {});
  return path;
}

const CASES: readonly Case[] = [
  { code: 'plan_not_found', status: 404, act: () => asRoot('GET', NOWHERE) },
  {
    code: 'plan_name_taken',
    status: 409,
    act: async () => {
      await asRoot('POST', '/api/admin/plans/', PLAN);
      return asRoot('POST', '/api/admin/plans/', PLAN);
    },
  },
  {
    code: 'plan_ended',
    status: 409,
    act: async () => asRoot('PATCH', await endedPlan(), { tokens: 2 }),
  },
  {
    code: 'invalid_fields',
    status: 400,
    params: { fields: { username: [{ code: 'too_long', max: 50 }] } },
    ...Fixed,
    act: () =>
      withoutToken('/api/register/', JSON.stringify({ username: 'x'.repeat(51), password: 'x' })),
  },
  {
    code: 'username_taken',
    status: 400,
    ...Fixed,
    act: () =>
      withoutToken(
        '/api/register/',
        JSON.stringify({ username: user.username, password: PASSWORD }),
      ),
  },
  {
    code: 'invalid_credentials',
    status: 400,
    ...Fixed,
    act: () => withoutToken('/api/login/', '{"username":"nobody","password":"x"}'),
  },
  {
    code: 'signup_closed',
    status: 403,
    act: () =>
      send(`${strict.server.url}/api/register/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"username":"new","password":"x"}',
      }),
  },
  {
    code: 'rate_limited',
    status: 429,
    act: () => firstError(() => strict.ask(strict.staff, 'POST', '/api/chat/', { message: 'hi' })),
  },
  {
    code: 'throttled',
    status: 429,
    act: () =>
      firstError(() => withoutToken('/api/login/', '{"username":"guessed","password":"x"}')),
  },
  {
    code: 'credentials_missing',
    status: 401,
    ...Fixed,
    act: () => send(`${admin.server.url}/api/me/`),
  },
  {
    code: 'authorization_header_malformed',
    status: 401,
    ...Fixed,
    act: () => ask('GET', '/api/me/', undefined, { authorization: 'Bearer a b' }),
  },
  {
    code: 'access_token_invalid',
    status: 401,
    ...Fixed,
    act: () => admin.ask('garbage', 'GET', '/api/me/'),
  },
  {
    code: 'token_invalid',
    status: 401,
    ...Fixed,
    act: () => withoutToken('/api/token/verify/', '{"token":"garbage"}'),
  },
  { code: 'api_key_not_found', status: 404, act: () => ask('DELETE', '/api/keys/none/') },
  {
    code: 'api_key_invalid',
    status: 401,
    ...Fixed,
    act: () => withoutToken('/v1/messages', '{}', { 'x-api-key': 'none' }),
  },
  { code: 'model_missing', status: 400, ...Fixed, act: () => withApiKey('/v1/responses', {}) },
  {
    code: 'wire_not_spoken',
    status: 400,
    params: { model: 'scripted' },
    ...Fixed,
    act: () => withApiKey('/v1/chat/completions', { model: 'scripted' }),
  },
  {
    code: 'model_not_found',
    status: 404,
    params: { model: 'Große 模型' },
    act: () => ask('POST', '/api/chat/', { message: 'hi', model: 'Große 模型' }),
  },
  {
    code: 'permission_denied',
    status: 403,
    act: () => ask('GET', '/api/admin/users/'),
  },
  {
    code: 'model_failed',
    status: 502,
    act: () => ask('POST', '/api/chat/', { message: script({ fail: 'no' }) }),
  },
  { code: 'session_not_found', status: 404, act: () => ask('DELETE', '/api/session/none/') },
  {
    code: 'conversation_not_found',
    status: 404,
    act: () => ask('GET', '/api/conversations/none/'),
  },
  {
    code: 'message_not_found',
    status: 404,
    act: () => ask('POST', '/api/messages/none/stop/'),
  },
  {
    code: 'parent_not_found',
    status: 400,
    act: async () => {
      const { json } = await ask('POST', '/api/conversations/', {});
      const path = `/api/conversations/${(json as { id: string }).id}/messages/`;
      return ask('POST', path, { message: 'hi', parent: 'none' });
    },
  },
  {
    code: 'idempotency_key_invalid',
    status: 400,
    act: () => ask('POST', '/api/chat/', { message: 'hi' }, { 'idempotency-key': 'x'.repeat(256) }),
  },
  {
    code: 'idempotency_key_reused',
    status: 422,
    act: async () => {
      await ask('POST', '/api/chat/', { message: 'one' }, { 'idempotency-key': 'key' });
      return ask('POST', '/api/chat/', { message: 'two' }, { 'idempotency-key': 'key' });
    },
  },
  { code: 'user_unknown', status: 404, act: () => asRoot('GET', '/api/admin/users/5/') },
  {
    code: 'own_account',
    status: 400,
    act: async () => {
      const { id } = (await admin.read('/api/me/')) as { id: number };
      return asRoot('PATCH', `/api/admin/users/${id}/`, { is_active: false });
    },
  },
  {
    code: 'grants_refused',
    status: 400,
    params: { refused: 2 },
    act: () =>
      asRoot('POST', '/api/admin/grants/', {
        to: [
          { id: 5, tokens: 1 },
          { id: 6, tokens: 1 },
        ],
        reason,
      }),
  },
  { code: 'chats_hidden', status: 403, act: () => asRoot('POST', '/api/admin/chats/', { reason }) },
  {
    code: 'link_invalid',
    status: 400,
    act: () =>
      withoutToken('/api/password/choose/', JSON.stringify({ token: 'x', password: PASSWORD })),
  },
  {
    code: 'transfer_not_found',
    status: 404,
    act: () => asRoot('POST', '/api/admin/refunds/', { charge: 'none', reason }),
  },
  {
    code: 'not_refundable',
    status: 400,
    act: async () =>
      asRoot('POST', '/api/admin/refunds/', { charge: (await firstLine()).id, reason }),
  },
  {
    code: 'refunded_already',
    status: 409,
    act: async () => {
      const charge = await chargeId();
      await asRoot('POST', '/api/admin/refunds/', { charge, reason });
      return asRoot('POST', '/api/admin/refunds/', { charge, reason });
    },
  },
  {
    code: 'too_many_api_keys',
    status: 400,
    params: { max: 100 },
    act: async () => {
      for (;;) {
        const answer = await ask('POST', '/api/keys/', { name: 'one of many' });
        if (answer.status !== 201) return answer;
      }
    },
  },
  {
    code: 'insufficient_credits',
    status: 400,
    params: { needed: 100, available: 0 },
    ...Fixed,
    act: async () => {
      const tokens = -(await admin.tokensOf(user.id));
      await asRoot('POST', '/api/admin/grants/', { to: [{ id: user.id, tokens }], reason });
      return ask('POST', '/api/chat/', { message: 'hi' });
    },
  },
  { code: 'not_found', status: 404, ...Fixed, act: () => ask('GET', '/api/none/') },
  {
    code: 'not_found',
    status: 404,
    ...Fixed,
    act: () => send(`${admin.server.url}/none`, { headers: { accept: 'text/html' } }),
  },
  { code: 'method_not_allowed', status: 405, ...Fixed, act: () => ask('PUT', '/api/me/') },
  {
    code: 'body_too_large',
    status: 413,
    act: () => ask('POST', '/api/chat/', { message: 'x'.repeat(5_000) }),
  },
  {
    code: 'unsupported_media_type',
    status: 415,
    ...Fixed,
    act: () => withoutToken('/api/login/', 'x', { 'content-type': 'text/plain' }),
  },
  {
    code: 'malformed_request',
    status: 400,
    ...Fixed,
    act: () => withoutToken('/api/login/', '{'),
  },
  { code: 'malformed_request', status: 400, act: () => ask('GET', '/api/keys/%zz/') },
  {
    code: 'malformed_request',
    status: 414,
    act: () => ask('GET', `/api/conversations/${'x'.repeat(101)}/`),
  },
  {
    code: 'precondition_failed',
    status: 412,
    act: () => send(`${admin.server.url}/`, { headers: { 'if-match': '"other"' } }),
  },
  {
    code: 'range_not_satisfiable',
    status: 416,
    act: () => send(`${admin.server.url}/`, { headers: { range: 'bytes=9999999-' } }),
  },
  {
    code: 'cross_site_request',
    status: 403,
    act: () => withoutToken('/api/session/', '{}', { 'sec-fetch-site': 'cross-site' }),
  },
  { code: 'limit_not_found', status: 404, act: () => ask('DELETE', '/api/limits/own/') },
  {
    code: 'limit_above_staff',
    status: 400,
    params: { max: 3 },
    act: async () => {
      const limit = { tokens: 3, window: 'none' };
      await asRoot('PUT', `/api/admin/users/${user.id}/limits/`, { ...limit, reason });
      const answer = await ask('PUT', '/api/limits/own/', { ...limit, tokens: 4 });
      await asRoot('DELETE', `/api/admin/users/${user.id}/limits/?reason=over`);
      return answer;
    },
  },
  {
    code: 'payer_unknown',
    status: 400,
    act: () => ask('POST', '/api/chat/', { message: 'hi', payer: 'nobody' }),
  },
];

for (const { code, status, params, isBodyFixed = false, act } of CASES) {
  const kind = isBodyFixed ? 'in the headers' : 'in the headers and in the body';
  test(`an error has its code ${kind}: ${status} ${code}`, async () => {
    const answer = await act();
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['chit-error'], code);
    const told = answer.headers['chit-error-params'];
    const toldParams = told === undefined ? undefined : JSON.parse(String(told));
    if (params) assert.deepEqual(toldParams, params);
    if (told !== undefined) assert.match(String(told), /^[\x20-\x7e]+$/);
    const { code: inBody, params: paramsInBody } = (answer.json ?? {}) as Record<string, unknown>;
    if (isBodyFixed) {
      assert.notEqual(inBody, code);
      assert.equal(paramsInBody, undefined);
    } else {
      assert.equal(inBody, code);
      assert.deepEqual(paramsInBody, toldParams);
    }
  });
}

test('a missing message has the body of the original, and says what is wrong in the headers', async () => {
  for (const [body, fault] of [
    [{}, 'required'],
    [{ message: null }, 'null'],
    [{ message: ' ' }, 'blank'],
  ] as const) {
    const { json, headers } = await ask('POST', '/api/chat/', body);
    assert.deepEqual(json, { error: 'Message is required' });
    assert.equal(headers['chit-error'], 'invalid_fields');
    const params = JSON.parse(String(headers['chit-error-params']));
    assert.deepEqual(params, { fields: { message: [{ code: fault }] } });
  }
});

/** The field errors of a response, by field. */
async function faultsOf(method: string, path: string, body?: object): Promise<object> {
  const { headers } = await asRoot(method, path, body);
  assert.equal(headers['chit-error'], 'invalid_fields');
  return JSON.parse(String(headers['chit-error-params'])).fields;
}

test('an invalid field has a code and the limits', async () => {
  assert.deepEqual(
    await faultsOf('POST', '/api/admin/users/', { username: 1, tokens: -1, is_staff: 'no' }),
    {
      username: [{ code: 'wrong_type', expected: 'string' }],
      tokens: [{ code: 'out_of_range', min: 0, max: 1_000_000_000_000_000 }],
      is_staff: [{ code: 'wrong_type', expected: 'boolean' }],
    },
  );
  assert.deepEqual(await faultsOf('POST', '/api/admin/users/disable/', { ids: [] }), {
    ids: [{ code: 'too_few_items', min: 1 }],
  });
  assert.deepEqual(await faultsOf('GET', '/api/admin/usage/?step=week&from=now'), {
    step: [{ code: 'not_a_choice', choices: ['hour', 'day', 'month'] }],
    from: [{ code: 'not_a_time' }],
  });
  assert.deepEqual(await faultsOf('GET', '/api/admin/usage/?from=2020-01-01T00:00:00Z'), {
    from: [{ code: 'span_too_long', max_days: 400, step: 'day' }],
  });
  assert.deepEqual(
    await faultsOf('GET', '/api/admin/usage/?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z'),
    { from: [{ code: 'start_after_end' }] },
  );
  assert.deepEqual(
    await faultsOf('POST', '/api/keys/', { name: 'a\0', expires_at: '2020-01-01T00:00:00Z' }),
    { name: [{ code: 'not_storable' }] },
  );
  assert.deepEqual(
    await faultsOf('POST', '/api/keys/', { name: 'a', expires_at: '2020-01-01T00:00:00Z' }),
    { expires_at: [{ code: 'not_in_the_future' }] },
  );
  assert.deepEqual(await faultsOf('POST', '/api/keys/', { name: 'a', models: ['x'] }), {
    models: [{ code: 'unknown_model', model: 'x' }],
  });
  assert.deepEqual(
    await faultsOf('POST', '/api/password/', { old_password: 'x', new_password: 'velvet tram' }),
    { old_password: [{ code: 'wrong_password' }] },
  );
});

test('a range that a file does not have is refused with the length of the file', async () => {
  const url = `${admin.server.url}/`;
  const { length } = (await send(url)).text;
  const { headers } = await send(url, { headers: { range: `bytes=${length}-` } });
  assert.equal(headers['content-range'], `bytes */${length}`);
});

test('bytes that are not HTTP are answered with a code too', async () => {
  const { status, text } = await exchange(admin.server.url, 'no HTTP\r\n\r\n');
  assert.equal(status, 400);
  assert.match(text, /^chit-error: malformed_request\r$/m);
});

/** Who may call what: nothing is reachable by omission. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { Authenticator } from '../../../src/app/accounts/authenticate.ts';
import { KeyAuthenticator } from '../../../src/app/accounts/authenticate-key.ts';
import { AdminKeyAuthenticator } from '../../../src/app/admin/authenticate-admin-key.ts';
import { directoryWith } from '../../../src/app/directory/scim-tokens.ts';
import { type Chit, openChit } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { type Access, registerAccessControl } from '../../../src/http/framework/access.ts';
import { replyWithError } from '../../../src/http/framework/errors.ts';
import { createAccount } from '../../support/chit.ts';
import { storingNothing } from '../../support/database.ts';
import { postJson, send } from '../../support/http.ts';
import { endpointsOf } from '../../support/openapi.ts';
import { newUser, SECRET_KEY } from '../../support/server.ts';
import { type ServerHere, startServerHere } from '../../support/server-here.ts';

/** Public routes. Adding one here must be deliberate. */
const PUBLIC = [
  'DELETE /api/session/',
  'GET /api/shared/{token}/',
  'GET /api/shared/{token}/messages/{message}/files/{file}/',
  // There is nothing for who has no pass.
  'GET /api/doctor/arrival/',
  'GET /api/sign-in/{provider}/',
  'GET /api/sign-in/{provider}/callback/',
  'POST /api/sign-in/{provider}/logout/',
  'GET /api/site/',
  'GET /healthz',
  'GET /readyz',
  'GET /api/site/logo/{hash}/',
  'POST /api/invitations/accept/',
  'POST /api/invitations/continue/',
  'POST /api/invitations/find/',
  'POST /api/login/',
  'POST /api/login/factor/',
  'POST /api/password/choose/',
  'POST /api/password/forgotten/',
  'POST /api/mail/unsubscribe/',
  'GET /api/mail/unsubscribe/',
  'POST /api/register/',
  'POST /api/session/',
  'POST /api/session/factor/',
  'POST /api/session/factor/passkey/',
  'POST /api/session/passkey/',
  'POST /api/session/passkey/options/',
  'POST /api/session/refresh/',
  'POST /api/setup/',
  'POST /api/sign-in/{provider}/account/',
  'POST /api/sign-in/{provider}/account/passkey/',
  'POST /api/token/blacklist/',
  'POST /api/token/refresh/',
  'POST /api/token/verify/',
];
/** Reads its token from a cookie; 401 without one. */
const BY_COOKIE = 'POST /api/session/refresh/';
const NO_CREDENTIALS = { detail: 'Authentication credentials were not provided.' };
const CHALLENGE = 'Bearer realm="api"';

let server: ServerHere;
let access: string;

before(async () => {
  server = await startServerHere();
  ({ access } = await newUser(server.url, 'alice'));
});
after(() => server.stop());

test('every endpoint except those listed here requires a token, with every method', async () => {
  const endpoints = await endpointsOf(server.url);
  const names = endpoints.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(
    PUBLIC.filter((it) => !names.includes(it)),
    [],
    'the list names endpoints that exist',
  );
  for (const { method, path, operation } of endpoints) {
    const isPublic = PUBLIC.includes(`${method} ${path}`);
    const methods = isPublic ? [method] : [method, 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'];
    if (`${method} ${path}` === BY_COOKIE) continue;
    for (const tried of methods) {
      // The path may be public with another method; then it is 405 with the list.
      const isOpenToo = PUBLIC.some((it) => it.endsWith(` ${path}`));
      if (!isPublic && isOpenToo && tried !== method) continue;
      const answer = await storingNothing(server.folder, () =>
        send(`${server.url}${path}`, { method: tried }),
      );
      const what = `${tried} ${path}: ${answer.status}`;
      assert.equal(answer.status === 401, !isPublic, what);
      if (isPublic) continue;
      if (path.startsWith('/scim/')) {
        assert.match(answer.text, /valid token for SCIM is required/, what);
        continue;
      }
      if (path.startsWith('/v1/')) assert.match(answer.text, /valid API key is required/, what);
      else assert.deepEqual(answer.json, NO_CREDENTIALS, what);
      assert.equal(answer.headers['www-authenticate'], CHALLENGE, what);
    }
    assert.equal(operation.security !== undefined, !isPublic, `${path} documents what it asks for`);
  }
});

test('every 401 names the accepted scheme', async () => {
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a b',
    'Basic YTpi',
    `Token ${access}`,
    access,
    `Bearer,${access}`,
    `Bearer ${access} ${access}`,
    `Bearer "${access}"`,
  ]) {
    const headers = { authorization, 'content-type': 'application/json' };
    const body = '{"message":"hi"}';
    const answer = await storingNothing(server.folder, () =>
      send(`${server.url}/api/chat/`, { method: 'POST', headers, body }),
    );
    assert.equal(answer.status, 401, authorization);
    assert.equal(answer.headers['www-authenticate'], CHALLENGE);
  }
});

test('the scheme is case-insensitive and may have any white space around it', async () => {
  for (const authorization of [
    `bearer ${access}`,
    `BEARER ${access}`,
    `bEaReR  ${access}`,
    `Bearer\t${access} `,
  ]) {
    const answer = await send(`${server.url}/api/tokens/`, { headers: { authorization } });
    assert.equal(answer.status, 200, authorization);
  }
});

test('a token is only accepted in the header', async () => {
  const headers = { cookie: `access=${access}; token=${access}`, 'x-authorization': access };
  for (const path of [
    `/api/tokens/?access=${access}`,
    `/api/tokens/?access_token=${access}&token=${access}`,
    `/api/tokens/?authorization=Bearer%20${access}`,
  ]) {
    assert.equal((await send(`${server.url}${path}`, { headers })).status, 401);
  }
});

test('a bad token on a public endpoint is ignored', async () => {
  const authorization = 'Bearer garbage';
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs/']) {
    const answer = await send(`${server.url}${path}`, { headers: { authorization } });
    assert.equal(answer.status, 200, path);
  }
  const account = { username: 'with-bad-token', password: 'Pa55word!x' };
  const url = `${server.url}/api/register/`;
  assert.equal((await postJson(url, account, 'garbage')).status, 201);
});

test('the token is checked before the body', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = '{'.repeat(2_000_000);
  const answer = await fetch(`${server.url}/api/chat/`, { method: 'POST', headers, body });
  assert.equal(answer.status, 401);
  assert.deepEqual(await answer.json(), NO_CREDENTIALS);
});

/** An app in memory to which routes can be added. */
async function inMemory(use: (chit: Chit, app: FastifyInstance) => Promise<void>): Promise<void> {
  const { config } = loadConfig(
    { CHIT_DATABASE_URL: 'sqlite::memory:', CHIT_SECRET_KEY: SECRET_KEY },
    '/nonexistent/.env',
  );
  const chit = await openChit(config);
  const app = Fastify();
  app.setErrorHandler(replyWithError);
  registerAccessControl(app, {
    users: new Authenticator(chit.context),
    keys: new KeyAuthenticator(chit.context),
    adminKeys: new AdminKeyAuthenticator(chit.context),
    staffFactor: undefined,
    directories: (token, address) => directoryWith(chit.context, token, address),
  });
  try {
    await use(chit, app);
  } finally {
    await app.close();
    await chit.close();
  }
}

function addRoute(app: FastifyInstance, url: string, access: Access | undefined): void {
  const config = access === undefined ? {} : { access };
  app.get(url, { config, handler: async (request) => ({ user: request.user?.username ?? null }) });
}

test('a server with a route that does not declare its access does not start', async () => {
  await inMemory(async (_chit, app) => {
    addRoute(app, '/declared', 'public');
    addRoute(app, '/forgotten', undefined);
    await assert.rejects(async () => await app.ready(), /GET \/forgotten does not declare/);
  });
});

test('a staff route refuses users with 403 and admits staff', async () => {
  await inMemory(async (chit, app) => {
    addRoute(app, '/staff', 'staff');
    addRoute(app, '/user', 'user');
    await app.ready();
    const tokenOf = async (username: string, isStaff: boolean) => {
      const account = { username, password: 'Pa55word!x', isStaff, isSuperuser: false };
      const id = await createAccount(chit.context, account);
      return chit.context.tokens.issue('access', id, Date.now()).token;
    };
    const [user, staff] = [await tokenOf('user', false), await tokenOf('staff', true)];
    const get = async (url: string, token: string) => {
      const headers = token ? { authorization: `Bearer ${token}` } : {};
      const answer = await app.inject({ url, headers });
      return [answer.statusCode, answer.json()];
    };
    const refused = {
      detail: 'You do not have permission to perform this action.',
      code: 'permission_denied',
    };
    assert.deepEqual(await get('/staff', user), [403, refused]);
    assert.deepEqual(await get('/staff', staff), [200, { user: 'staff' }]);
    assert.deepEqual(await get('/staff', ''), [401, NO_CREDENTIALS]);
    assert.deepEqual(await get('/user', user), [200, { user: 'user' }]);
    assert.deepEqual(await get('/user', staff), [200, { user: 'staff' }]);
  });
});

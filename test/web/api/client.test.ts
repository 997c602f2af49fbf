/** Requests of the page: errors with their codes, and access tokens that are renewed unseen. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  ApiError,
  call,
  endSession,
  hasCode,
  isOutcomeUnknown,
  isSignedIn,
  prove,
  provideProofs,
  replaceSession,
  SessionOver,
  signOut,
  startSession,
  Unreachable,
  whenSessionEnds,
} from '../../../web/src/api/client.ts';
import { FakeServer, provideStorage, refusal, tokenOf } from './support.ts';

const ADA = { username: 'ada', password: 'secret' };
const REFRESH = 'POST /api/session/refresh/';

let server: FakeServer;
let ends: string[];

beforeEach(() => {
  provideStorage();
  server = new FakeServer();
  server.on('POST /api/session/', () => Response.json({ access: tokenOf(1) }));
  server.on('DELETE /api/session/', () => new Response(null, { status: 204 }));
  ends = [];
  whenSessionEnds((reason) => ends.push(reason));
});
afterEach(() => {
  endSession('left');
  server.close();
});

/** An answer for this token only, as after the one before has expired. */
function onlyFor(token: string): (request: { headers: Headers }) => Response {
  return ({ headers }) =>
    headers.get('authorization') === `Bearer ${token}`
      ? Response.json({ ok: true })
      : refusal(401, { detail: 'Expired.', code: 'token_not_valid' });
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('It was not refused.'),
    (error: unknown) => error,
  );
}

test('the code and its parameters are read from the headers', async () => {
  server.on('GET /x', () =>
    refusal(
      400,
      { error: 'Insufficient tokens' },
      {
        'chit-error': 'insufficient_credits',
        'chit-error-params': '{"needed":100,"available":50}',
      },
    ),
  );
  const error = await errorOf(call('GET', '/x'));
  assert.ok(error instanceof ApiError && hasCode(error, 'insufficient_credits'));
  assert.deepEqual(error.params, { needed: 100, available: 50 });
  assert.equal(error.message, 'Insufficient tokens');
  assert.equal(error.status, 400);
});

test('without headers they are read from the body', async () => {
  const params = { model: 'demo' };
  server.on('GET /x', () => refusal(404, { detail: 'None.', code: 'model_not_found', params }));
  const error = await errorOf(call('GET', '/x'));
  assert.ok(error instanceof ApiError && hasCode(error, 'model_not_found'));
  assert.deepEqual(error.params, params);
});

test('the header comes before a code in the body, which may be that of the original API', async () => {
  server.on('GET /x', () =>
    refusal(403, { detail: 'No.', code: 'other' }, { 'chit-error': 'permission_denied' }),
  );
  assert.ok(hasCode(await errorOf(call('GET', '/x')), 'permission_denied'));
});

test('parameters that are not JSON, and bodies that are not, leave an error without them', async () => {
  server.on('GET /x', () =>
    refusal(400, {}, { 'chit-error': 'model_busy', 'chit-error-params': '{"cut' }),
  );
  const error = await errorOf(call('GET', '/x'));
  assert.ok(error instanceof ApiError);
  assert.equal(error.params, undefined);
  server.on('GET /y', () => new Response('<html>', { status: 502 }));
  const html = await errorOf(call('GET', '/y'));
  assert.ok(html instanceof ApiError && html.code === undefined && html.message === '');
});

test('sentences about fields, and Retry-After, are kept', async () => {
  const body = { password: ['Too short.'], username: ['Blank.'] };
  server.on('GET /x', () => refusal(429, body, { 'retry-after': '7' }));
  const error = await errorOf(call('GET', '/x'));
  assert.ok(error instanceof ApiError);
  assert.deepEqual(error.fields, body);
  assert.equal(error.message, 'Too short. Blank.');
  assert.equal(error.retryAfterSeconds, 7);
});

test('an answer without a body is undefined, and no server is Unreachable', async () => {
  server.on('DELETE /x', () => new Response(null, { status: 204 }));
  assert.equal(await call('DELETE', '/x'), undefined);
  assert.ok((await errorOf(call('GET', '/nobody'))) instanceof Unreachable);
});

test('only refusals say for sure that nothing was done', () => {
  const refused = (status: number) => new ApiError(status, {}, new Headers());
  assert.equal(isOutcomeUnknown(refused(400)), false);
  assert.equal(isOutcomeUnknown(refused(409)), true);
  assert.equal(isOutcomeUnknown(refused(503)), true);
  assert.equal(isOutcomeUnknown(new Unreachable()), true);
  assert.equal(isOutcomeUnknown(new SessionOver('expired')), false);
});

test('an expired token is renewed once for all requests that meet it', async () => {
  await startSession('/api/session/', ADA);
  server.on('GET /x', onlyFor(tokenOf(1, 1)));
  server.on(REFRESH, () => Response.json({ access: tokenOf(1, 1) }));
  const answers = await Promise.all([call('GET', '/x'), call('GET', '/x'), call('GET', '/x')]);
  assert.deepEqual(answers, Array(3).fill({ ok: true }));
  assert.equal(server.count(REFRESH), 1);
  assert.deepEqual(ends, []);
});

test('when the cookie gives no token the session has expired', async () => {
  await startSession('/api/session/', ADA);
  server.on('GET /x', onlyFor('none'));
  server.on(REFRESH, () => refusal(401, {}));
  const error = await errorOf(call('GET', '/x'));
  assert.ok(error instanceof SessionOver);
  assert.equal(error.reason, 'expired');
  assert.deepEqual(ends, ['expired']);
  assert.equal(await isSignedIn(), false);
});

test('a server that is busy does not end the session', async () => {
  await startSession('/api/session/', ADA);
  server.on('GET /x', onlyFor('none'));
  server.on(REFRESH, () => refusal(503, {}));
  assert.ok((await errorOf(call('GET', '/x'))) instanceof ApiError);
  assert.deepEqual(ends, []);
});

test('a cookie that became that of another user ends the session here', async () => {
  await startSession('/api/session/', ADA);
  server.on('GET /x', onlyFor('none'));
  server.on(REFRESH, () => Response.json({ access: tokenOf(2) }));
  const error = await errorOf(call('GET', '/x'));
  assert.ok(error instanceof SessionOver);
  assert.equal(error.reason, 'another');
  assert.equal(server.count('GET /x'), 1);
});

test('while a session is replaced, a refused request does not end what is shown', async () => {
  await startSession('/api/session/', ADA);
  server.on('GET /x', onlyFor(tokenOf(1, 1)));
  server.on(REFRESH, () => refusal(401, { detail: 'No.', code: 'token_not_valid' }));
  await replaceSession(async () => {
    assert.ok((await errorOf(call('GET', '/x'))) instanceof SessionOver);
  });
  // The second step is still to come.
  assert.ok((await errorOf(call('GET', '/x'))) instanceof SessionOver);
  assert.deepEqual(ends, []);
  server.on('POST /api/session/', () => Response.json({ access: tokenOf(1, 1) }));
  await startSession('/api/session/', ADA);
  assert.deepEqual(await call('GET', '/x'), { ok: true });
  server.on('GET /x', onlyFor('none'));
  assert.ok((await errorOf(call('GET', '/x'))) instanceof SessionOver);
  assert.deepEqual(ends, ['expired']);
});

test('a session that could not be replaced ends as others do', async () => {
  await startSession('/api/session/', ADA);
  server.on(REFRESH, () => refusal(401, { detail: 'No.', code: 'token_not_valid' }));
  server.on('GET /x', onlyFor('none'));
  const fault = new Error('The old password is wrong.');
  const replaced = replaceSession(() => Promise.reject(fault));
  assert.equal(await errorOf(replaced), fault);
  assert.ok((await errorOf(call('GET', '/x'))) instanceof SessionOver);
  assert.deepEqual(ends, ['expired']);
});

test('an answer that comes after signing out is for nobody', async () => {
  await startSession('/api/session/', ADA);
  const held = Promise.withResolvers<Response>();
  server.on('GET /x', () => held.promise);
  const asked = errorOf(call('GET', '/x'));
  await signOut();
  held.resolve(Response.json({ secret: true }));
  const error = await asked;
  assert.ok(error instanceof SessionOver);
  assert.equal(error.reason, 'left');
});

test('a browser in which nobody signed in asks for no token', async () => {
  assert.equal(await isSignedIn(), false);
  assert.equal(server.count(REFRESH), 0);
});

test('where a proof is asked for and the user gives none, the refusal is told', async () => {
  await startSession('/api/session/', ADA);
  const methods = { 'chit-error': 'proof_required', 'chit-error-params': '{"methods":[]}' };
  server.on('POST /x', () => refusal(403, { detail: 'Prove it.' }, methods));
  provideProofs(async () => false);
  assert.ok(hasCode(await errorOf(call('POST', '/x')), 'proof_required'));
});

test('after a proof the request is repeated with the new token, asked for once for all', async () => {
  await startSession('/api/session/', ADA);
  const proved = tokenOf(1, 'proved');
  let asked = 0;
  server.on('POST /api/account/proof/', () => Response.json({ access: proved }));
  server.on('POST /x', ({ headers }) =>
    headers.get('authorization') === `Bearer ${proved}`
      ? Response.json({ ok: true })
      : refusal(403, { detail: 'Prove it.' }, { 'chit-error': 'proof_required' }),
  );
  provideProofs(async () => {
    asked += 1;
    await prove({ password: 'secret' });
    return true;
  });
  const answers = await Promise.all([call('POST', '/x'), call('POST', '/x')]);
  assert.deepEqual(answers, [{ ok: true }, { ok: true }]);
  assert.equal(asked, 1);
});

/** What proxies change for accounts, and what nobody may learn or keep. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { changeUser } from '../../../src/app/accounts/manage-users.ts';
import { makeSetupLink } from '../../../src/app/accounts/one-time-links.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { accessOf, createAccount } from '../../support/chit.ts';
import { getWith, postJson, send } from '../../support/http.ts';
import { startModelServer } from '../../support/model-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const PASSWORD = 'a long passphrase';

/** Everything that this process writes to its log while something runs. */
async function logOf(t: TestContext, run: () => Promise<unknown>): Promise<string> {
  let written = '';
  const { write } = process.stdout;
  const mock = t.mock.method(process.stdout, 'write', (text: string | Uint8Array) => {
    if (typeof text === 'string' && text.startsWith('{"level"')) written += text;
    else return write.call(process.stdout, text);
    return true;
  });
  await run();
  await new Promise((resolve) => setImmediate(resolve));
  mock.mock.restore();
  return written;
}

async function start(t: TestContext, settings: Record<string, string> = {}) {
  const models = [scriptedModel(flatPrice(100))];
  const server = await startModelServer(models, { CHIT_LOG_LEVEL: 'warn', ...settings });
  t.after(() => server.close());
  return server;
}

test('a proxy that is not declared is told of once in the log, and in the panel', async (t) => {
  const server = await start(t);
  const account = { username: 'root', password: PASSWORD, isStaff: true, isSuperuser: true };
  const id = await createAccount(server.chit.context, account);
  const { token } = server.chit.context.tokens.issue('access', id, Date.now());
  const panel = async () => {
    const { json } = await getWith(`${server.url}/api/admin/settings/`, token);
    return (json as { undeclared_proxy: string | null }).undeclared_proxy;
  };
  const via = (headers: Record<string, string>) => send(`${server.url}/healthz`, { headers });
  const before = await logOf(t, () => via({}));
  assert.deepEqual([before, await panel()], ['', null]);
  const log = await logOf(t, async () => {
    await via({ 'x-forwarded-for': '203.0.113.9' });
    await via({ forwarded: 'for=203.0.113.9' });
    await via({ 'x-forwarded-proto': 'https' });
  });
  assert.equal(log.match(/CHIT_TRUSTED_PROXIES/g)?.length, 1, log);
  assert.match(log, /"address":"127\.0\.0\.1"/);
  assert.doesNotMatch(log, /203\.0\.113/);
  assert.equal(await panel(), '127.0.0.1');
});

test('a proxy that is declared is not', async (t) => {
  const server = await start(t, { CHIT_TRUSTED_PROXIES: '127.0.0.1' });
  const log = await logOf(t, () =>
    send(`${server.url}/healthz`, {
      headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
    }),
  );
  assert.equal(log, '');
});

test('without the setup link nobody learns which usernames exist', async (t) => {
  const server = await start(t, { CHIT_SIGNUP: 'closed' });
  const { context } = server.chit;
  const ada = { username: 'ada', password: PASSWORD, isStaff: false, isSuperuser: false };
  await createAccount(context, ada);
  const path = (await makeSetupLink(context))?.path ?? '';
  const setUp = (token: string, username: string) =>
    postJson(`${server.url}/api/setup/`, { token, username, password: PASSWORD });
  const [taken, free] = [await setUp('no link', 'ada'), await setUp('no link', 'bob')];
  assert.deepEqual([taken.status, taken.json], [free.status, free.json]);
  assert.equal(taken.headers['chit-error'], 'link_invalid');
  const token = path.split('#')[1] ?? '';
  assert.equal((await setUp(token, 'ada')).headers['chit-error'], 'username_taken');
  assert.equal((await setUp(token, 'bob')).status, 200, 'the link stays valid');
});

test('the chats that a disabled user shared are not shown, until the user is enabled', async (t) => {
  const server = await start(t);
  const { context } = server.chit;
  const { access, userId } = await server.newUser();
  const made = await postJson(`${server.url}/api/conversations/`, { title: 'Mine' }, access);
  const { id } = made.json as { id: string };
  const share = await postJson(`${server.url}/api/conversations/${id}/share/`, {}, access);
  const token = (share.json as { share: string }).share.split('/').at(-1);
  const read = async () => (await send(`${server.url}/api/shared/${token}/`)).status;
  assert.equal(await read(), 200);
  const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
  for (const [isActive, status] of [
    [false, 404],
    [true, 200],
  ] as const) {
    await changeUser(context, by, userId, { isActive, reason: undefined });
    assert.equal(await read(), status);
  }
});

test('no cache keeps tokens, one-time links and chats', async (t) => {
  const server = await start(t);
  const { access, userId } = await server.newUser();
  const root = { username: 'root', password: PASSWORD, isStaff: true, isSuperuser: true };
  const { context } = server.chit;
  const id = await createAccount(context, root);
  const staff = accessOf(context, id);
  const credentials = { username: 'root', password: PASSWORD };
  for (const answer of [
    await postJson(`${server.url}/api/login/`, credentials),
    await postJson(`${server.url}/api/session/`, credentials),
    await postJson(`${server.url}/api/keys/`, { name: 'key' }, access),
    await postJson(`${server.url}/api/admin/users/${userId}/password-link/`, {}, staff),
    await getWith(`${server.url}/api/me/`, access),
    await postJson(`${server.url}/api/chat/`, { message: 'hi' }, access),
  ]) {
    assert.ok(answer.status < 300, answer.text);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
});

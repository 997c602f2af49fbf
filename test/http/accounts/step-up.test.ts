/** What matters needs a proof of who asks that is at most ten minutes old. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AdminServer, PASSWORD } from '../../support/admin.ts';
import { type Answer, postJson } from '../../support/http.ts';

const MINUTE_MS = 60_000;

let admin: AdminServer;
before(async () => {
  admin = await AdminServer.start({ CHIT_PROOF_ABOVE_TOKENS: '5000' });
});
after(() => admin.server.close());

const post = (path: string, body: object, token?: string) =>
  postJson(`${admin.server.url}${path}`, body, token);
/** An access token of a session whose user proved who they are so long ago. */
const provedAgo = (id: number, ms: number) =>
  admin.chit.context.tokens.issue('access', id, Date.now(), {
    proof: { atMs: Date.now() - ms, by: 'password' },
  }).token;
const required = (answer: Answer) => {
  assert.equal(answer.status, 403);
  assert.equal(answer.headers['chit-error'], 'proof_required');
  assert.deepEqual((answer.json as { params: object }).params, { methods: ['password'] });
};

test('signing in is a proof for ten minutes, whatever it is refreshed with', async () => {
  const root = await admin.person({ isStaff: true, isSuperuser: true });
  const user = await admin.person();
  const link = `/api/admin/users/${user.id}/password-link/`;
  const { json } = await post('/api/login/', { username: root.username, password: PASSWORD });
  const { access, refresh } = json as { access: string; refresh: string };
  assert.equal((await post(link, {}, access)).status, 201);

  const { context } = admin.chit;
  const [session] = await context.refreshTokens.validOf(root.id, Date.now(), { limit: 1 });
  assert.ok(session);
  const proof = { atMs: Date.now() - 11 * MINUTE_MS, by: 'password' } as const;
  await context.refreshTokens.prove(root.id, session.jti, { proof, passwordVersion: 0 });
  const renewed = (await post('/api/token/refresh/', { refresh })).json as { access: string };
  required(await post(link, {}, renewed.access));
  assert.equal((await post(link, {}, provedAgo(root.id, 9 * MINUTE_MS))).status, 201);
  required(await post(link, {}, provedAgo(root.id, 11 * MINUTE_MS)));
});

test('a proof is kept with the session: tokens that are refreshed later have it', async () => {
  const { context } = admin.chit;
  const user = await admin.person();
  const login = await post('/api/login/', { username: user.username, password: PASSWORD });
  const { refresh } = login.json as { refresh: string };
  const [session] = await context.refreshTokens.validOf(user.id, Date.now(), { limit: 1 });
  assert.ok(session);
  const proof = { atMs: Date.now() - 60 * MINUTE_MS, by: 'password' } as const;
  await context.refreshTokens.prove(user.id, session.jti, { proof, passwordVersion: 0 });
  const fresh = async () =>
    ((await post('/api/token/refresh/', { refresh })).json as { access: string }).access;
  required(await post('/api/keys/', { name: 'editor' }, await fresh()));

  const wrong = await post('/api/account/proof/', { password: 'not mine' }, await fresh());
  assert.equal(wrong.status, 400);
  required(await post('/api/keys/', { name: 'editor' }, await fresh()));

  const proved = await post('/api/account/proof/', { password: PASSWORD }, await fresh());
  assert.equal(proved.status, 200);
  const { access } = proved.json as { access: string };
  assert.equal((await post('/api/keys/', { name: 'editor' }, access)).status, 201);
  assert.equal((await post('/api/keys/', { name: 'other' }, await fresh())).status, 201);
});

test('making staff, giving much and choosing a password for others need it, little does not', async () => {
  const root = await admin.person({ isStaff: true, isSuperuser: true });
  const user = await admin.person();
  const old = provedAgo(root.id, 11 * MINUTE_MS);
  const patch = (body: object) => admin.ask(old, 'PATCH', `/api/admin/users/${user.id}/`, body);
  required(await patch({ is_staff: true }));
  required(await patch({ is_superuser: true }));
  assert.equal((await admin.chit.context.users.byId(user.id))?.isStaff, false);
  assert.equal((await patch({ is_active: false })).status, 200);
  assert.equal((await patch({ is_active: true })).status, 200);

  const account = { username: 'Half way', password: PASSWORD };
  required(await post('/api/admin/users/', { ...account, is_staff: true }, old));
  required(await post('/api/admin/users/', { ...account, tokens: 5_001 }, old));
  assert.equal(await admin.chit.context.users.byUsername('Half way'), undefined);

  const before = await admin.tokensOf(user.id);
  const give = (tokens: number) =>
    post('/api/admin/grants/', { to: [{ id: user.id, tokens }], reason: 'for the trial' }, old);
  required(await give(5_001));
  assert.equal(await admin.tokensOf(user.id), before);
  assert.equal((await give(5_000)).status, 200);
  assert.equal((await give(-5_000)).status, 200);
  const vouchers = { name: 'Trial', tokens: 1_000, codes: 6 };
  required(await post('/api/admin/vouchers/', vouchers, old));
  assert.equal((await post('/api/admin/vouchers/', { ...vouchers, codes: 5 }, old)).status, 201);
});

test('a plan that gives much needs it too, however it is given', async () => {
  const root = await admin.person({ isStaff: true, isSuperuser: true });
  const user = await admin.person();
  const old = provedAgo(root.id, 11 * MINUTE_MS);
  const plan = async (name: string, tokens: number) => {
    const body = { name, tokens, calendar: { kind: 'month', time_zone: 'UTC' } };
    const made = await post('/api/admin/plans/', body, old);
    assert.equal(made.status, 201, made.text);
    return (made.json as { plan: { id: string } }).plan.id;
  };
  const [large, small] = [await plan('Large', 5_001), await plan('Small', 2_500)];
  const give = (id: string, more = {}) =>
    post(`/api/admin/users/${user.id}/plan/`, { plan: id, from: 'now', ...more }, old);
  required(await give(large));
  assert.equal((await give(large, { dry_run: true })).status, 200);
  const accounts = [user.id, root.id, (await admin.person()).id];
  required(await post(`/api/admin/plans/${small}/accounts/`, { accounts }, old));
  const made = await admin.ask(admin.root, 'POST', '/api/admin/groups/', { name: 'Plans' });
  const { id } = (made.json as { group: { id: string } }).group;
  required(await post(`/api/admin/groups/${id}/plan/`, { plan: large }, old));
  const vouchers = { name: 'Plans', plan: 'Small', days: 30, codes: 3 };
  required(await post('/api/admin/vouchers/', vouchers, old));
  assert.equal((await give(small)).status, 200);
  const raised = () => admin.ask(old, 'PATCH', `/api/admin/plans/${small}/`, { tokens: 5_001 });
  required(await raised());
  assert.equal((await post('/api/admin/vouchers/', { ...vouchers, codes: 2 }, old)).status, 201);
});

test('a token of a site with the same key, or of an earlier version, is no proof', async () => {
  const user = await admin.person();
  const { token } = admin.chit.context.tokens.issue('access', user.id, Date.now());
  required(await post('/api/keys/', { name: 'editor' }, token));
  const proved = await post('/api/account/proof/', { password: PASSWORD }, token);
  const { access } = proved.json as { access: string };
  assert.equal((await post('/api/keys/', { name: 'editor' }, access)).status, 201);
});

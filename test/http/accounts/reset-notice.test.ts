/** A password link from staff ends what the user had, and the user is told of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setPasswordOf } from '../../../src/app/accounts/manage-users.ts';
import { AdminServer, PASSWORD } from '../../support/admin.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { postJson } from '../../support/http.ts';

interface Reset {
  readonly made_by: string | null;
  readonly made_at: string;
  readonly used_at: string;
}

onEachDatabase((at) => {
  let admin: AdminServer;
  before(async () => {
    admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
  });
  after(() => admin.server.close());

  const post = (path: string, body: object, token?: string) =>
    postJson(`${admin.server.url}${path}`, body, token);
  const signIn = async (username: string, password: string) => {
    const { status, json } = await post('/api/login/', { username, password });
    assert.equal(status, 200);
    return json as { access: string; refresh: string };
  };
  const resetsFor = async (access: string) =>
    ((await admin.ask(access, 'GET', '/api/me/')).json as { password_resets: Reset[] })
      .password_resets;
  const linkBy = async (staff: string, id: number) => {
    const { json } = await post(`/api/admin/users/${id}/password-link/`, {}, staff);
    return (json as { path: string }).path.split('#')[1] ?? '';
  };
  const choose = (token: string, password: string) =>
    post('/api/password/choose/', { token, password });
  /** What background jobs do every few seconds. */
  const noteSeen = () => admin.chit.context.users.noteSeen(admin.chit.context.lastSeen.take());

  test('it ends sessions, access tokens and API keys, and says who made it', async () => {
    const user = await admin.person();
    const { access, refresh } = await signIn(user.username, PASSWORD);
    const { json: made } = await post('/api/keys/', { name: 'editor' }, access);
    const { key } = made as { key: string };
    const models = () => admin.ask(key, 'GET', '/v1/models');
    assert.equal((await models()).status, 200);
    assert.deepEqual(await resetsFor(access), []);
    await noteSeen();

    const link = await linkBy(admin.staff, user.id);
    assert.equal(
      (await post('/api/token/refresh/', { refresh })).status,
      200,
      'not before its use',
    );
    assert.equal((await choose(link, 'of the staff')).status, 200);
    assert.equal((await post('/api/token/refresh/', { refresh })).status, 401);
    assert.deepEqual(await admin.chit.context.apiKeys.of(user.id), []);

    const staff = await signIn(user.username, 'of the staff');
    await noteSeen();
    // The user gets another link and is told of both, whatever was closed before.
    assert.equal((await choose(await linkBy(admin.root, user.id), 'my own one')).status, 200);
    const mine = await signIn(user.username, 'my own one');
    const [second, first, ...others] = await resetsFor(mine.access);
    assert.deepEqual(others, []);
    const names = [first, second].map((it) => it?.made_by);
    const people = await Promise.all(
      [admin.staff, admin.root].map(async (token) => {
        const { json } = await admin.ask(token, 'GET', '/api/me/');
        return (json as { username: string }).username;
      }),
    );
    assert.deepEqual(names, people);
    assert.ok(first && first.made_at <= first.used_at && first.used_at > new Date(0).toISOString());
    assert.notEqual(staff.access, mine.access);
    const entries = (await admin.entries(`target=user:${user.id}`)).map(({ action }) => action);
    assert.deepEqual(entries, [
      'user.password',
      'user.password_link',
      'user.password',
      'user.password_link',
    ]);
  });

  test('a change of one’s own is no reset and keeps the keys, unless it is asked to', async () => {
    const user = await admin.person();
    let { access } = await signIn(user.username, PASSWORD);
    const change = async (old: string, next: string, more: object = {}) => {
      const body = { old_password: old, new_password: next, ...more };
      assert.equal((await post('/api/password/', body, access)).status, 200);
      ({ access } = await signIn(user.username, next));
    };
    await post('/api/keys/', { name: 'editor' }, access);
    const keys = async () => (await admin.chit.context.apiKeys.of(user.id)).length;
    await change(PASSWORD, 'the second one');
    assert.equal(await keys(), 1);
    await change('the second one', 'the third one', { end_api_keys: true });
    assert.equal(await keys(), 0);
    assert.deepEqual(await resetsFor(access), []);
  });

  test('the first password of an account is no reset; one from the command line is', async () => {
    const username = 'Newcomer';
    const made = await admin.ask(admin.root, 'POST', '/api/admin/users/', { username });
    const { user, link } = made.json as { user: { id: number }; link: { path: string } };
    assert.equal((await choose(link.path.split('#')[1] ?? '', 'the first one')).status, 200);
    assert.deepEqual(await resetsFor((await signIn(username, 'the first one')).access), []);
    await noteSeen();
    const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
    await setPasswordOf(admin.chit.context, by, user.id, 'by the operator');
    const [reset, ...others] = await resetsFor((await signIn(username, 'by the operator')).access);
    assert.deepEqual([reset?.made_by, others], [null, []]);
  });
});

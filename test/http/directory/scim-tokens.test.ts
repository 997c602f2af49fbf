/** Tokens for the SCIM API: who makes them, and what they open. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AdminServer, type Json } from '../../support/admin.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { refused } from '../../support/groups.ts';
import { send } from '../../support/http.ts';
import { Directory } from '../../support/scim.ts';

const TOKENS = '/api/admin/scim-tokens/';

onEachDatabase((at) => {
  describe('tokens for SCIM', () => {
    let admin: AdminServer;
    before(async () => {
      admin = await AdminServer.start({ CHIT_DATABASE_URL: at.url });
    });
    after(() => admin.server.close());

    const scim = (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return send(`${admin.server.url}/scim/v2/Users`, { headers });
    };

    test('a superuser makes one, sees its use and ends it', async () => {
      const made = await admin.ask(admin.root, 'POST', TOKENS, { name: ' Okta ' });
      assert.equal(made.status, 201, made.text);
      const { token, ...about } = made.json as Json;
      assert.equal(about.name, 'Okta');
      assert.ok(token.startsWith(about.prefix));
      const list = async () => await admin.read(TOKENS);
      assert.deepEqual((await list()).tokens, [about], 'the token itself is not shown again');
      assert.match((await list()).address, /\/scim\/v2$/);
      assert.equal((await scim(token)).status, 200);
      assert.notEqual((await list()).tokens[0].last_used_at, null);
      await refused(
        admin.ask(admin.root, 'POST', TOKENS, { name: 'Okta' }),
        409,
        'scim_token_name_taken',
      );
      assert.equal((await admin.ask(admin.root, 'DELETE', `${TOKENS}${about.id}/`)).status, 204);
      const ended = await scim(token);
      assert.equal(ended.status, 401, 'at once');
      assert.equal((ended.json as Json).status, '401');
      assert.match(ended.headers['www-authenticate'] ?? '', /^Bearer/);
      await refused(
        admin.ask(admin.root, 'DELETE', `${TOKENS}${about.id}/`),
        404,
        'scim_token_not_found',
      );
      const actions = (await admin.entries(`target=scim_token:${about.id}`)).map((it) => it.action);
      assert.deepEqual(actions, ['scim_token.end', 'scim_token.create']);
    });

    test('staff who are no superusers make, see and end none', async () => {
      const body = { name: 'mine' };
      await refused(admin.ask(admin.staff, 'POST', TOKENS, body), 403, 'permission_denied');
      await refused(admin.ask(admin.staff, 'GET', TOKENS), 403, 'permission_denied');
      await refused(admin.ask(admin.staff, 'DELETE', `${TOKENS}x/`), 403, 'permission_denied');
      assert.deepEqual((await admin.read(TOKENS)).tokens, []);
    });

    test('one that has expired, another secret and tokens of users open nothing', async () => {
      const { context } = admin.chit;
      const past = { name: 'past', expires_at: new Date(Date.now() - 1_000).toISOString() };
      await refused(admin.ask(admin.root, 'POST', TOKENS, past), 400, 'invalid_fields');
      const soon = { name: 'soon', expires_at: new Date(Date.now() + 3_600_000).toISOString() };
      const { token } = (await admin.ask(admin.root, 'POST', TOKENS, soon)).json as Json;
      assert.equal((await scim(token)).status, 200);
      const realNow = context.now;
      try {
        Object.assign(context, { now: () => Date.now() + 3_600_001 });
        assert.equal((await scim(token)).status, 401);
      } finally {
        Object.assign(context, { now: realNow });
      }
      const { key } = await admin.server.newUser();
      const wrong = [`${token.slice(0, -1)}!`, admin.root, key, '', 'chit_scim_'];
      for (const it of wrong) assert.equal((await scim(it)).status, 401);
      // And a token of a directory opens nothing but SCIM.
      for (const path of ['/api/tokens/', '/api/admin/users/', '/v1/models']) {
        assert.equal((await admin.ask(token, 'GET', path)).status, 401, path);
      }
      assert.equal((await Directory.on(admin, 'other')).token.startsWith('chit_scim_'), true);
    });
  });
});

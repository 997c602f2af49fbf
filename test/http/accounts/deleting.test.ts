/** Deleted things stay deleted, whatever is sent or generated at the same time. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { AdminServer } from '../../support/admin.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { send } from '../../support/http.ts';
import { script } from '../../support/scripted-model.ts';

onEachDatabase((at) => {
  describe('deleting', () => {
    let admin: AdminServer;
    let url: string;

    before(async () => {
      url = await at.newUrl();
      admin = await AdminServer.start({ CHIT_DATABASE_URL: url, CHIT_SIGNUP_TOKENS: '100000' });
    });
    after(async () => {
      await admin.chit.context.generations.idle();
      assert.deepEqual(await faultsOf(admin.chit), []);
      assert.equal(await admin.chit.context.holds.openCount(), 0);
      await admin.server.close();
    });

    /** The API keys of a user, as they are stored. */
    const keysOf = async (userId: number) => {
      const { kysely, close } = openDatabase(url);
      const keys = await kysely
        .selectFrom('api_keys')
        .selectAll()
        .where('user_id', '=', userId)
        .execute();
      await close();
      return keys;
    };

    const count = async (where: ReturnType<typeof sql>) => {
      const { kysely, close } = openDatabase(url);
      const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${where}`.execute(kysely);
      await close();
      return Number(rows[0]?.n);
    };

    test('a message sent while its conversation is deleted is not kept, and nobody is refused', async () => {
      const [one, other] = [await admin.person(), await admin.person()];
      const [talker, bystander] = [one, other].map(
        ({ access }) => new Talker(admin.server.url, access),
      ) as [Talker, Talker];
      const { id: elsewhere } = await bystander.begin();
      const statuses = new Set<number>();
      for (let round = 0; round < 10; round += 1) {
        const { id } = await talker.begin();
        await talker.say(id, script({ say: 'first' }, { waitMs: 5_000 }));
        const deleted = talker.call('DELETE', `/api/conversations/${id}/`);
        const said = Array.from({ length: 5 }, (_, nth) =>
          sleep(nth * 3).then(() =>
            talker.say(id, script({ waitMs: 40 }, { say: 'a secret reply' })),
          ),
        );
        const meanwhile = await bystander.say(elsewhere, 'hello');
        assert.equal(meanwhile.status, 201);
        assert.equal((await deleted).status, 204);
        for (const { status } of await Promise.all(said)) statuses.add(status);
      }
      assert.deepEqual(
        [...statuses].filter((it) => it !== 201 && it !== 404),
        [],
      );
      await admin.chit.context.generations.idle();
      const kept = sql`messages WHERE erased_at IS NOT NULL AND (content <> '' OR reply <> '')`;
      assert.equal(await count(kept), 0);
    });

    test('orphan chats can be adopted while their conversation is deleted', async () => {
      const { access } = await admin.person();
      const talker = new Talker(admin.server.url, access);
      for (let round = 0; round < 10; round += 1) {
        await talker.call('POST', '/api/chat/', { message: `loose ${round}` });
        const [found] = await talker.conversations();
        const [gone, chat, listed] = await Promise.all([
          talker.call('DELETE', `/api/conversations/${found?.id}/`),
          talker.call('POST', '/api/chat/', { message: 'another' }),
          talker.call('GET', '/api/conversations/'),
        ]);
        assert.deepEqual([gone.status, chat.status, listed.status], [204, 200, 200]);
      }
    });

    test('nothing is created for a deleted user, even with a cached token', async () => {
      const user = await admin.person();
      const talker = new Talker(admin.server.url, user.access);
      const { id } = await talker.begin({ title: 'private' });
      await talker.exchange(id, 'private words');
      const model = admin.chit.context.catalogue.defaultModel.name;
      const key = { name: 'a key of theirs', models: [model], budget: 5 };
      const { json: made } = await talker.call('POST', '/api/keys/', key);
      const [before] = await keysOf(user.id);
      assert.ok(before && before.name === key.name && before.ended_at === null);
      for (const it of [before.prefix, before.secret_hash, before.models]) assert.ok(it);
      let isOver = false;
      const during = (async () => {
        while (!isOver) {
          await talker.call('POST', '/api/conversations/', { title: 'a title of theirs' });
          await talker.call('POST', '/api/chat/', { message: 'words of theirs' });
          await talker.call('POST', '/api/keys/', { name: 'a key of theirs' });
        }
      })();
      await sleep(30);
      const where = `/api/admin/users/${user.id}/`;
      const deleted = await admin.ask(admin.root, 'DELETE', `${where}?reason=Asked%20for`);
      assert.equal(deleted.status, 204);
      const spent = await admin.server.balanceOf(user.id);
      await sleep(200);
      isOver = true;
      await during;
      assert.deepEqual(await admin.server.balanceOf(user.id), spent);
      assert.equal(await count(sql`conversations WHERE user_id = ${user.id}`), 0);
      assert.equal(await count(sql`messages WHERE user_id = ${user.id} AND content <> ''`), 0);
      const keys = await keysOf(user.id);
      assert.ok(keys.length >= 1);
      for (const { id: keyId, name, prefix, secret_hash, models, ended_at } of keys) {
        const fields = { name, prefix, secret_hash, models };
        const erased = { name: '', prefix: '', secret_hash: `erased ${keyId}`, models: null };
        assert.deepEqual(fields, erased);
        assert.ok(ended_at);
      }
      const headers = { authorization: `Bearer ${(made as { key: string }).key}` };
      assert.equal((await send(`${admin.server.url}/v1/models`, { headers })).status, 401);
      const [entry] = await admin.entries(`target=user:${user.id}&action=user.delete`);
      assert.equal(entry?.reason, 'Asked for');
    });

    test('concurrently deleting and changing a user does not bring them back', async () => {
      const { context } = admin.chit;
      for (let round = 0; round < 5; round += 1) {
        const { id } = await admin.person();
        const where = `/api/admin/users/${id}/`;
        const raise = { is_superuser: true, is_active: true };
        await Promise.all([
          admin.ask(admin.root, 'DELETE', where),
          ...[0, 1, 2].map((nth) =>
            sleep(nth * 2).then(() => admin.ask(admin.root, 'PATCH', where, raise)),
          ),
        ]);
        const user = await context.users.byId(id);
        // Enabled before it was deleted, or deleted; never both.
        assert.equal(user === undefined || user.isActive, true);
      }
      const undead = sql`users WHERE deleted_at IS NOT NULL
        AND (is_active = 1 OR is_staff = 1 OR is_superuser = 1)`;
      assert.equal(await count(undead), 0);
    });

    test('readers of a reply learn that it was stopped', async () => {
      const { access } = await admin.person();
      const talker = new Talker(admin.server.url, access);
      const { id } = await talker.begin();
      const said = await talker.say(id, script({ say: 'one ' }, { waitMs: 20_000 }));
      const message = said.json as ShownMessage;
      const following = talker.follow(message.id);
      await talker.follow(message.id, { events: 1 });
      await talker.call('DELETE', `/api/conversations/${id}/`);
      assert.equal((await following).at(-1)?.event, 'done');
      assert.equal(await count(sql`messages WHERE id = ${message.id} AND reply = ''`), 1);
    });
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { firstIdAt, momentOf } from '../../../src/app/ids.ts';
import { operatorNotice, userNotice } from '../../../src/app/notices/new-notice.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { addNotices, NoticeStore } from '../../../src/store/notices/notices.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';

const KEY = { name: 'cron', prefix: 'chit_abc' };

onEachDatabase((at) => {
  describe('notices', () => {
    let database: OpenDatabase;
    let notices: NoticeStore;

    before(async () => {
      database = await openMigrated(at.url);
      notices = new NoticeStore(database.kysely);
      for (const id of [1, 2, 3]) {
        await sql`INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser,
            joined_at, refresh_cutoff_at)
          VALUES (${id}, ${`user-${id}`}, '-', 1, 0, 0, 0, 0)`.execute(database.kysely);
      }
    });
    after(() => database.close());

    test('a notice is stored with its deed, or neither', async () => {
      const db = database.kysely;
      const notice = userNotice('key.new', 1, KEY);
      await assert.rejects(
        db.transaction().execute(async (transaction) => {
          await addNotices(transaction, [notice]);
          throw new Error('the deed failed');
        }),
        /the deed failed/,
      );
      assert.deepEqual(await notices.of(1, { limit: 10 }), []);
      await db.transaction().execute((transaction) => addNotices(transaction, [notice]));
      const [shown] = await notices.of(1, { limit: 10 });
      const { id, atMs } = notice;
      assert.deepEqual(shown, { id, kind: 'key.new', data: KEY, atMs, isSeen: false });
      assert.equal(momentOf(id), atMs);
    });

    test('of notices with one key, at once too, the first is stored', async () => {
      const once = () => userNotice('key.new', 2, KEY, { onceKey: 'key.new:2' });
      await Promise.all([once(), once(), once()].map((it) => notices.add([it])));
      await notices.add([once(), userNotice('key.new', 2, KEY)]);
      assert.equal((await notices.of(2, { limit: 10 })).length, 2);
    });

    test('a user sees their own, newest first, and what they have seen stays seen', async () => {
      const mine = [1, 2, 3].map(() => userNotice('key.new', 3, KEY));
      const mailTo = { email: 'a@example.org', language: 'en', sealedPath: 'sealed' } as const;
      await notices.add([
        ...mine,
        userNotice('email.verify', 3, { until_ms: 1 }, { mailTo }),
        operatorNotice('user.signed_up', { user_id: 3, username: 'user-3' }, { userId: 3 }),
      ]);
      const ids = mine.map(({ id }) => id);
      const shown = async (beforeId?: string) =>
        (await notices.of(3, { beforeId, limit: 2 })).map(({ id }) => id);
      assert.deepEqual(await shown(), [ids[2], ids[1]]);
      assert.deepEqual(await shown(ids[1]), [ids[0]]);
      await notices.noteSeen(3, ids[1] as string, 5);
      await notices.noteSeen(1, ids[2] as string, 5);
      assert.equal(await notices.countUnseen(3), 1);
    });

    test('they go with their user, also where the server does not know of them', async () => {
      await sql`UPDATE users SET deleted_at = 9, username = NULL WHERE id = 3`.execute(
        database.kysely,
      );
      const left = await database.kysely
        .selectFrom('notices')
        .select('id')
        .where('user_id', '=', 3)
        .execute();
      assert.deepEqual(left, []);
    });

    test('old ones are deleted, a limited number at once', async () => {
      const later = firstIdAt(Date.now() + 60_000);
      assert.equal(await notices.deleteBefore(later, 2), 2);
      assert.equal(await notices.deleteBefore(later, 2), 1);
      assert.equal(await notices.deleteBefore(later, 2), 0);
    });
  });
});

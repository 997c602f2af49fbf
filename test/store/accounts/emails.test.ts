import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { EmailStore } from '../../../src/store/accounts/emails.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';

onEachDatabase((at) => {
  describe('e-mail addresses', () => {
    let database: OpenDatabase;
    let emails: EmailStore;

    before(async () => {
      database = await openMigrated(at.url);
      emails = new EmailStore(database.kysely);
      for (const id of [1, 2, 3, 4]) {
        await sql`INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser,
            joined_at, refresh_cutoff_at)
          VALUES (${id}, ${`user-${id}`}, '-', 1, 0, 0, 0, 0)`.execute(database.kysely);
      }
    });
    after(() => database.close());

    test('two users may give one address, and one of them can verify it', async () => {
      assert.equal(await emails.set(1, 'Ann@Example.org', undefined), 'kept');
      assert.equal(await emails.set(2, 'ann@example.org', undefined), 'kept');
      assert.equal(await emails.ownerOf('ann@example.org'), undefined);
      assert.equal(await emails.set(1, 'Ann@Example.org', 5), 'kept');
      assert.equal(await emails.set(2, 'ann@example.org', 6), 'taken');
      assert.equal(await emails.ownerOf('ANN@example.org'), 1);
      assert.deepEqual(await emails.of(1), {
        email: 'Ann@Example.org',
        verifiedAtMs: 5,
        confirmedBy: 'user',
      });
      assert.deepEqual(await emails.of(2), {
        email: 'ann@example.org',
        verifiedAtMs: undefined,
        confirmedBy: undefined,
      });
    });

    test('a sign that is only written as a letter in lower case is another mailbox', async () => {
      assert.equal(await emails.set(1, 'Kate@example.org', 5), 'kept');
      assert.equal(await emails.ownerOf('kate@example.org'), 1);
      assert.equal(await emails.ownerOf('\u212aate@example.org'), undefined);
      assert.equal(await emails.set(1, 'Ann@Example.org', 5), 'kept');
    });

    test('of two who verify it at once, one has it', async () => {
      const both = [3, 4].map((id) => emails.set(id, 'two@example.org', 7));
      assert.deepEqual((await Promise.all(both)).sort(), ['kept', 'taken']);
    });

    test('whoever confirms an address has it, whatever a directory says of somebody else', async () => {
      const email = 'mine@example.org';
      assert.equal(await emails.vouch(3, email, { atMs: 8, isOpening: false }), 'kept');
      assert.equal(await emails.vouch(4, email, { atMs: 8, isOpening: false }), 'taken');
      assert.equal(await emails.set(4, email, 9), 'kept');
      assert.equal(await emails.ownerOf(email), 4);
      assert.equal((await emails.of(3))?.verifiedAtMs, undefined);
      assert.equal(await emails.vouch(3, email, { atMs: 10, isOpening: true }), 'taken');
    });

    test('a user who is deleted has none, also where the server does not know of them', async () => {
      await sql`UPDATE users SET deleted_at = 9, username = NULL WHERE id = 1`.execute(
        database.kysely,
      );
      assert.equal(await emails.of(1), undefined);
      assert.equal(await emails.set(2, 'ann@example.org', 6), 'kept');
    });
  });
});

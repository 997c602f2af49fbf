/** Unusual data of a Django site is imported as faithfully as possible, and reported. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { MAX_CREDITS } from '../../src/core/credits.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query } from '../support/database.ts';
import {
  addDjangoChat,
  addDjangoSuperuser,
  addDjangoUser,
  djangoHash,
  newDjangoDatabase,
} from '../support/django.ts';
import { newFolder } from '../support/server.ts';

const HASH = djangoHash('x');

/** A folder with a database of Chit and one of a site, removed after the test. */
async function withSite(
  fill: (db: DatabaseSync) => void,
  act: (folder: string, path: string) => Promise<void>,
): Promise<void> {
  const folder = newFolder();
  const path = join(folder, 'site.sqlite3');
  const db = newDjangoDatabase(path);
  fill(db);
  db.close();
  try {
    assertDone(await runCommand(folder, ['migrate']));
    await act(folder, path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Imports, and asserts that a dry run before it printed exactly the same. */
async function importAsTried(folder: string, path: string): Promise<string> {
  const tried = assertDone(await runCommand(folder, ['import-django', path, '--dry-run']));
  const report = assertDone(await runCommand(folder, ['import-django', path]));
  const dry = tried.replace('This was a dry run: nothing was written.\n', '');
  assert.equal(withoutHead(dry), withoutHead(report));
  assert.match(assertDone(await runCommand(folder, ['ledger', 'verify'])), /^Everything agrees/);
  return report;
}

function withoutHead(report: string): string {
  return report.slice(report.indexOf('\n')).replace(/ +/g, ' ');
}

function assertTold(report: string, lines: readonly string[]): void {
  const told = report.split('\n');
  for (const line of lines) assert.ok(told.includes(line), `${line}\n\nis not in\n\n${report}`);
}

test('no balance stops an import; a balance that is too large is capped', async () => {
  const balances = [
    ...[BigInt(MAX_CREDITS), BigInt(MAX_CREDITS) + 1n, 2n ** 53n + 1n],
    ...[2n ** 63n - 1n, -(2n ** 63n), 7n],
  ];
  const fill = (db: DatabaseSync) => {
    for (const [id, tokens] of balances.entries()) {
      addDjangoUser(db, { id, username: `user ${id}`, password: HASH, tokens });
    }
    const unkept = 2n ** 63n - 1n;
    addDjangoUser(db, { id: unkept, username: 'last', password: HASH, tokens: 2n ** 62n });
    addDjangoChat(db, { id: unkept, userId: 5, message: 'hi', timestamp: '2024-05-06 07:08:09' });
  };
  await withSite(fill, async (folder, path) => {
    const report = await importAsTried(folder, path);
    assertTold(report, [
      `User 1: the balance 1000000000000001 is too large; it is ${MAX_CREDITS} here.`,
      `User 2: the balance 9007199254740993 is too large; it is ${MAX_CREDITS} here.`,
      `User 3: the balance 9223372036854775807 is too large; it is ${MAX_CREDITS} here.`,
      'User 4: the balance was -9223372036854775808; it is 0 here.',
      'User 9223372036854775807 ("last") is skipped: the id is no number from 0 to 2^53. ' +
        'Left behind: a balance of 4611686018427387904 and 0 chats.',
      'Not imported, for the reasons above: 1 user (with 4611686018427387904 tokens).',
    ]);
    const rows = await query(folder, 'SELECT posted FROM accounts ORDER BY id');
    const most = MAX_CREDITS;
    assert.deepEqual(
      rows.map(({ posted }) => posted),
      [most, most, most, most, 0, 7],
    );
    assert.equal((await query(folder, 'SELECT id FROM messages')).length, 1);
  });
});

test('of two users with the same name the lower id gets it, whichever is hashed first', async () => {
  const fill = (db: DatabaseSync) => {
    const names: [number, string | Uint8Array][] = [
      [5, ' spaced '],
      [12, 'spaced'],
      [13, 'spaced\t'],
      [20, Buffer.from([0x61, 0xff])],
      [21, Buffer.from([0x61, 0xfe])],
      // On a different page than the first with this name.
      [2_000, 'spaced '],
    ];
    for (const [id, username] of names) {
      // Clear-text passwords are hashed, which takes time; hashed ones are not.
      const password = id === 5 || id === 20 ? 'in clear text' : HASH;
      addDjangoUser(db, { id, username, password, tokens: id * 10 });
    }
    for (let id = 100; id < 1_000; id += 1) {
      addDjangoUser(db, { id, username: `user ${id}`, password: HASH, tokens: 0 });
    }
    for (const [id, userId] of [5, 12, 12, 77].entries()) {
      addDjangoChat(db, { id, userId, message: 'hi', timestamp: '2024-05-06 07:08:09' });
    }
    for (const username of ['boss', ' boss', ' spaced', "it's", 'user 100']) {
      addDjangoSuperuser(db, { username, password: HASH });
    }
  };
  await withSite(fill, async (folder, path) => {
    const report = await importAsTried(folder, path);
    const left = (balance: number, chats: string) =>
      `is skipped: user 5 has the same name. Left behind: a balance of ${balance} and ${chats}.`;
    assertTold(report, [
      'User 5: the name " spaced " is "spaced" here.',
      `User 12 ("spaced") ${left(120, '2 chats')}`,
      `User 13 ("spaced") ${left(130, '0 chats')}`,
      `User 2000 ("spaced") ${left(20_000, '0 chats')}`,
      'User 20: the name has characters that cannot be read.',
      'User 21 ("a\u{FFFD}") is skipped: user 20 has the same name. ' +
        'Left behind: a balance of 210 and 0 chats.',
      'Superuser "boss" is skipped: superuser 1 has the same name.',
      'Superuser "spaced" is skipped: user 5 has the same name; ' +
        'if that is the same person, run `chit users make-superuser spaced`.',
      'Superuser "user 100" is skipped: user 100 has the same name; ' +
        "if that is the same person, run `chit users make-superuser 'user 100'`.",
      'Chat 3 is skipped: there is no user 77 at the site.',
      'Not imported, for the reasons above: ' +
        '4 users (with 20460 tokens), 3 superusers, 3 chats.',
    ]);
    const [row] = await query(folder, "SELECT id FROM users WHERE username = 'spaced'");
    assert.equal(row?.id, 5);
    const again = await importAsTried(folder, path);
    assertTold(again, [`User 12 ("spaced") ${left(120, '2 chats')}`]);
    assert.match(again, /^superusers +0 +2 +3$/m);
  });
});

test('a user deleted here is not imported again, and the dry run says so', async () => {
  const fill = (db: DatabaseSync) => {
    addDjangoUser(db, { id: 1, username: 'leaver', password: HASH, tokens: 5 });
    addDjangoChat(db, { id: 1, userId: 1, message: 'mine', timestamp: '2024-05-06 07:08:09' });
  };
  await withSite(fill, async (folder, path) => {
    await importAsTried(folder, path);
    assertDone(await runCommand(folder, ['users', 'delete', 'leaver', '--yes']));
    const report = await importAsTried(folder, path);
    const reason = 'the account was deleted here. Left behind: a balance of 5 and 1 chat.';
    assertTold(report, [`User 1 ("leaver") is skipped: ${reason}`]);
    const rows = await query(folder, "SELECT id FROM messages WHERE content = 'mine'");
    assert.deepEqual(rows, []);
  });
});

test('a chat is imported once and in order, whatever its time', async () => {
  const times: [string | number, string][] = [
    ['soon', '2024-05-06T07:08:09.123Z'],
    ['2024-05-06 07:08:09.123456', '2024-05-06T07:08:09.123Z'],
    ['2024-02-31 00:00:00', '2024-05-06T07:08:09.123Z'],
    [1_714_979_289, '2024-05-06T07:08:09.123Z'],
    ['2024-05-07', '2024-05-07T00:00:00.000Z'],
    ['', '2024-05-07T00:00:00.000Z'],
    ['1969-12-31 23:59:59', '2024-05-07T00:00:00.000Z'],
    ['2024-05-08 00:00:00', '2024-05-08T00:00:00.000Z'],
  ];
  const fill = (db: DatabaseSync) => {
    addDjangoUser(db, { id: 1, username: 'ada', password: HASH, tokens: 0 });
    for (const [place, [timestamp]] of times.entries()) {
      addDjangoChat(db, { id: place - 1, userId: 1, message: `chat ${place}`, timestamp });
    }
  };
  await withSite(fill, async (folder, path) => {
    const report = await importAsTried(folder, path);
    assertTold(report, [
      'Chat -1: "soon" is no time from 1970 on; it is at 2024-05-06T07:08:09.123Z here.',
      'Chat 3: "2024-05-07" is only a date; it is at 2024-05-07T00:00:00.000Z here.',
      '1 chat with only a date: dated midnight UTC.',
      '5 chats without a time: dated like the chat before.',
      'Nothing was skipped.',
    ]);
    const rows = await query(folder, 'SELECT content, created_at FROM messages ORDER BY content');
    assert.deepEqual(
      rows.map(({ content, created_at: at }) => [content, new Date(Number(at)).toISOString()]),
      times.map(([, at], place) => [`chat ${place}`, at]),
    );
    const again = await importAsTried(folder, path);
    assert.match(again, /^chats +0 +8 +0$/m);
  });
});

test('an unverifiable hash works as no password, and the report says so', async () => {
  const fill = (db: DatabaseSync) => {
    for (const [id, password] of ['pbkdf2_sha256$99999999$salt$AAAA', HASH, '!'].entries()) {
      addDjangoUser(db, { id, username: `user ${id}`, password, tokens: 0 });
    }
  };
  await withSite(fill, async (folder, path) => {
    const report = await importAsTried(folder, path);
    const told = 'chooses a new password by a link of the staff.';
    assertTold(report, [
      `User 0 has no password that can be checked here, and ${told}`,
      `User 2 has no password that can be checked here, and ${told}`,
    ]);
    const rows = await query(folder, 'SELECT password_hash FROM users ORDER BY id');
    const [one, two, three] = rows.map((row) => String(row.password_hash));
    assert.match(one ?? '', /^\$argon2id\$/);
    assert.deepEqual([two, three], [HASH, one]);
  });
});

test('rows whose id is not an integer are skipped and reported', async () => {
  const fill = (db: DatabaseSync) => {
    addDjangoUser(db, { id: 1, username: 'ada', password: HASH, tokens: 0 });
    db.exec(`DROP TABLE api_chat; CREATE TABLE api_chat (id, message, response, timestamp, user_id);
      INSERT INTO api_chat VALUES ('x', 'a', 'b', '2024-05-06 07:08:09', 1),
        (NULL, 'a', 'b', '2024-05-06 07:08:09', 1), (3, 'a', NULL, '2024-05-06 07:08:09', 1),
        (4, 'a', 'b', '2024-05-06 07:08:09', NULL)`);
  };
  await withSite(fill, async (folder, path) => {
    const report = await importAsTried(folder, path);
    assertTold(report, [
      'Chat 4 is skipped: it has no user at the site.',
      'Of chats, 2 are skipped: their ids are no whole numbers.',
      'Not imported, for the reasons above: 3 chats.',
    ]);
    assert.match(report, /^chats +1 +0 +3$/m);
  });
});

test('a missing column is reported at once', async () => {
  for (const [change, lacks] of [
    ['ALTER TABLE api_user DROP COLUMN tokens', 'the column api_user.tokens'],
    [
      'ALTER TABLE api_chat RENAME COLUMN timestamp TO at; ALTER TABLE auth_user DROP is_active',
      'the columns api_chat.timestamp, auth_user.is_active',
    ],
  ] as const) {
    await withSite(
      (db) => db.exec(change),
      async (folder, path) => {
        const outcome = await runCommand(folder, ['import-django', path]);
        assertFailed(outcome, 1, new RegExp(`^\\S+ lacks ${lacks}\\.\\n$`));
      },
    );
  }
});

/** The tables as `CREATE TABLE … AS SELECT` and many converters leave them. */
function withoutPrimaryKeys(db: DatabaseSync): void {
  db.exec(`
    DROP TABLE api_chat; DROP TABLE api_user;
    CREATE TABLE api_user (id integer, username text, password text, tokens integer);
    CREATE TABLE api_chat (
      id integer, user_id integer, message text, response text, timestamp text);
  `);
}

test('tables without a primary key are imported, whatever the order of their rows', async () => {
  await withSite(
    (db) => {
      withoutPrimaryKeys(db);
      db.exec(`INSERT INTO api_user VALUES (2, 'bob', 'x', 6), (1, 'ada', 'x', 5)`);
      db.exec(`INSERT INTO api_chat VALUES (9, 1, 'm', 'r', '2024-01-01 00:00:00'),
        (3, 2, 'm', 'r', '2024-01-01 00:00:00')`);
    },
    async (folder, path) => {
      const report = await importAsTried(folder, path);
      assert.match(report, /^users +2 +0 +0$/m);
      assert.match(report, /^chats +2 +0 +0$/m);
    },
  );
});

test('ids that several rows have stop an import before it begins', async () => {
  for (const [table, rows] of [
    ['api_user', `(1, 'ada', 'x', 5), (1, 'eve', 'x', 6)`],
    ['api_chat', `(1, 1, 'm', 'r', '2024-01-01'), (1, 1, 'n', 'r', '2024-01-01')`],
  ] as const) {
    await withSite(
      (db) => {
        withoutPrimaryKeys(db);
        db.exec(`INSERT INTO ${table} VALUES ${rows}`);
      },
      async (folder, path) => {
        const outcome = await runCommand(folder, ['import-django', path]);
        assertFailed(outcome, 1, new RegExp(`${table} has no primary key, and 1 of its rows have`));
        const [count] = await query(folder, 'SELECT count(*) AS users FROM users');
        assert.equal(count?.users, 0);
      },
    );
  }
});

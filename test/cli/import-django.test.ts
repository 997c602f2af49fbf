/** A Django site is imported: as a dry run, in part, completely, and again. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Tokens } from '../../src/auth/tokens.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query, storingNothing } from '../support/database.ts';
import {
  addDjangoChat,
  addDjangoSuperuser,
  addDjangoUser,
  djangoHash,
  newDjangoDatabase,
} from '../support/django.ts';
import { type Answer, getWith, postJson } from '../support/http.ts';
import { newUser, SECRET_KEY } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';

const CHATS = 5_000;

let server: ServerHere;
let path: string;

before(async () => {
  server = await startServerHere();
  await newUser(server.url, 'taken');
  path = join(server.folder, 'db.sqlite3');
  const db = newDjangoDatabase(path);
  const users = [
    { id: 1, username: 'ada', password: djangoHash('Lovelace 1815'), tokens: 3_700 },
    { id: 2, username: 'clear', password: 'typed as it is', tokens: 100 },
    { id: 3, username: 'debtor', password: djangoHash('x'), tokens: -5 },
    { id: 4, username: 'taken', password: djangoHash('x'), tokens: 9 },
    { id: 5, username: ' spaced ', password: djangoHash('x'), tokens: 0 },
    { id: 6, username: 'locked', password: 'argon2$argon2id$v=19$x$y$z', tokens: 1 },
    { id: 7, username: 'odd', password: djangoHash('x'), tokens: 'many' },
    { id: 8, username: '', password: djangoHash('x'), tokens: 1 },
  ];
  for (const user of users) addDjangoUser(db, user);
  addDjangoSuperuser(db, { username: 'admin', password: djangoHash('the boss') });
  addDjangoSuperuser(db, { username: 'ada', password: djangoHash('another ada') });
  addDjangoSuperuser(db, { username: 'gone', password: djangoHash('x'), isActive: false });
  addDjangoSuperuser(db, { username: 'normal', password: djangoHash('x'), isSuperuser: false });
  db.exec('BEGIN');
  for (let id = 1; id <= CHATS; id += 1) {
    const timestamp = `2024-05-06 07:08:${String(id % 60).padStart(2, '0')}.${id}`;
    addDjangoChat(db, { id, userId: 1, message: `Question ${id}`, timestamp });
  }
  addDjangoChat(db, {
    id: 9_001,
    userId: 4,
    message: 'not mine',
    timestamp: '2024-05-06 07:00:00',
  });
  addDjangoChat(db, { id: 9_002, userId: 2, message: 'when?', timestamp: 'soon' });
  addDjangoChat(db, { id: 9_003, userId: 2, message: 'a\0b', timestamp: '2024-05-06 07:00:00' });
  db.exec('COMMIT');
  db.close();
});
after(() => server.stop());

const run = (...args: string[]) => runCommand(server.folder, ['import-django', path, ...args]);
const logIn = (username: string, password: string): Promise<Answer> =>
  postJson(`${server.url}/api/login/`, { username, password });

/** `users 6 0 2`, … */
function countsIn(stdout: string): Record<string, number[]> {
  const lines = stdout.split('\n').filter((line) => /^(users|superusers|chats) /.test(line));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...counts] = line.trim().split(/\s+/);
      return [name, counts.map(Number)];
    }),
  );
}

test('a missing file, or one of another format, is reported', async () => {
  const other = join(server.folder, 'other.txt');
  writeFileSync(other, 'this is no database, but long enough to look like a file of some kind\n');
  for (const [file, reason] of [
    [join(server.folder, 'none'), /none cannot be read: there is no such file\.\n$/],
    [server.folder, /cannot be read: it is no file\.\n$/],
    [other, /cannot be read: file is not a database\.\n$/],
    [server.databaseUrl.replace(/^sqlite:/, ''), /no tables api_user and api_chat|cannot be read/],
  ] as const) {
    assertFailed(await runCommand(server.folder, ['import-django', file]), 1, reason);
  }
});

test('a dry run reports what would be imported and writes nothing', async () => {
  const outcome = await storingNothing(server.folder, () => run('--dry-run'));
  const stdout = assertDone(outcome);
  assert.deepEqual(countsIn(stdout), {
    users: [6, 0, 2],
    superusers: [1, 0, 2],
    chats: [CHATS + 2, 0, 1],
  });
  assert.match(stdout, /nothing was written/);
});

test('everything is imported once, even if the import runs again', async () => {
  const stdout = assertDone(await run());
  assert.deepEqual(countsIn(stdout), {
    users: [6, 0, 2],
    superusers: [1, 0, 2],
    chats: [CHATS + 2, 0, 1],
  });
  for (const problem of [
    'User 3: the balance was -5; it is 0 here.',
    'User 4 ("taken") is skipped: somebody else has the name here. Left behind: a balance of 9 ' +
      'and 1 chat.',
    'User 5: the name " spaced " is "spaced" here.',
    'User 6 has no password that can be checked here, and chooses a new password by a link',
    'User 7: the balance "many" is none; it is 0 here.',
    'User 8 ("") is skipped: nobody could sign in by such a name.',
    'Superuser "ada" is skipped: user 1 has the same name; if that is the same person, ' +
      'run `chit users make-superuser ada`.',
    'Superuser "gone" is skipped: it was disabled.',
    'Chat 9002: "soon" is no time from 1970 on; it is at 2024-05-06T07:00:00.000Z here.',
    'Chat 9003: characters that cannot be stored were replaced.',
    'Not imported, for the reasons above: 2 users (with 10 tokens), 2 superusers, 1 chat.',
  ]) {
    assert.ok(stdout.includes(problem), problem);
  }
  assert.doesNotMatch(stdout, /typed as it is/);

  const again = assertDone(await run());
  assert.deepEqual(countsIn(again), {
    users: [0, 6, 2],
    superusers: [0, 1, 2],
    chats: [0, CHATS + 2, 1],
  });
  const verified = await runCommand(server.folder, ['ledger', 'verify']);
  assert.match(assertDone(verified), /Everything agrees/);
});

test('a partial import is completed', async () => {
  await query(server.folder, "DELETE FROM messages WHERE content LIKE 'Question 1%'");
  const [, known = 0] = countsIn(assertDone(await run('--dry-run'))).chats ?? [];
  assert.ok(known > 0 && known < CHATS);
  const counts = countsIn(assertDone(await run()));
  assert.equal((counts.chats?.[0] ?? 0) + (counts.chats?.[1] ?? 0), CHATS + 2);
  const [row] = (await query(
    server.folder,
    "SELECT count(*) AS count FROM messages WHERE status = 'imported'",
  )) as { count: number }[];
  assert.equal(Number(row?.count), CHATS + 2);
});

test('an imported hash works and is replaced by argon2id; a wrong password is refused', async () => {
  const hashOf = async () => {
    const rows = await query(server.folder, 'SELECT password_hash FROM users WHERE id = 1');
    return (rows as { password_hash: string }[])[0]?.password_hash ?? '';
  };
  assert.equal((await logIn('ada', 'wrong')).status, 400);
  assert.match(await hashOf(), /^pbkdf2_sha256\$/);
  const both = await Promise.all([logIn('ada', 'Lovelace 1815'), logIn('ada', 'Lovelace 1815')]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [200, 200],
  );
  assert.match(await hashOf(), /^\$argon2id\$/);
  assert.equal((await logIn('ada', 'Lovelace 1815')).status, 200);
  assert.equal((await logIn('ada', 'another ada')).status, 400, 'the flags went to nobody');
});

test('a clear-text password is hashed; an unverifiable one lets nobody log in', async () => {
  assert.equal((await logIn('clear', 'typed as it is')).status, 200);
  const rows = (await query(server.folder, 'SELECT password_hash FROM users')) as {
    password_hash: string;
  }[];
  assert.ok(rows.every(({ password_hash: hash }) => !hash.includes('typed as it is')));
  assert.equal((await logIn('locked', 'argon2$argon2id$v=19$x$y$z')).status, 400);
  assert.equal((await logIn('spaced', 'x')).status, 200);
  const boss = (await logIn('admin', 'the boss')).json as { access: string };
  const me = (await getWith(`${server.url}/api/me/`, boss.access)).json as Record<string, unknown>;
  assert.deepEqual([me.is_staff, me.is_superuser, me.tokens], [true, true, 0]);
});

test('a token that the site issued stays valid, with balance and chats behind it', async () => {
  const tokens = new Tokens({
    secretKey: SECRET_KEY,
    accessMinutes: 15,
    refreshDays: 1,
    sessionDays: 30,
    sessionMostDays: 180,
  });
  const { token } = tokens.issue('access', 1, Date.now());
  assert.deepEqual((await getWith(`${server.url}/api/tokens/`, token)).json, { tokens: 3_700 });
  const list = await getWith(`${server.url}/api/conversations/`, token);
  const { conversations } = list.json as { conversations: { id: string; title: string }[] };
  assert.equal(conversations.length, 1);
  const where = `${server.url}/api/conversations/${conversations[0]?.id}/messages/?limit=200`;
  const page = (await getWith(where, token)).json as { messages: Record<string, string>[] };
  assert.equal(page.messages.length, 200);
  assert.match(page.messages[0]?.content ?? '', /^Question \d+$/);
  assert.equal(page.messages[0]?.status, 'complete');
  assert.match(page.messages[0]?.created_at ?? '', /^2024-05-06T07:08:59/);
});

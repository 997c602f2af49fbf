/** The commands for users and balances, on a database that a server has open as well. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { auditEntry } from '../../src/app/principal.ts';
import { commandLine } from '../../src/cli/command-line-principal.ts';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query, storingNothing } from '../support/database.ts';
import { type Answer, getWith, postJson } from '../support/http.ts';
import { type CommandOutcome, environmentWith, newUser, SECRET_KEY } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';

const PASSWORD = 'Pa55word!x';
const MAIN = join(import.meta.dirname, '../../bin/chit.js');

let server: ServerHere;
let alice: { access: string; refresh: string };

before(async () => {
  server = await startServerHere();
  alice = await newUser(server.url, 'alice');
});
after(() => server.stop());

function chit(args: readonly string[], input = ''): Promise<CommandOutcome> {
  return runCommand(server.folder, args, { input });
}

function logIn(username: string, password: string): Promise<Answer> {
  return postJson(`${server.url}/api/login/`, { username, password });
}

test('createsuperuser reads the password from standard input and creates a superuser', async () => {
  const outcome = await chit(['createsuperuser', '--username', ' root '], 'a long passphrase\n');
  assert.equal(assertDone(outcome), 'Superuser "root" was created.\n');
  const login = await logIn('root', 'a long passphrase');
  assert.equal(login.status, 200);
  const { access } = login.json as { access: string };
  const me = (await getWith(`${server.url}/api/me/`, access)).json as Record<string, unknown>;
  assert.deepEqual(
    [me.username, me.is_staff, me.is_superuser, me.tokens],
    ['root', true, true, 4000],
  );
});

test('createsuperuser rejects credentials that cannot log in, and creates no account', async () => {
  const named = ['createsuperuser', '--username'];
  await storingNothing(server.folder, () =>
    Promise.all(
      (
        [
          [[...named, 'alice'], 'velvet tram', /There is a user named "alice" already/],
          [[...named, '  '], 'velvet tram', /A username has 1 to 50 characters/],
          [[...named, 'n'.repeat(51)], 'velvet tram', /A username has 1 to 50 characters/],
          [[...named, 'cli:root'], 'velvet tram', /--username: This name is reserved/],
          [
            [...named, 'Alice'],
            'velvet tram',
            /There is a user named "Alice" already, or by a name/,
          ],
          [[...named, 'new'], '', /Send the password on standard input/],
          [[...named, 'new'], '  \n', /may not be blank/],
          [[...named, 'new'], 'p'.repeat(1_025), /at most 1024 bytes in UTF-8/],
          [[...named, 'new'], 'velvet1', /A password has at least 8 characters/],
          [[...named, 'new'], 'velvetnew', /contains the username/],
          [[...named, 'new'], 'PASSWORD123', /among the most common ones/],
          [[...named, 'new'], 'a\0b', /null characters/],
          [[...named, 'new'], Buffer.from('caf\xe9', 'latin1'), /not valid UTF-8/],
          [['createsuperuser'], 'velvet tram', /no terminal to prompt on\. Use --username/],
        ] as const
      ).map(async ([args, input, reason]) => {
        assertFailed(await runCommand(server.folder, args, { input }), 1, reason);
      }),
    ),
  );
  const login = await logIn('alice', PASSWORD);
  assert.equal(login.status, 200, 'the password of the one who has the name is as it was');
});

/** What a user is told, and staff are not. */
const ONLY_IN_ME = [
  'manages_groups',
  'plan',
  'instructions',
  'staff_reads_chats',
  'chats_kept_days',
  'needs_second_factor',
  'password_resets',
  'has_password',
  'sign_in',
];

test('users list and show print what the API returns, as a table and as JSON', async () => {
  const { json: told } = await getWith(`${server.url}/api/me/`, alice.access);
  const entries = Object.entries(told as object).filter(([name]) => !ONLY_IN_ME.includes(name));
  const me = Object.fromEntries(entries);
  const [table, lines, one, json] = await Promise.all([
    chit(['users', 'list']),
    chit(['users', 'list', '--json']),
    chit(['users', 'show', 'alice']),
    chit(['users', 'show', 'alice', '--json']),
  ]);
  assert.deepEqual(JSON.parse(assertDone(json)), { ...me, is_active: true });
  const rows = assertDone(table).trimEnd().split('\n');
  assert.match(String(rows[0]), /^id +username +tokens +state +role +joined$/);
  assert.match(rows.join('\n'), /^\d+ +alice +4000 +active +user +\d{4}-\d\d-\d\dT/m);
  assert.match(rows.join('\n'), /^\d+ +root +4000 +active +superuser /m);
  const users = assertDone(lines)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).username);
  assert.deepEqual(users, ['alice', 'root']);
  assert.match(assertDone(one), /^username: alice\ntokens: 4000\nstate: active\nrole: user$/m);
});

test('a name with control characters is printed with escapes', async () => {
  await newUser(server.url, 'evil');
  // Nobody can choose such a name, but accounts of earlier versions and imported ones have some.
  const name = 'evil\u001b[2J\u202enew\nroot';
  await query(server.folder, "UPDATE users SET username = ? WHERE username = 'evil'", name);
  const list = assertDone(await chit(['users', 'list']));
  assert.ok(!list.includes('\u001b') && !list.includes('\u202e'));
  assert.match(list, / evil\\u\{1b\}\[2J\\u\{202e\}new\\u\{a\}root /);
  await chit(['users', 'delete', name, '--yes']);
});

test('users disable and enable change one flag and nothing else', async () => {
  const row = async () => {
    const [user] = await query(server.folder, "SELECT * FROM users WHERE username = 'alice'");
    // The server writes this later, so an earlier test may still change it.
    return { ...user, last_seen_at: undefined };
  };
  const before = await row();
  assert.equal(assertDone(await chit(['users', 'disable', 'alice'])), 'alice is disabled.\n');
  assert.deepEqual(await row(), { ...before, is_active: 0 });
  assert.equal((await logIn('alice', PASSWORD)).status, 400);
  assert.match(assertDone(await chit(['users', 'show', 'alice'])), /^state: disabled$/m);
  assert.equal(assertDone(await chit(['users', 'enable', 'alice'])), 'alice is enabled.\n');
  assert.deepEqual(await row(), before);
  assert.equal((await logIn('alice', PASSWORD)).status, 200);
});

test('users make-staff, make-superuser and take-staff change the flags and are logged', async () => {
  await newUser(server.url, 'climber');
  const roles: [string, string, string][] = [
    ['make-staff', 'climber is staff.', 'staff'],
    ['make-superuser', 'climber is a superuser.', 'superuser'],
    ['make-staff', 'climber is staff.', 'superuser'],
    ['take-staff', 'climber is no longer staff.', 'user'],
    ['make-superuser', 'climber is a superuser.', 'superuser'],
    ['take-staff', 'climber is no longer staff.', 'user'],
  ];
  for (const [command, said, role] of roles) {
    assert.equal(assertDone(await chit(['users', command, 'climber'])), `${said}\n`);
    const shown = assertDone(await chit(['users', 'show', 'climber']));
    assert.match(shown, new RegExp(`^role: ${role}$`, 'm'), command);
  }
  const entries = await query(
    server.folder,
    `SELECT a.actor, a.after FROM audit_log a JOIN users u ON a.target = 'user:' || u.id
      WHERE u.username = 'climber' AND a.action = 'user.change' ORDER BY a.id`,
  );
  // The third changes nothing, since a superuser is staff.
  assert.equal(entries.length, roles.length - 1);
  for (const { actor } of entries) assert.match(String(actor), /^cli:\S+$/);
  const first = { is_active: true, is_staff: true, is_superuser: false };
  assert.deepEqual(JSON.parse(String(entries[0]?.after)), first);
  const help = assertDone(await chit(['users', '--help']));
  for (const [command] of roles) assert.ok(help.includes(command), command);
});

test('the last superuser cannot be demoted', async () => {
  const outcome = await chit(['users', 'take-staff', 'root']);
  assertFailed(outcome, 1, /^This is the last superuser\. Nothing was changed\.\n$/);
  assert.match(assertDone(await chit(['users', 'show', 'root'])), /^role: superuser$/m);
});

test('users reset-password has the same rules and revokes all refresh tokens', async () => {
  const { refresh } = await newUser(server.url, 'forgetful');
  const reset = ['users', 'reset-password', 'forgetful'];
  await storingNothing(server.folder, async () => {
    assertFailed(await chit(reset, '\n'), 1, /may not be blank/);
    assertFailed(await chit(reset, 'short'), 1, /A password has at least 8 characters/);
    assertFailed(await chit(reset, 'Password123'), 1, /among the most common ones/);
    assertFailed(await chit(reset, 'Forgetful-19'), 1, /contains the username/);
  });
  const refreshed = () => postJson(`${server.url}/api/token/refresh/`, { refresh });
  assert.equal((await refreshed()).status, 200, 'nothing has ended');
  assert.match(assertDone(await chit(reset, 'remembered\n')), /was changed/);
  assert.equal((await refreshed()).status, 401);
  assert.equal((await logIn('forgetful', PASSWORD)).status, 400);
  assert.equal((await logIn('forgetful', 'remembered')).status, 200);
});

test('users delete asks for confirmation; then name, password and messages are gone', async () => {
  const { access } = await newUser(server.url, 'leaver');
  await postJson(`${server.url}/api/chat/`, { message: 'to be forgotten' }, access);
  const idOf = async () =>
    (await query(server.folder, "SELECT id FROM users WHERE username = 'leaver'"))[0]?.id;
  const id = await idOf();
  await storingNothing(server.folder, async () => {
    assertFailed(await chit(['users', 'delete', 'leaver']), 1, /Use --yes/);
  });
  assert.ok(id !== undefined && id === (await idOf()));
  const outcome = await chit(['users', 'delete', 'leaver', '--yes']);
  assert.equal(assertDone(outcome), 'leaver was erased.\n');
  assertFailed(await chit(['users', 'show', 'leaver']), 1, /There is no user named "leaver"/);
  const rows = await query(server.folder, 'SELECT * FROM users WHERE id = ?', Number(id));
  assert.deepEqual([rows[0]?.username, rows[0]?.password_hash], [null, '']);
  const messages = await query(
    server.folder,
    "SELECT id FROM messages WHERE content LIKE '%forgotten%'",
  );
  assert.deepEqual(messages, []);
  assert.match(assertDone(await chit(['ledger', 'verify'])), /^Everything agrees: /);
});

test('every command with a username fails for an unknown user', async () => {
  await storingNothing(server.folder, () =>
    Promise.all(
      [
        ['users', 'show', 'ALICE'],
        ['users', 'disable', 'ghost'],
        ['users', 'make-superuser', 'ghost'],
        ['users', 'delete', 'ghost', '--yes'],
        ['users', 'reset-password', 'ghost'],
        ['grant', 'ghost', '5', '--reason', 'x'],
      ].map(async (args) => assertFailed(await chit(args, 'x'), 1, /There is no user named "/)),
    ),
  );
});

test('grants made while the server charges are all booked, with actor and reason', async () => {
  const { access } = await newUser(server.url, 'customer');
  const chats = Promise.all(
    Array.from({ length: 30 }, () =>
      postJson(`${server.url}/api/chat/`, { message: 'hi' }, access),
    ),
  );
  const grant = ['grant', 'customer', '500', '--reason', 'paid by transfer'];
  const grants = await Promise.all([chit(grant), chit(grant), chit(grant)]);
  for (const outcome of grants) {
    assert.match(assertDone(outcome), /^customer was granted 500 tokens and has \d+\.\n$/);
  }
  assert.deepEqual([...new Set((await chats).map(({ status }) => status))], [200]);
  const balance = await getWith(`${server.url}/api/tokens/`, access);
  assert.deepEqual(balance.json, { tokens: 4000 + 3 * 500 - 30 * 100 });
  const booked = await query(
    server.folder,
    "SELECT actor, credits FROM transfers WHERE reason = 'paid by transfer'",
  );
  assert.equal(booked.length, 3);
  for (const row of booked) {
    assert.equal(row.credits, 500);
    assert.match(String(row.actor), /^cli:\S+$/);
  }
});

test('a grant beyond the largest balance is refused and not booked', async () => {
  const grant = ['grant', 'alice', '1000000000000000', '--reason', 'too much'];
  const outcome = await storingNothing(server.folder, () => chit(grant));
  assertFailed(outcome, 1, /more than a balance can hold/);
});

test('ledger verify exits with 1 and names the account whose balance was changed', async () => {
  const id = (await query(server.folder, "SELECT id FROM users WHERE username = 'alice'"))[0]?.id;
  const change = (sql: string) => query(server.folder, sql, Number(id));
  await change('UPDATE accounts SET posted = posted + 1 WHERE id = ?');
  const outcome = await chit(['ledger', 'verify']);
  assertFailed(
    outcome,
    1,
    new RegExp(`^All balances .*\n.*Account ${id} has 4001 posted, but .* sum to 4000\\.\n$`),
  );
  await change('UPDATE accounts SET posted = posted - 1, held = 7 WHERE id = ?');
  const held = await chit(['ledger', 'verify']);
  assertFailed(held, 1, new RegExp(`^Account ${id} has 7 held, but .* sum to 0\\.\n$`));
  await change('UPDATE accounts SET held = 0 WHERE id = ?');
});

test('a list longer than a page is complete, and closing the pipe early is not an error', async () => {
  await query(
    server.folder,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at,
        refresh_cutoff_at)
      SELECT i, 'bulk ' || i, '', 1, 0, 0, 0, 0 FROM n`,
  );
  await query(
    server.folder,
    `INSERT INTO accounts (id, posted, held, transfer_count)
      SELECT id, 0, 0, 0 FROM users WHERE username LIKE 'bulk %'`,
  );
  const whole = assertDone(await chit(['users', 'list', '--json']));
  const names = whole.match(/"username":"bulk \d+"/g) ?? [];
  assert.equal(new Set(names).size, 3000);

  const child = spawn(process.execPath, [MAIN, 'users', 'list', '--json'], {
    cwd: server.folder,
    env: environmentWith({ CHIT_SECRET_KEY: SECRET_KEY, CHIT_DATABASE_URL: server.databaseUrl }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'close');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('users reset-factors removes what a user has lost', async () => {
  const { access } = await newUser(server.url, 'loser');
  const post = (path: string, body: object) => postJson(`${server.url}${path}`, body, access);
  const begun = (await post('/api/account/totp/', {})).json as { secret: string; ticket: string };
  const code = new TOTP({ secret: Secret.fromBase32(begun.secret) }).generate();
  assert.equal((await post('/api/account/totp/confirm/', { ...begun, code })).status, 200);
  const account = { username: 'loser', password: 'Pa55word!x' };
  const logIn = () => postJson(`${server.url}/api/login/`, account);
  assert.equal((await logIn()).status, 401);
  assert.match(assertDone(await chit(['users', 'reset-factors', 'loser'])), /are removed/);
  assert.equal((await logIn()).status, 200);
  assert.match(assertDone(await chit(['users', 'reset-factors', 'loser'])), /no second factor/);
});

test('users connected lists accounts elsewhere, and users disconnect removes one', async () => {
  const { access, refresh } = await newUser(server.url, 'guest');
  const { context } = server;
  const userId = (await context.users.byUsername('guest'))?.id ?? 0;
  assert.equal(assertDone(await chit(['users', 'connected', 'guest'])), '');
  const entry = auditEntry(commandLine(), { action: 'user.identity', target: `user:${userId}` });
  const identity = { issuer: 'https://id.example', subject: 'guest' };
  assert.ok(await context.identities.tie(identity, { userId, provider: 'school', entry }));
  const listed = assertDone(await chit(['users', 'connected', 'guest', '--json']));
  const { id, by } = JSON.parse(listed) as { id: string; by: string };
  assert.equal(by, 'school');
  assert.match(
    assertDone(await chit(['users', 'connected', 'guest'])),
    /^id +by +connected +used\n\S+ +school +\S+Z +\S+Z\n$/,
  );

  const wrong = await chit(['users', 'disconnect', 'guest', `${id}x`]);
  assertFailed(wrong, 1, /No such account elsewhere signs in to guest.*Nothing was changed/);
  const other = await chit(['users', 'disconnect', 'alice', id]);
  assertFailed(other, 1, /No such account elsewhere signs in to alice/);
  assert.equal(await context.identities.ownerOf(identity), userId);
  assert.equal((await getWith(`${server.url}/api/me/`, access)).status, 200);

  const done = await chit(['users', 'disconnect', 'guest', id]);
  assert.equal(assertDone(done), 'Disconnected from guest, and all sessions have ended.\n');
  assert.equal(await context.identities.ownerOf(identity), undefined);
  const renewed = await postJson(`${server.url}/api/token/refresh/`, { refresh });
  assert.equal(renewed.status, 401);
  const actors = "SELECT actor FROM audit_log WHERE action = 'user.untie'";
  assert.deepEqual(await query(server.folder, actors), [{ actor: commandLine().actor }]);
});

test('password-link prints a link that works once, with the address of the site', async () => {
  const outcome = await chit([
    'users',
    'password-link',
    'alice',
    '--site',
    'https://chat.example/',
  ]);
  const printed = assertDone(outcome);
  const token = /^https:\/\/chat\.example\/reset#([\w-]+)\nIt works once, until \d/.exec(
    printed,
  )?.[1];
  const body = { token, password: 'velvet-tram-19' };
  assert.equal((await postJson(`${server.url}/api/password/choose/`, body)).status, 200);
  assert.equal((await postJson(`${server.url}/api/password/choose/`, body)).status, 400);
  assert.equal((await logIn('alice', body.password)).status, 200);
});

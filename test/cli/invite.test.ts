/** `chit invite`, `chit invitations` and `chit users create`. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query, storingNothing } from '../support/database.ts';
import { documentText, shellLines, wordsOf } from '../support/documents.ts';
import { postJson } from '../support/http.ts';
import { startServer, type TestServer } from '../support/server.ts';

const PASSWORD = 'velvet-tram-19';

let server: TestServer;

before(async () => {
  server = await startServer();
});
after(() => server.stop());

const chit = (...args: readonly string[]) => runCommand(server.folder, args);
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .filter((it) => it !== '')
    .map((it) => JSON.parse(it) as Record<string, unknown>);

test('people are invited by name; who comes has what the command said', async () => {
  const args = ['--usernames', '--group', '7a', '--tokens', '5', '--site', 'https://chit.example/'];
  await storingNothing(server.folder, async () => {
    const { code, stdout } = await chit('invite', 'anna', 'greta', ...args, '--dry-run');
    assert.equal(code, 0);
    assert.match(stdout, /^It would be: 2 invitations with 10 tokens, .* 1 new group \(1 with/);
  });
  const { code, stdout, stderr } = await chit('invite', 'anna', 'greta', ...args, '--json');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Done: 2 invitations with 10 tokens/);
  const [anna] = linesOf(stdout);
  assert.deepEqual([anna?.name, anna?.username, anna?.groups], ['anna', 'anna', ['7a']]);
  assert.equal(anna?.link, `https://chit.example/invited#${anna?.code}`);
  const body = { code: anna?.code, password: PASSWORD };
  assert.equal((await postJson(`${server.url}/api/invitations/accept/`, body)).status, 201);
  const login = { username: 'anna', password: PASSWORD };
  assert.equal((await postJson(`${server.url}/api/login/`, login)).status, 200);
  const listed = linesOf((await chit('invitations', 'list', '--group', '7a', '--json')).stdout);
  assert.deepEqual(
    listed.map(({ name, state, tokens }) => [name, state, tokens]),
    [
      ['anna', 'accepted', 5],
      ['greta', 'open', 5],
    ],
  );
  const table = await chit('invitations', 'list', '--state', 'open');
  assert.match(table.stdout, /greta +greta +7a +open/);
  const codes = linesOf((await chit('invitations', 'codes', '--group', '7a', '--json')).stdout);
  assert.deepEqual(
    codes.map(({ name }) => name),
    ['greta'],
  );
  const id = String(listed[1]?.id);
  assert.equal(
    (await chit('invitations', 'extend', id, '--days', '1')).stdout,
    '1 invitation extended by 1 day.\n',
  );
  const until = new Date(Date.now() + 86_400_000).toISOString();
  assert.equal(
    (await chit('invitations', 'extend', id, '--until', until)).stdout,
    `1 invitation extended until ${until}.\n`,
  );
  const past = await chit('invitations', 'extend', id, '--until', '2020-01-31');
  assertFailed(past, 1, /Give a moment in the future/);
  assertFailed(await chit('invitations', 'send', id), 1, /sends no mail/);
  const file = (await chit('invitations', 'list', '--csv', '--search', 'gret')).stdout;
  assert.match(file, /^name,email,groups,state,.*\r\ngreta,,7a,open,2.*Z,,greta\r\n$/);
  assert.equal((await chit('invitations', 'end', id)).stdout, '1 invitation ended.\n');
  assertFailed(await chit('invitations', 'end', id), 1, /no such invitation/);
  assertFailed(await chit('invitations', 'end'), 1, /Give the ids of invitations, or --group/);
});

test('a file is refused by row and column; without a fault its codes go to a file', async () => {
  const csv = join(server.folder, 'class.csv');
  const out = join(server.folder, 'codes.csv');
  writeFileSync(csv, 'name,email,groups\nAlan,nowhere,7b\n');
  await storingNothing(server.folder, async () => {
    const { code, stdout, stderr } = await chit('invite', '--csv', csv);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^Row 2, email: This is not an e-mail address\. Correct it, .* nowhere$/m);
    assert.match(stderr, /^Nobody was invited: 1 fault\.$/m);
    assertFailed(await chit('invite', '--csv', csv, 'anna'), 1, /the file alone says/);
    assertFailed(await chit('invite'), 1, /Name somebody/);
    assertFailed(await chit('invite', 'a', 'b', '--email', 'a@b.example'), 1, /for one person/);
  });
  writeFileSync(csv, 'name,email,groups\nAlan,alan@b.example,7b\n');
  const { code, stdout, stderr } = await chit('invite', '--csv', csv, '--out', out);
  assert.deepEqual([code, stdout], [0, ''], stderr);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const [head, line] = readFileSync(out, 'utf8').trimEnd().split('\r\n');
  assert.equal(head, 'name,username,email,groups,code,link,expires_at');
  assert.match(line ?? '', /^Alan,,alan@b\.example,7b,[0-9A-Z]{5}-[0-9A-Z]{5},/);
  const again = await chit('invite', '--csv', csv);
  assert.match(again.stderr, /Done: 0 invitations .* 0 with an account, 1 invited before/);
});

test('links without an address say so, and how they get one', async () => {
  const settings = { CHIT_PUBLIC_URL: 'https://chit.example/chat/' };
  const line = /^Links are printed without the address .* --site, or set CHIT_PUBLIC_URL\.$/m;
  const bare = await chit('invite', 'kurt', '--json');
  assert.match(bare.stderr, line);
  assert.match(String(linesOf(bare.stdout)[0]?.link), /^\/invited#/, 'stdout is JSON only');
  const id = String(linesOf((await chit('invitations', 'list', '--json')).stdout)[0]?.id);
  assert.match((await chit('invitations', 'codes', id)).stderr, line);
  const created = await chit('users', 'create', 'emmy');
  assert.match(created.stderr, line);
  assert.match((await chit('users', 'password-link', 'emmy')).stderr, line);
  for (const nothing of [
    await chit('invite', 'mary', '--dry-run'),
    await chit('invite', 'mary', '--site', 'https://chit.example'),
    await runCommand(server.folder, ['invite', 'lise'], { settings }),
    await chit('users', 'password-link', 'emmy', '--site', 'https://chit.example'),
  ]) {
    assert.equal(nothing.code, 0, nothing.stderr);
    assert.doesNotMatch(nothing.stderr, /without the address/);
  }
});

test('a user is created with a link or a password, in a group and with tokens', async () => {
  const { code, stdout } = await chit(
    ...['users', 'create', 'joan', '--tokens', '7', '--group', '7a'],
    ...['--json', '--site', 'https://chit.example'],
  );
  assert.equal(code, 0);
  const [made] = linesOf(stdout);
  assert.match(String(made?.link), /^https:\/\/chit\.example\/reset#.{43}$/);
  const rows = await query(
    server.folder,
    `SELECT posted FROM accounts JOIN group_members ON user_id = id WHERE id = ${made?.id}`,
  );
  assert.deepEqual(
    rows.map((it) => Number(it.posted)),
    [7],
  );
  await storingNothing(server.folder, async () => {
    assertFailed(await chit('users', 'create', 'joan'), 1, /This name is taken/);
    assertFailed(await chit('users', 'create', 'ann', '--group', 'Nobody'), 1, /no group named/);
    assertFailed(await chit('users', 'create', 'ann', '--plan', 'Nothing'), 1, /no plan named/);
    assertFailed(await chit('users', 'create', 'a:b'), 1, /reserved/);
  });
  const other = await chit('users', 'create', 'heidi');
  assert.match(
    other.stdout,
    /^heidi was created\.\n.*, until \d+ \w+ 20\d\d at \d\d:\d\d \S+:\n\/reset#/,
  );
});

test('the commands of the document about people do what it says', async () => {
  const lines = shellLines(documentText('docs/people.md')).filter((it) => it.startsWith('chit '));
  assert.equal(lines.length, 8);
  for (const line of lines) {
    const { code, stderr } = await chit(...wordsOf(line).slice(1));
    assert.equal(code, 0, `${line}\n${stderr}`);
  }
});

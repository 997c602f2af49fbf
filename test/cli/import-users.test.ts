/** `chit users import`: a dry run, the run, and the file of links. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query, storingNothing } from '../support/database.ts';
import { postJson } from '../support/http.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer();
});
after(() => server.stop());

const chit = (args: readonly string[]) => runCommand(server.folder, ['users', 'import', ...args]);

function file(name: string, content: string): string {
  const path = join(server.folder, name);
  writeFileSync(path, content);
  return path;
}

test('a dry run tells what a run does; links go to a file that nobody else reads', async () => {
  const path = file('class.csv', 'username;group;tokens\nada;7a;5\ngrace;7a|Chess;5\n');
  await storingNothing(server.folder, async () => {
    const { code, stdout, stderr } = await chit([path, '--dry-run']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /2 new users with 10 tokens, .* 2 new groups \(2 with a pool\), 3 group joins, .* 2 links/,
    );
  });
  const out = join(server.folder, 'links.csv');
  const done = await chit([path, '--out', out, '--site', 'https://chit.example/']);
  assert.deepEqual([done.code, done.stdout], [0, ''], done.stderr);
  assert.match(done.stderr, /^Done: 2 new users/);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const [head, ...lines] = readFileSync(out, 'utf8').trimEnd().split('\r\n');
  assert.equal(head, 'username,password,link');
  assert.equal(lines.length, 2);
  const [, token = ''] = /^ada,,https:\/\/chit\.example\/reset#(.+)$/.exec(lines[0] ?? '') ?? [];
  const chosen = { token, password: 'a new passphrase' };
  assert.equal((await postJson(`${server.url}/api/password/choose/`, chosen)).status, 200);
  const again = await chit([path]);
  assert.deepEqual([again.code, again.stdout], [0, '']);
  assert.match(again.stderr, /0 new users .* 2 existing \(2 unchanged\)/);
  assert.equal((await query(server.folder, 'SELECT name FROM groups')).length, 2);
});

test('a file with faults is refused by row and column, and nothing is stored', async () => {
  await storingNothing(server.folder, async () => {
    const faulty = file('faulty.csv', 'username,plan,tokens\n=x:y,,1\nfine,Nothing,x\n');
    const { code, stdout, stderr } = await chit([faulty]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^Row 2, username: No account can have this name\. =x:y$/m);
    assert.match(stderr, /^Row 3, plan: There is no plan of this name\. Nothing$/m);
    assert.match(stderr, /^Row 3, tokens: This is not a whole number of tokens\. x$/m);
    assert.match(stderr, /^Nothing was imported: 3 faults\.$/m);
    assertFailed(await chit([join(server.folder, 'none.csv')]), 1, /cannot be read: ENOENT/);
    assertFailed(await chit([faulty, '--access', 'magic']), 2, /Allowed choices are link, pass/);
  });
});

/** The command line: help, exit codes, and what goes to which output. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { query } from '../support/database.ts';
import { type CommandOutcome, databaseOf, newFolder, runChit } from '../support/server.ts';

const folder = newFolder();
after(() => rmSync(folder, { recursive: true }));

function chit(...args: string[]): Promise<CommandOutcome> {
  return runCommand(folder, args);
}

/** The names of the commands within a command, as its help lists them. */
function commandsIn(help: string): string[] {
  const [, list = ''] = help.split('Commands:\n');
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name ?? '');
  return names.filter((name) => name !== 'help');
}

test('every command prints its usage with --help and does nothing else', async () => {
  const asked: string[] = [];
  const ask = async (path: readonly string[]): Promise<void> => {
    const help = assertDone(await chit(...path, '--help'));
    asked.push(path.join(' '));
    assert.match(help, new RegExp(`^Usage: ${['chit', ...path].join(' ')}\\b`));
    assert.match(help, /^\S.{9,}$/m, 'it says what it is for');
    await Promise.all(commandsIn(help).map((name) => ask([...path, name])));
  };
  await ask([]);
  for (const name of [
    ...['serve', 'migrate', 'createsuperuser', 'grant', 'config', 'ledger verify'],
    ...['list', 'show', 'disable', 'enable', 'delete', 'reset-password'].map((it) => `users ${it}`),
  ]) {
    assert.ok(asked.includes(name), name);
  }
  assert.deepEqual(readdirSync(folder), []);
});

test('--version prints the version of the package', async () => {
  const outcome = await runChit(folder, ['--version']);
  assert.equal(assertDone(outcome), `${packageJson.version}\n`);
});

test('an invalid command line exits with 2 and a hint, and changes nothing', async () => {
  await Promise.all(
    (
      [
        [[], /^Usage: chit/],
        [['users'], /^Usage: chit users/],
        [['nope'], /unknown command 'nope'/],
        [['users', 'nope'], /unknown command 'nope'/],
        [['users', 'list', '--nope'], /unknown option '--nope'/],
        [['users', 'show'], /missing required argument 'username'/],
        [['users', 'disable', 'a', 'b'], /too many arguments/],
        [['grant', 'a', '5'], /required option '--reason <text>' not specified/],
        [['grant', 'a', '0', '--reason', 'x'], /a whole number of tokens, and not 0/],
        [['grant', 'a', '1.5', '--reason', 'x'], /a whole number of tokens, and not 0/],
        [['refund', 'x'], /required option '--reason <text>' not specified/],
        [['grant', 'a', '5', '--reason', ' '], /It may not be blank/],
      ] as const
    ).map(async ([args, reason]) => {
      // One of them as a process, which ends with the exit code.
      const outcome = await (args[0] === 'nope' ? runChit(folder, args) : chit(...args));
      assertFailed(outcome, 2, reason);
      assert.match(outcome.stderr, /--help|Commands:/, args.join(' '));
    }),
  );
  assert.deepEqual(readdirSync(folder), []);
});

test('migrate creates the database once, even if several processes run it at once', async () => {
  const fresh = newFolder();
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, () =>
      runChit(fresh, ['migrate'], { settings: { CHIT_SECRET_KEY: '' } }),
    ),
  );
  const outputs = outcomes.map(assertDone);
  const applied = outputs.filter((it) =>
    /^Applied 0001-initial\.\n(Applied \d{4}-[a-z-]+(\.since-\d{4})?\.\n)+$/.test(it),
  );
  const idle = outputs.filter((it) => it === 'The database is up to date.\n');
  assert.deepEqual([applied.length, idle.length], [1, 3], outputs.join());
  // One key, and no draft of another.
  const isFile = (await databaseOf(fresh)).startsWith('sqlite:');
  const files = isFile ? ['chit.db', 'secret.key'] : ['secret.key'];
  assert.deepEqual(readdirSync(join(fresh, 'data')).sort(), files);
  assert.deepEqual(await query(fresh, 'SELECT count(*) AS users FROM users'), [{ users: 0 }]);
  assert.match(assertDone(await runCommand(fresh, ['migrate'])), /up to date/);
  rmSync(fresh, { recursive: true });
});

test('an unusable database is named, without a stack trace, and left unchanged', async () => {
  const text = 'This is a letter, not a database, and it is long enough to be looked at.';
  const letter = join(folder, 'letter.txt');
  writeFileSync(letter, text);
  for (const [path, reason] of [
    [letter, /letter\.txt \(CHIT_DATABASE_URL\) cannot be used: file is not a database/],
    [folder, /cannot be used: unable to open database file/],
    [
      `${letter}/x/chit.db`,
      /cannot be used: ENOTDIR|There is no database at .*letter\.txt\/x\/chit\.db/,
    ],
  ] as const) {
    const settings = { CHIT_DATABASE_URL: `sqlite:${path}` };
    const outcomes = await Promise.all([
      runChit(folder, ['serve'], { settings }),
      runCommand(folder, ['users', 'list'], { settings }),
    ]);
    for (const outcome of outcomes) assertFailed(outcome, 1, reason);
  }
  assert.deepEqual(readdirSync(folder), ['letter.txt']);
  rmSync(letter);
});

test('an unavailable address or port is named, without a stack trace', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const CHIT_PORT = String(port);
  const [busy, unknown] = await Promise.all([
    runChit(folder, ['serve'], { settings: { CHIT_PORT } }),
    runChit(folder, ['serve'], { settings: { CHIT_PORT, CHIT_HOST: 'no.such.host.invalid' } }),
  ]);
  assertFailed(busy, 1, new RegExp(`CHIT_HOST 127.0.0.1 and CHIT_PORT ${port} .*EADDRINUSE`));
  assertFailed(unknown, 1, /CHIT_HOST no\.such\.host\.invalid .*cannot be used/);
  assert.ok(!existsSync(join(folder, 'data/chit.db-wal')), 'the database was closed');
});

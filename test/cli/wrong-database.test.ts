/** Commands in the wrong folder, and with a database that cannot be reached. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { runCommand } from '../support/command-runner.ts';
import { newFolder } from '../support/server.ts';

/** Every command that uses the database, but those that are there to create it. */
const COMMANDS = [
  ['createsuperuser', '--username', 'ada'],
  ['setup-link'],
  ['users', 'list'],
  ['users', 'show', 'ada'],
  ['grant', 'ada', '5', '--reason', 'x'],
  ['refund', 'x', '--reason', 'x'],
  ['plans', 'list'],
  ['groups', 'list'],
  ['vouchers', 'list'],
  ['ledger', 'verify'],
  ['ledger', 'show', 'ada'],
  ['ledger', 'explain', 'ada'],
  ['backup'],
  ['doctor', '--offline'],
];

test('in the wrong folder no command makes a database without a word', async () => {
  const folder = newFolder();
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await runCommand(folder, command, { input: 'a password\n' });
    assert.deepEqual(readdirSync(folder), [], command.join(' '));
    if (command[0] === 'doctor') continue;
    assert.equal(code, 1, `${command.join(' ')}: ${stderr}`);
    assert.match(stdout + stderr, /There is no database (at|here)/, command.join(' '));
  }
  rmSync(folder, { recursive: true });
});

test('the password of a database is in nothing that a command prints', async () => {
  const folder = newFolder();
  const urls = [
    'postgres://chit:QX7Q%40Z9KZ@127.0.0.1:1/chit?connect_timeout=1',
    'postgres://chit@127.0.0.1:1/chit?password=QX7Q&connect_timeout=1',
    'postgres://chit:QX7Q@Z9KZ@127.0.0.1:1/chit?connect_timeout=1',
    'postgres://chit:QX7Q/Z9KZ@127.0.0.1:1/chit',
  ];
  for (const CHIT_DATABASE_URL of urls) {
    const settings = { CHIT_DATABASE_URL };
    const all = [
      ...COMMANDS.slice(0, 4),
      ['ledger', 'verify'],
      ['backup'],
      ['migrate'],
      ['config'],
    ];
    for (const command of [...all, ['serve'], ['doctor', '--json', '--offline']]) {
      const { stdout, stderr } = await runCommand(folder, command, {
        settings,
        input: 'velvet-tram-19\n',
      });
      assert.doesNotMatch(
        stdout + stderr,
        /QX7Q|Z9KZ/,
        `${command.join(' ')} with ${CHIT_DATABASE_URL}`,
      );
    }
  }
  rmSync(folder, { recursive: true });
});

/** Links that the command line prints have the public address. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../support/command-runner.ts';
import { newFolder, startServerFor } from '../support/server.ts';

const PUBLIC = 'https://people.test/team/chat';
const settings = { CHIT_PUBLIC_URL: `${PUBLIC}/` };
const folder = newFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

test('what the server prints has it, beside the address where it listens', async (t) => {
  const server = await startServerFor(t, settings, folder);
  const output = server.output();
  assert.match(output, /Chit listens on http:\/\/127\.0\.0\.1:\d+\/\n/);
  assert.ok(output.includes(`Chat:                       ${PUBLIC}/\n`));
  assert.ok(output.includes(`Create the superuser:       ${PUBLIC}/setup#`));
  assert.ok(output.includes(`curl ${PUBLIC}/api/tokens/`));

  const setup = await runCommand(folder, ['setup-link'], { settings });
  assert.equal(setup.code, 0, setup.stderr);
  assert.ok(setup.stdout.startsWith(`${PUBLIC}/setup#`), setup.stdout);

  const users = join(folder, 'users.csv');
  writeFileSync(users, 'username\ncarol\n');
  const imported = await runCommand(folder, ['users', 'import', users], { settings });
  assert.ok(imported.stdout.includes(`carol,,${PUBLIC}/reset#`), imported.stdout);
  const other = ['--renew-access', '--site', 'https://other.test'];
  const again = await runCommand(folder, ['users', 'import', users, ...other], { settings });
  assert.ok(again.stdout.includes('carol,,https://other.test/reset#'), again.stdout);
});

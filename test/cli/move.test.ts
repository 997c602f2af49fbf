/** `chit move`: what it says, and what it leaves. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertDone, assertFailed } from '../support/cli.ts';
import { runCommand } from '../support/command-runner.ts';
import { fillEveryTable } from '../support/moved-database.ts';
import { newFolder } from '../support/server.ts';

const folder = newFolder();
const from = `sqlite:${join(folder, 'data/old.db')}`;
const chit = (...args: string[]) =>
  runCommand(folder, args, { settings: { CHIT_SECRET_KEY: '', CHIT_DATABASE_URL: from } });

before(async () => {
  assertDone(await chit('migrate'));
  rmSync(join(folder, 'data/old.db'));
  await fillEveryTable(from, 'SQLite');
});
after(() => rmSync(folder, { recursive: true }));

test('it says what was moved, that all is the same, and what to change', async () => {
  const to = `sqlite:${join(folder, 'elsewhere/new.db')}`;
  const said = assertDone(await chit('move', from, to));
  assert.match(
    said,
    /Moved \d+ rows of \d+ tables: 4 accounts, 13 transfers\. Every row is the same/,
  );
  assert.match(said, /`ledger verify` finds no fault in either/);
  assert.match(said, /set CHIT_DATABASE_URL to sqlite:.*elsewhere\/new\.db/);
  assert.match(said, /copy the secret key, .*data\/secret\.key, to .*elsewhere:/);
  assert.match(said, /Start no server on it again/);
  assert.match(said, /^transfers: 13 rows$/m);
  const again = await chit('move', from, to);
  assertFailed(again, 1, /not empty: .*transfers.*Nothing was changed/);
});

test('a URL that is none is refused, without its password', async () => {
  const wrong = await chit('move', from, 'postgres://me:pa/ss@host/chit');
  assertFailed(wrong, 1, /it is neither sqlite:PATH nor/);
  assert.doesNotMatch(wrong.stderr, /pa.ss/);
  assertFailed(
    await chit('move', 'sqlite:nothing.db', 'sqlite:new.db'),
    1,
    /There is no database at/,
  );
  assertFailed(await chit('move', from, from), 1, /Both are the same database/);
});

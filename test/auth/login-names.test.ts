/** Guesses count together, however the name is written: a directory takes all of them for one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LoginLimit } from '../../src/auth/attempt-limits.ts';
import { hasCode } from '../../src/core/errors.ts';
import { AttemptStore } from '../../src/store/accounts/attempts.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { openMigrated } from '../support/databases.ts';

let database: OpenDatabase;
let limit: LoginLimit;
before(async () => {
  database = await openMigrated('sqlite::memory:');
  limit = new LoginLimit(new AttemptStore(database.kysely, () => 1_000_000_000_000));
});
after(() => database.close());

/** Whether a wrong password is looked at. */
async function guess(username: string, address: string): Promise<boolean> {
  let isLooked = false;
  try {
    await limit.attempt({ username, address }, async ({ admit }) => {
      await admit?.();
      isLooked = true;
      return undefined;
    });
  } catch (error) {
    assert.ok(hasCode(error, 'throttled'));
  }
  return isLooked;
}

test('a name in other letters, widths and spaces has no guesses of its own', async () => {
  const written = ['anna berg', 'Anna Berg', 'ANNA BERG', ' anna  berg', 'anna\u00a0berg '];
  written.push('\uff41nna berg', 'an\u00adna berg', 'anna\u200d berg', 'Anna berg', 'anna Berg');
  for (const name of written) assert.equal(await guess(name, '192.0.2.1'), true, name);
  assert.equal(await guess('aNNa berg', '192.0.2.1'), false);
  assert.equal(await guess('annaberg', '192.0.2.1'), true);
});

test('nor from many addresses', async () => {
  let looked = 0;
  for (let nth = 0; nth < 60; nth += 1) {
    const name = [...'bertram'].map((it, at) => ((nth >> at) & 1 ? it.toUpperCase() : it)).join('');
    if (await guess(name, `198.51.${nth}.1`)) looked += 1;
  }
  assert.equal(looked, 50);
});

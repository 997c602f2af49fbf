/** Whether a database is of an earlier version, which decides on a backup before it is upgraded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';

onEachDatabase((at) => {
  test('a database that cannot be read is not taken for a new one', async () => {
    const fresh = openDatabase('sqlite::memory:');
    assert.equal(await fresh.upgradesFrom(), undefined);
    await fresh.close();
    const database = await openMigrated(at.url);
    assert.equal(await database.upgradesFrom(), undefined);
    await database.close();
    await assert.rejects(database.upgradesFrom());
  });
});

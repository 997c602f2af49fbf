import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openMigrated } from '../../support/databases.ts';
import { newFolder } from '../../support/server.ts';

test('what another process has indexed since the last check is no corruption', async () => {
  const folder = newFolder();
  const url = `sqlite:${join(folder, 'chit.db')}`;
  const writer = await openMigrated(url);
  const checker = await openMigrated(url);
  const index = async (from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      await sql`INSERT INTO search_index (rowid, terms) VALUES (${n}, ${`bees ${n}`})`.execute(
        writer.kysely,
      );
    }
  };
  await index(1, 4);
  assert.deepEqual(await checker.storageFaults(5), []);
  await index(4, 44);
  assert.deepEqual(await checker.storageFaults(5), []);
  await sql`INSERT INTO search_index (search_index) VALUES ('optimize')`.execute(writer.kysely);
  assert.deepEqual(await checker.storageFaults(5), []);
  await writer.close();
  await checker.close();
  rmSync(folder, { recursive: true });
});

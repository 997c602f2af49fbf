/** A database is moved to another one, of the other kind too, and nothing is lost on the way. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import {
  type MoveReport,
  type MoveStep,
  moveDatabase,
} from '../../../src/app/operations/move-database.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase, sqlitePath } from '../../../src/store/database/dialect.ts';
import { UnfinishedMove } from '../../../src/store/database/migrate.ts';
import { withSource } from '../../../src/store/operations/move-ends.ts';
import { contentOf, MoveFailure } from '../../../src/store/operations/moved-tables.ts';
import { newAccount, openTestChit } from '../../support/chit.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import {
  DATABASES,
  type DatabaseKind,
  type DatabaseName,
  databaseKind,
  openMigrated,
} from '../../support/databases.ts';
import { fillEveryTable } from '../../support/moved-database.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** Tables only of PostgreSQL, of use for a minute. */
const NOT_MOVED = ['servers', 'limit_counts', 'search_progress'];
const kinds = new Map<DatabaseName, DatabaseKind>();
const full = new Map<DatabaseName, string>();

before(async () => {
  for (const name of DATABASES) {
    const kind = await databaseKind(name);
    kinds.set(name, kind);
    const url = await kind.newEmptyUrl();
    await fillEveryTable(url, name);
    full.set(name, url);
  }
});
after(async () => {
  for (const kind of kinds.values()) await kind.stop();
});

function newUrl(name: DatabaseName): Promise<string> {
  const kind = kinds.get(name);
  assert.ok(kind);
  return kind.newEmptyUrl();
}

/** What is in each table, as rows and their hash. */
function contents(url: string): Promise<Record<string, { rows: number; hash: string }>> {
  return withSource(url, async (source) => {
    const all: Record<string, { rows: number; hash: string }> = {};
    for (const table of source.tables) all[table.name] = await contentOf(source, table);
    return all;
  });
}

function failure(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof MoveFailure, String(error));
    assert.match(error.message, pattern);
    return true;
  };
}

for (const name of DATABASES) {
  const other = DATABASES.find((it) => it !== name) ?? name;
  const from = () => full.get(name) ?? '';

  describe(`from ${name} to ${other}`, () => {
    test('there are rows in every table of the schema, and no table is left out', async () => {
      const schemas = globSync(join(ROOT, 'src/store/database/{,*-}schema.ts'));
      const tables = schemas.flatMap((path) => {
        const list = /export interface (?:Database|\w+Tables)\b[^{]*\{(.*?)\n\}/s;
        const [, body = ''] = list.exec(readFileSync(path, 'utf8')) ?? [];
        return [...body.matchAll(/^ {2}(\w+):/gm)].map(([, it]) => it);
      });
      const found = await contents(from());
      const moved = tables.filter((it) => it && !NOT_MOVED.includes(it));
      assert.deepEqual(Object.keys(found), moved.toSorted());
      const empty = Object.keys(found).filter((it) => found[it]?.rows === 0);
      assert.deepEqual(empty, [], 'a new table needs a row in test/support/moved-database.ts');
    });

    test('there and back gives the same rows, and the schema of a new database', async () => {
      const before = await contents(from());
      const there = await newUrl(other);
      const back = await newUrl(name);
      const first = await moveDatabase(from(), there);
      assert.deepEqual(await contents(there), before);
      assert.deepEqual(await contents(from()), before, 'the old one stays as it is');
      const second: MoveReport = await moveDatabase(there, back);
      assert.deepEqual(second, first);
      assert.deepEqual(await contents(back), before);
      for (const [url, kind] of [
        [there, other],
        [back, name],
      ] as const) {
        const fresh = await newUrl(kind);
        await (await openMigrated(fresh)).close();
        assert.equal((await dumpDatabase(url)).schema, (await dumpDatabase(fresh)).schema);
      }
    });

    test('broken off anywhere, it goes on; until then no server starts on it', async () => {
      const before = await contents(from());
      const there = await newUrl(other);
      let stops = 0;
      while (!(await isMovedWithin(from(), there, 7))) {
        stops += 1;
        const database = openDatabase(there);
        await assert.rejects(
          database.migrate(() => ''),
          UnfinishedMove,
        );
        await database.close();
      }
      assert.ok(stops > 5, `${stops}`);
      assert.deepEqual(await contents(there), before);
    });

    test('killed in the middle, it goes on where it was', async () => {
      const there = await newUrl(other);
      const path = './src/app/operations/move-database.ts';
      const script = `const { moveDatabase } = await import('${path}');
        let steps = 0;
        const onProgress = (step) => {
          if (step === 'copy') steps += 1;
          if (steps === 20) process.kill(process.pid, 'SIGKILL');
        };
        await moveDatabase(process.env.FROM, process.env.TO, { onProgress });`;
      const args = ['--input-type=module', '-e', script];
      const env = { ...process.env, FROM: from(), TO: there };
      const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
      const [, signal] = await once(child, 'exit');
      assert.equal(signal, 'SIGKILL');
      const continued: number[] = [];
      await moveDatabase(from(), there, { onContinued: (rows) => continued.push(rows) });
      assert.ok((continued[0] ?? 0) > 0);
      assert.deepEqual(await contents(there), await contents(from()));
    });

    test('is refused while a server runs, also while one has just been killed', async () => {
      const url = await newUrl(name);
      const there = await newUrl(other);
      const chit = await openTestChit(url, scriptedModel(flatPrice(1)));
      await chit.context.leases.take('a-server', 60_000);
      const inUse = /A server (or a command is using|uses the database).*Nothing was changed/s;
      await assert.rejects(moveDatabase(url, there), failure(inUse));
      await chit.close();
      const lasting = /its lease lasts for another \d+ seconds.*Nothing was changed/;
      await assert.rejects(moveDatabase(url, there), failure(lasting));
    });

    test('while it is moved, nobody can write to it', async () => {
      const there = await newUrl(other);
      let refused: unknown;
      const writing = async () => {
        try {
          if (name === 'SQLite') {
            new DatabaseSync(sqlitePath(from()), { timeout: 0 }).exec('DELETE FROM attempts');
            return;
          }
          const database = openDatabase(from(), { limits: { queryMs: 3_000, lockMs: 50 } });
          const write = database.kysely.deleteFrom('attempts').execute();
          await write.finally(() => database.close());
        } catch (error) {
          refused = error;
        }
      };
      let attempt: Promise<void> | undefined;
      const onProgress = () => {
        attempt ??= writing();
      };
      await moveDatabase(from(), there, { onProgress });
      await attempt;
      assert.match(String(refused), /lock/);
    });

    test('is refused if the other database has something else in it', async () => {
      const there = await newUrl(other);
      const chit = await openTestChit(there, scriptedModel(flatPrice(1)));
      await newAccount(chit);
      await chit.close();
      const before = await contents(there);
      await assert.rejects(moveDatabase(from(), there), failure(/not empty: .*accounts/));
      assert.deepEqual(await contents(there), before);
      const again = /not empty: .*Create an empty one/;
      await assert.rejects(moveDatabase(from(), full.get(other) ?? ''), failure(again));
      await assert.rejects(moveDatabase(from(), from()), failure(/Both are the same/));
    });

    test('is not continued once somebody has written to the old one', async () => {
      const url = await newUrl(name);
      await fillEveryTable(url, name);
      const there = await newUrl(other);
      assert.equal(await isMovedWithin(url, there, 8), false);
      const chit = await openTestChit(url, scriptedModel(flatPrice(1)));
      await newAccount(chit);
      await chit.close();
      await assert.rejects(moveDatabase(url, there), failure(/as it was before somebody wrote/));
    });

    test('what differs on the other side at the end is found, and the mark stays', async () => {
      const there = await newUrl(other);
      let isDone = false;
      const spoil = moveDatabase(from(), there, {
        onProgress: (step, done, total) => {
          if (step !== 'copy' || done < total || isDone) return;
          isDone = true;
          throw new Stopped();
        },
      });
      await assert.rejects(spoil, Stopped);
      const database = openDatabase(there);
      await database.kysely.updateTable('messages').set({ content: 'other' }).execute();
      await database.close();
      await assert.rejects(moveDatabase(from(), there), failure(/messages: 8 rows here, 8 there/));
      const refused = openDatabase(there);
      await assert.rejects(
        refused.migrate(() => ''),
        UnfinishedMove,
      );
      await refused.close();
    });
  });
}

test('text that PostgreSQL cannot store is named', async () => {
  const url = await newUrl('SQLite');
  await fillEveryTable(url, 'SQLite');
  const database = openDatabase(url);
  const { db } = database.base.sqlite ?? {};
  db?.exec("UPDATE messages SET reply = 'a' || char(0) || 'b'");
  await database.close();
  const there = await newUrl('PostgreSQL');
  const named = /A row of messages.* U\+0000 .*with the key \["/;
  await assert.rejects(moveDatabase(url, there), failure(named));
});

class Stopped extends Error {}

/** Moves, but not further than so many steps of the copy; whether that was enough. */
async function isMovedWithin(from: string, to: string, most: number): Promise<boolean> {
  let steps = 0;
  const onProgress = (step: MoveStep) => {
    if (step === 'copy') steps += 1;
    if (step === 'copy' && steps === most) throw new Stopped();
  };
  try {
    await moveDatabase(from, to, { onProgress });
    return true;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return false;
  }
}

/**
 * Clocks jump and leases expire under a server that lives. What the database takes for the time is
 * moved by moving the leases: for every reader of them that is the same. The rules behind it are
 * tested one by one in `test/app/metering/lease.test.ts` and `test/app/clock-set-back.test.ts`.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { flatPrice } from '../../src/core/pricing.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { getWith, postJson } from '../support/http.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, startServerFor, type TestServer } from '../support/server.ts';

const SCRIPTED = join(import.meta.dirname, '../support/scripted-server.ts');
const HOUR_MS = 3_600_000;
/** Within the life of an access token one way, far beyond it the other. */
const JUMPS_MS = [-5 * HOUR_MS, 0, 60_000, -48 * HOUR_MS, 0];
/** One that is not renewed for twice its time is lost: as long a machine may be busy. */
const LEASE_MS = 2_000;
const PATIENCE_MS = 60_000;
/** Longer than from one recovery to the next. */
const A_RECOVERY_MS = 2_300;

function startScripted(t: TestContext, url: string, leaseMs = 5_000): Promise<TestServer> {
  const settings = { CHIT_DATABASE_URL: url, CHIT_LEASE_SECONDS: `${leaseMs / 1_000}` };
  return startServerFor(t, settings, newFolder(), [SCRIPTED, '100']);
}

async function assertNoFaults(url: string): Promise<void> {
  const chit = await openTestChit(url, scriptedModel(flatPrice(100)));
  assert.deepEqual(await faultsOf(chit), []);
  await chit.close();
}

/** Waits until the only lease has expired, or until it lasts. */
async function untilLease(state: 'expired' | 'lasts', { kysely, clockMs }: OpenDatabase) {
  for (const endMs = Date.now() + PATIENCE_MS; ; await sleep(20)) {
    const isExpired = kysely.fn.max<number>(
      sql`CASE WHEN expires_at <= ${clockMs} THEN 1 ELSE 0 END`,
    );
    const row = await kysely
      .selectFrom('leases')
      .select(isExpired.as('expired'))
      .executeTakeFirst();
    if (row?.expired === (state === 'expired' ? 1 : 0)) return;
    assert.ok(Date.now() < endMs, `The lease is not as it should be: ${state}.`);
  }
}

/** Nobody else can write leases until they have expired; on SQLite, nobody can write anything. */
async function lockLeases(database: OpenDatabase): Promise<void> {
  const { base, kysely } = database;
  if (base.sqlite) {
    base.sqlite.db.exec('BEGIN IMMEDIATE');
    await untilLease('expired', database);
    base.sqlite.db.exec('COMMIT');
    return;
  }
  await kysely.transaction().execute(async (transaction) => {
    await sql`LOCK TABLE leases IN EXCLUSIVE MODE`.execute(transaction);
    await untilLease('expired', database);
  });
}

/** The clock of the database is set forward again and again, whatever is renewed. */
async function keepLeasesExpired({ kysely }: OpenDatabase, forMs: number): Promise<void> {
  for (const endMs = performance.now() + forMs; performance.now() < endMs; ) {
    await kysely.updateTable('leases').set({ expires_at: sql`expires_at - 60000` }).execute();
    await sleep(20);
  }
}

onEachDatabase((at) => {
  test('the clock of the server jumps by hours: every message is charged once', async (t) => {
    const server = await startScripted(t, at.url);
    const { access } = await newUser(server.url, 'traveller');
    const chat = (message: string) => postJson(`${server.url}/api/chat/`, { message }, access);
    // Started before the jumps and finished after them.
    const long = chat(script({ say: 'word '.repeat(500) }, { waitMs: 1_000 }, { say: 'the end' }));
    let sent = 0;
    for (const offsetMs of JUMPS_MS) {
      server.say(`clock ${offsetMs}`);
      await sleep(100);
      const burst = Array.from({ length: 5 }, (_, index) => chat(`${offsetMs}.${index}`));
      for (const { status, text } of await Promise.all(burst)) assert.equal(status, 200, text);
      sent += 5;
    }
    const { status, json } = await long;
    assert.equal(status, 200);
    assert.match((json as { response: string }).response, /the end$/);
    const balance = await getWith(`${server.url}/api/tokens/`, access);
    assert.deepEqual(balance.json, { tokens: 4_000 - 100 * (sent + 1) });
    await assertNoFaults(at.url);
  });

  test('its lease expires under a server that lives: what it generates is whole', async (t) => {
    const server = await startScripted(t, at.url, LEASE_MS);
    const database = openDatabase(at.url);
    t.after(() => database.close());
    const { access } = await newUser(server.url, 'waiter');
    const steps = Array.from({ length: 45 }, () => [{ say: 'word ' }, { waitMs: 100 }]).flat();
    const path = join(server.folder, 'all-has-happened');
    const message = script(...steps, { waitForFile: path }, { say: 'the end' });
    const long = postJson(`${server.url}/api/chat/`, { message }, access);
    const openHolds = () =>
      database.kysely.selectFrom('holds').select('id').where('state', '=', 'open').execute();
    while ((await openHolds()).length === 0) await sleep(20);

    const causes: Record<string, () => Promise<void>> = {
      'somebody else has locked the database': () => lockLeases(database),
      'it has no time': async () => {
        const isOver = join(server.folder, 'it-has-time-again');
        server.say(`block ${isOver}`);
        await untilLease('expired', database);
        writeFileSync(isOver, '');
      },
      'the clock of the database was set': () => keepLeasesExpired(database, A_RECOVERY_MS),
    };
    for (const [cause, happen] of Object.entries(causes)) {
      await happen();
      await untilLease('lasts', database);
      assert.equal((await openHolds()).length, 1, `${cause}, and its hold was ended`);
    }
    writeFileSync(path, '');
    const { status, text, json } = await long;
    assert.equal(status, 200, text);
    const whole = `${'word '.repeat(45)}the end`;
    assert.equal((json as { response: string }).response, whole);
    assert.deepEqual(await openHolds(), []);
    const balance = await getWith(`${server.url}/api/tokens/`, access);
    assert.deepEqual(balance.json, { tokens: 3_900 });
    await assertNoFaults(at.url);
  });
});

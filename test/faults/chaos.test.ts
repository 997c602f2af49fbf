/**
 * Servers that are killed at random moments and at every await point, again and again, on one
 * database, while clients chat, leave, retry, and operators grant and refund. `FAULTS=long` kills
 * two hundred times and more; `FAULTS_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { grantCredits } from '../../src/app/credits/grant-credits.ts';
import { refundCharge } from '../../src/app/credits/refund-charge.ts';
import { idempotencyOf } from '../../src/app/metering/idempotency.ts';
import type { Principal } from '../../src/app/principal.ts';
import type { Chit } from '../../src/compose.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, startServer } from '../support/server.ts';
import { type ChaosClient, chatUntilGone, retryUnanswered } from './chaos-client.ts';
import { assertRecordsAgree, bookedOf, figuresOf } from './chaos-records.ts';

const IS_LONG = process.env.FAULTS === 'long';
const CLIENTS = 6;
const SCRIPTED = join(import.meta.dirname, '../support/scripted-server.ts');
const LEASE = { CHIT_LEASE_SECONDS: '1', CHIT_SIGNUP_TOKENS: '100000000' };

/** Where a server dies: at a random time, or at a given step of a message. */
const POINTS = [
  'before-hold',
  'after-hold',
  'between-pieces',
  'before-journal',
  'after-journal',
  'before-settle',
  'after-settle',
  'before-release',
  'after-release',
];
/** The short form dies at every point once; the long form often, and at random times too. */
const KILLS = IS_LONG ? 120 : POINTS.length;

onEachDatabase((at) => {
  test(`after each of ${KILLS} kills the ledger verifies and agrees with every client`, async (t) => {
    const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31));
    const random = randomBy(seed);
    const folder = newFolder();
    const settings = { ...LEASE, CHIT_DATABASE_URL: at.url };
    const operator = await openTestChit(at.url, scriptedModel(flatPrice(100)));
    const database = openDatabase(at.url);
    const clients: ChaosClient[] = [];
    let server = await startServer(settings, folder, [SCRIPTED, '100']);
    for (let client = 0; client < CLIENTS; client += 1) {
      const { access } = await newUser(server.url, `client-${client}`);
      clients.push({ access, sent: [] });
    }
    await server.kill();
    let killsInRecovery = 0;

    for (let kill = 0; kill < KILLS; kill += 1) {
      const point = POINTS[kill % (POINTS.length + (IS_LONG ? 4 : 0))];
      const price = random() < 0.5 ? 'usage' : '100';
      const aim = point ? [point, String(1 + Math.floor(random() * 8))] : [];
      // It may reach its point while still recovering what the previous one left.
      const alive = await startServer(settings, folder, [SCRIPTED, price, ...aim]).catch(
        () => null,
      );
      if (!alive) {
        killsInRecovery += 1;
        continue;
      }
      server = alive;
      const { url } = server;
      const chats = clients.map((client) => chatUntilGone(url, client, random));
      if (!point) setTimeout(() => alive.kill(), random() * 700);
      await operate(operator, database, random);
      await Promise.all(chats);
      await server.kill();
    }
    server = await startServer(settings, folder, [SCRIPTED, '100']);
    for (const client of clients) await retryUnanswered(server.url, client);
    await untilNothingIsHeld(database);
    assert.deepEqual(await faultsOf(operator), []);
    const booked = await bookedOf(database);
    for (const client of clients) assertRecordsAgree(client, booked);
    const kills = `${KILLS} kills, ${killsInRecovery} of them in recovery`;
    t.diagnostic(`seed ${seed}, ${kills}, ${figuresOf(clients, booked)}`);
    await server.stop();
    await operator.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

/** What operators do meanwhile: grants sent twice, refunds of charges. */
async function operate(chit: Chit, { kysely }: OpenDatabase, random: () => number): Promise<void> {
  const users = await kysely.selectFrom('users').select('id').execute();
  const accountId = users[Math.floor(random() * users.length)]?.id ?? 0;
  const operator: Principal = { actor: 'cli:operator', address: undefined, user: undefined };
  const idempotency = idempotencyOf(`grant-${random()}`, ['chaos']);
  const grant = { accountId, credits: 7, reason: 'chaos', idempotency };
  const twice = await Promise.all([
    grantCredits(chit.context, operator, grant),
    grantCredits(chit.context, operator, grant),
  ]);
  assert.deepEqual(twice.map(({ isReplayed }) => isReplayed).sort(), [false, true]);
  const charge = await kysely
    .selectFrom('transfers as t')
    .leftJoin('transfers as r', 'r.refund_of', 't.id')
    .select('t.id')
    .where('t.kind', '=', 'charge')
    .where('t.credits', '<', 0)
    .where('r.id', 'is', null)
    .executeTakeFirst();
  if (!charge) return;
  const refund = { chargeId: charge.id, reason: 'chaos' };
  const refunds = await Promise.allSettled([
    refundCharge(chit.context, operator, refund),
    refundCharge(chit.context, operator, refund),
  ]);
  assert.equal(refunds.filter(({ status }) => status === 'fulfilled').length, 1);
}

/** The live server settles what the dead ones left, once their leases have expired. */
async function untilNothingIsHeld({ kysely }: OpenDatabase): Promise<void> {
  for (const endMs = Date.now() + 15_000; ; ) {
    const open = await kysely
      .selectFrom('holds')
      .select('id')
      .where('state', '=', 'open')
      .execute();
    if (open.length === 0) return;
    assert.ok(Date.now() < endMs, `${open.length} holds stay open`);
    await sleep(100);
  }
}

/** Mulberry32, a small random generator with a seed. */
function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Renewals that meet what clocks which differ, and ids that others use, can bring about. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import type { LedgerEngine } from '../../src/ledger/engine.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { emptyDatabase, engineFor, onEachDatabase, openMigrated } from '../support/databases.ts';
import { holdOf, openOf } from '../support/ledger-commands.ts';
import { stateOf, stateOfReference } from '../support/ledger-state.ts';
import { MIDNIGHT_MS, makeWorld } from '../support/ledger-world.ts';

const HOUR_MS = 3_600_000;
const ASSIGN = {
  kind: 'assign_plan' as const,
  accountId: 1,
  from: 'now' as const,
  actor: 'test',
};

onEachDatabase((at) => {
  let database: OpenDatabase;
  let engine: LedgerEngine;
  before(async () => {
    database = await openMigrated(at.url);
    engine = engineFor(database);
  });
  after(() => database.close());

  test('a plan that a slow clock lets end when a renewal was, does not renew it again', async () => {
    await emptyDatabase(database);
    const reference = new ReferenceLedger();
    const opening = [openOf(1, 500), openOf(2, 0)];
    assert.deepEqual(await engine.apply(opening), reference.apply(opening));
    await makeWorld(database, reference);
    const first = { planId: 'plan-day', allowanceId: 'a1', expiryId: 'e1' };
    const again = { planId: 'plan-month', allowanceId: 'a2', expiryId: 'e2' };
    for (const command of [
      { ...ASSIGN, ...first, atMs: MIDNIGHT_MS - HOUR_MS },
      { kind: 'renew' as const, accountIds: [1], atMs: MIDNIGHT_MS },
      // By a server whose clock is behind.
      { ...ASSIGN, ...again, endsAtMs: MIDNIGHT_MS, atMs: MIDNIGHT_MS - 20_000 },
      { kind: 'renew' as const, accountIds: [1], atMs: MIDNIGHT_MS + 1_000 },
      { ...holdOf('g', 10), atMs: MIDNIGHT_MS + 1_000 },
    ]) {
      assert.deepEqual(await engine.apply([command]), reference.apply([command]));
      assert.deepEqual(await stateOf(database), stateOfReference(reference));
    }
    assert.equal(reference.holds.get('g')?.state, 'open');
  });

  test('a user who is to get the id of a pool is told that it is taken, and others get theirs', async () => {
    await emptyDatabase(database);
    const reference = new ReferenceLedger();
    reference.apply([openOf(1, 500)]);
    await engine.apply([openOf(1, 500)]);
    await makeWorld(database, reference);
    assert.deepEqual(await engine.apply([openOf(101, 5), openOf(7, 5)]), [
      { outcome: 'id_taken' },
      { outcome: 'opened', accountId: 7 },
    ]);
  });
});

/** The fleet on PostgreSQL: three servers, each with a network of its own to the database. */
import { test } from 'node:test';
import { assertFleetAgrees } from './fleet/run.ts';

const PLANS = {
  short: { kill: 2, zombie: 1, connection: 2, crash: 1 },
  long: { kill: 20, zombie: 2, connection: 16, crash: 2 },
  longRounds: 15,
  atLeast: { kills: 300, zombies: 20, databaseConnections: 200, databaseCrashes: 30 },
};

test('PostgreSQL: whatever happens, what anybody was told is what the book says', async (t) => {
  await assertFleetAgrees(t, 'PostgreSQL', PLANS);
});

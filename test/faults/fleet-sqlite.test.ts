/** The fleet on SQLite: one server, and commands beside it. */
import { test } from 'node:test';
import { assertFleetAgrees } from './fleet/run.ts';

const PLANS = {
  short: { kill: 2, zombie: 1, connection: 0, crash: 0 },
  long: { kill: 20, zombie: 1, connection: 0, crash: 0 },
  longRounds: 15,
  atLeast: { kills: 300, zombies: 15, clientConnections: 200 },
};

test('SQLite: whatever happens, what anybody was told is what the book says', async (t) => {
  await assertFleetAgrees(t, 'SQLite', PLANS);
});

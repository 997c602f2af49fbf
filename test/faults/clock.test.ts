/** The clock of a server jumps by hours, forward and back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { getWith, postJson } from '../support/http.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { newFolder, newUser, startServer } from '../support/server.ts';

const SCRIPTED = join(import.meta.dirname, '../support/scripted-server.ts');
const HOUR_MS = 3_600_000;
/** Within the life of an access token one way, far beyond it the other. */
const JUMPS_MS = [-5 * HOUR_MS, 0, 60_000, -48 * HOUR_MS, 0];

onEachDatabase((at) => {
  test('the clock jumps: every message is charged once, and no live hold is released', async () => {
    const settings = { CHIT_DATABASE_URL: at.url, CHIT_LEASE_SECONDS: '1' };
    const server = await startServer(settings, newFolder(), [SCRIPTED, '100']);
    const { access } = await newUser(server.url, 'traveller');
    const chat = (message: string) => postJson(`${server.url}/api/chat/`, { message }, access);
    // Started before the jumps and finished after them, and longer than a lease.
    const long = chat(script({ say: 'word '.repeat(500) }, { waitMs: 2_500 }, { say: 'the end' }));
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
    const chit = await openTestChit(at.url, scriptedModel(flatPrice(100)));
    assert.deepEqual(await faultsOf(chit), []);
    await chit.close();
    await server.stop();
  });
});

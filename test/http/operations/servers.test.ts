/** What staff see of the servers on a database, and what the log says of them. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import packageJson from '../../../package.json' with { type: 'json' };
import { warnOfServers } from '../../../src/app/operations/warn-of-servers.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { AdminServer } from '../../support/admin.ts';
import { openTestChit } from '../../support/chit.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

let postgres: TestPostgres;
let admin: AdminServer;
let other: Chit;
before(async () => {
  postgres = await startPostgres();
  const CHIT_DATABASE_URL = await postgres.newDatabase();
  admin = await AdminServer.start({ CHIT_DATABASE_URL });
  await admin.chit.context.servers.start(() => undefined);
  other = await openTestChit(CHIT_DATABASE_URL, scriptedModel(flatPrice(100)), {
    CHIT_SECRET_KEY: 'another key, which is certainly long enough',
    CHIT_REQUESTS_PER_MINUTE: '5',
  });
});
after(async () => {
  await other.context.servers.end();
  await other.close();
  await admin.chit.context.servers.end();
  await admin.server.close();
  await postgres.stop();
});

test('staff see each with its version and what differs, and the log says it', async () => {
  const alone = await admin.read('/api/admin/servers/');
  assert.equal(alone.servers.length, 1);
  assert.equal(alone.shares_limits, false);

  const logged: string[] = [];
  warnOfServers(
    { warn: (_details, text) => logged.push(text), info: () => undefined },
    other.context,
  );
  await other.context.servers.start(() => undefined);
  const { status, json } = await admin.ask(admin.staff, 'GET', '/api/admin/servers/');
  assert.equal(status, 200);
  const { servers, shares_limits: sharesLimits } = json as {
    servers: { id: string; clock_ahead_seconds: number; started_at: string }[];
    shares_limits: boolean;
  };
  assert.equal(sharesLimits, true);
  const shown = servers.map(({ clock_ahead_seconds: ahead, started_at: at, ...rest }) => {
    assert.ok(Math.abs(ahead) < 5 && Math.abs(Date.parse(at) - Date.now()) < 60_000);
    return rest;
  });
  const common = { host: hostname(), version: packageJson.version };
  const [first, second] = [admin.chit.context.servers.id, other.context.servers.id];
  assert.deepEqual(shown, [
    { id: first, ...common, is_this: true, differences: [] },
    { id: second, ...common, is_this: false, differences: ['secret_key', 'deployment'] },
  ]);
  assert.equal(logged.length, 2);
  assert.match(String(logged[0]), /same CHIT_SECRET_KEY$/);
  assert.match(String(logged[1]), /same chit.json and settings$/);
  assert.doesNotMatch(JSON.stringify(json), /long enough/);
});

test('others than staff see nothing of it', async () => {
  const { access } = await admin.person();
  assert.equal((await admin.ask(access, 'GET', '/api/admin/servers/')).status, 403);
});

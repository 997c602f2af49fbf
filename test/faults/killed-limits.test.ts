/**
 * A server is killed before or after the ledger redeems a voucher, gives a plan or renews one: who
 * asks again gets it, once.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf } from '../support/chit.ts';
import { exchange, type Received } from './fleet/exchange.ts';
import { startAgain } from './fleet/faults.ts';
import { bearer } from './fleet/kinds.ts';
import { renewedTwice, VOUCHER_PLAN } from './fleet/limits.ts';
import { openSite, type Site } from './fleet/site.ts';
import { findingsOfRedemptions, makeCodes, type Redemption } from './fleet/vouchers.ts';

const SIDES = ['before', 'after'] as const;
const RENEWS_WITHIN_MS = 60_000;
const DIES_WITHIN_MS = 90_000;

test('a server dies while it redeems, gives a plan or renews: each is booked once', async () => {
  await using stack = new AsyncDisposableStack();
  const site = await openSite('SQLite', stack);
  const codes = await makeCodes(site.observer, VOUCHER_PLAN);
  for (const [index, side] of SIDES.entries()) {
    // Every other client has no plan, and each is asked about once.
    const nth = 2 * index + 1;
    for (const voucher of [codes[index], codes.at(-1 - index)]) {
      assert.ok(voucher);
      await redeem(site, side, { ...voucher, nth });
    }
    await givePlan(site, side, nth + (nth > 2 ? -1 : 1));
    await renew(site, side);
  }
  assert.deepEqual(await faultsOf(site.observer), []);
});

type Side = (typeof SIDES)[number];
type Voucher = Redemption['voucher'];

async function redeem(site: Site, side: Side, wanted: Voucher & { nth: number }): Promise<void> {
  const { nth, ...voucher } = wanted;
  const { userId, access } = site.clients[nth]?.account ?? assert.fail();
  const key = randomUUID();
  const ask = () =>
    exchange(`${site.servers[0]?.url}/api/vouchers/redeem/`, {
      headers: { ...bearer(access), 'idempotency-key': key },
      body: { code: voucher.code },
    });
  const { body } = await diesAt(site, `${side}-redeem`, ask);
  const { tokens: credits } = JSON.parse(body) as { tokens: number };
  const redemption = { userId, access, voucher, key, told: 'redeemed', credits, tries: 2 } as const;
  assert.deepEqual(await findingsOfRedemptions(site.database, [redemption]), []);
}

async function givePlan(site: Site, side: Side, nth: number): Promise<void> {
  const { userId } = site.clients[nth]?.account ?? assert.fail();
  const key = randomUUID();
  const actions = () => allowancesOf(site, userId).then((all) => all.filter(isByStaff));
  const before = await actions();
  const ask = () =>
    exchange(`${site.servers[0]?.url}/api/admin/users/${userId}/plan/`, {
      headers: { ...bearer(site.staffAccess), 'idempotency-key': key },
      body: { plan: 'fleet-voucher-plan', from: 'now' },
    });
  const { body } = await diesAt(site, `${side}-assign_plan`, ask);
  assert.equal((JSON.parse(body) as { accounts: number }).accounts, 1);
  assert.equal((await actions()).length, before.length + 1);
}

async function renew(site: Site, side: Side): Promise<void> {
  const { userId, access } = site.clients[0]?.account ?? assert.fail();
  const before = (await allowancesOf(site, userId)).length;
  // What looks at a balance renews it, or a sweep does.
  const ask = async () => {
    for (const endMs = Date.now() + RENEWS_WITHIN_MS; ; await sleep(100)) {
      const headers = bearer(access);
      const url = `${site.servers[0]?.url}/api/tokens/`;
      const answer = await exchange(url, { method: 'GET', headers });
      if (answer.status === 0 || (await allowancesOf(site, userId)).length > before) return answer;
      assert.ok(Date.now() < endMs, 'it is never renewed');
    }
  };
  await diesAt(site, `${side}-renew`, ask);
  assert.deepEqual(await renewedTwice(site.database), []);
}

/** Asks a server that dies at a point, and again once it is back; resolves to the answer. */
async function diesAt(
  { servers }: Site,
  point: string,
  ask: () => Promise<Received>,
): Promise<Received> {
  const server = servers[0] ?? assert.fail();
  if (!server.isRunning) await startAgain(server);
  const dying = server.dieAt(point, 1, DIES_WITHIN_MS);
  const first = await ask();
  assert.equal(await dying, 'there', point);
  assert.ok(!first.isWhole, 'nobody was told anything');
  await startAgain(server);
  let again = await ask();
  // A busy machine may be too slow for the short limits of these servers.
  for (let tries = 0; again.status === 503 && tries < 20; tries += 1) again = await ask();
  assert.equal(again.status, 200, again.body);
  return again;
}

async function allowancesOf({ database }: Site, accountId: number) {
  return database.kysely
    .selectFrom('transfers')
    .select(['id', 'actor'])
    .where('account_id', '=', accountId)
    .where('kind', '=', 'allowance')
    .execute();
}

function isByStaff({ actor }: { readonly actor: string }): boolean {
  return actor.startsWith('user:');
}

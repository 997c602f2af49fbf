/**
 * A hold takes room in six levels at once: the pool, the member's share of it, two windows of the
 * pool's plan, the user's own ceiling, the API key. Whichever is the tightest, exactly as many are
 * admitted as it affords, on one server and on three over one database.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { HoldResult, Payer } from '../../src/core/ledger.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { holdOf, openOf, releaseOf, settleOf } from '../support/ledger-commands.ts';
import { type Ledgers, openLedgers } from '../support/ledgers.ts';
import { addGroup, addKey, addLimit, addPlan } from '../support/limits.ts';
import { scriptedModel } from '../support/scripted-model.ts';

const LEVELS = ['pool', 'member', 'plan-hours', 'plan-day', 'own', 'key'] as const;
type Level = (typeof LEVELS)[number];

const ASKED = 200;
const AFFORDED = 37;
const EACH = 100;
/** Affords 37, and half of another. */
const TIGHT = AFFORDED * EACH + 50;
const AMPLE = 1_000_000;

const HOUR_MS = 3_600_000;
/** A Wednesday, ten seconds before midnight. */
const LATE_MS = Date.UTC(2027, 4, 5, 23, 59, 50);
/** The clocks of the servers differ so much. */
const SKEWS_MS = [0, 30_000, -30_000] as const;
const NOON_MS = LATE_MS - 12 * HOUR_MS;

/** Who asks, and with which key. */
interface Asker {
  readonly userId: number;
  readonly apiKeyId: string;
}

onEachDatabase((at) => {
  let servers: Ledgers;
  before(async () => {
    servers = await openLedgers(at.name, at.url);
  });
  after(() => servers.close());

  for (const [index, level] of LEVELS.entries()) {
    test(`where the tightest is ${level}, 37 of 200 at once are admitted, and all agrees`, async () => {
      const poolId = (index + 1) * 100;
      const payers = [{ accountId: poolId, groupId: `group-${level}` }];
      // What is each user's own, one of them uses up; what is shared, four do.
      const isShared = level === 'pool' || level.startsWith('plan');
      const askers = Array.from({ length: isShared ? 4 : 1 }, (_, nth) => {
        return { userId: poolId + 1 + nth, apiKeyId: `key/${level}/${nth}` };
      });
      await makeLevels(servers, level, { poolId, askers });

      const results = await askAtOnce(servers, level, { askers, payers });
      const held = results.filter((it) => it.outcome === 'held');
      assert.equal(held.length, AFFORDED);
      assert.ok(held.every((it) => it.heldCredits === EACH && it.payerId === poolId));
      const refused = results.filter((it) => it.outcome !== 'held');
      for (const it of refused) assert.deepEqual(saidOf(it), refusalAt(level, poolId));
      assert.deepEqual(
        await countersOf(servers, level),
        BUDGETS.map((kind) => ({ kind, spent: 0, held: AFFORDED * EACH })),
      );
      assert.equal(await heldOf(servers, poolId), AFFORDED * EACH);
      await assertVerified(at.url);

      await endAtRandom(servers, level, { askers, payers, results });
      assert.equal(await heldOf(servers, poolId), 0);
      const counters = await countersOf(servers, level);
      assert.ok(counters.every((it) => it.held === 0));
      await assertVerified(at.url);
    });
  }
});

async function makeLevels(
  { database: { kysely: db }, ledgers: [ledger] }: Ledgers,
  tight: Level,
  { poolId, askers }: { readonly poolId: number; readonly askers: readonly Asker[] },
): Promise<void> {
  const creditsOf = (level: Level) => (level === tight ? TIGHT : AMPLE);
  const members = askers.map(({ userId }) => userId);
  for (const userId of members) await ledger?.submit(openOf(userId, 0));
  await addGroup(db, { id: `group-${tight}`, poolId, members });
  const month = 'month 1 Europe/Berlin';
  const plan = { id: `plan-${tight}`, allowanceCredits: creditsOf('pool'), calendar: month };
  await addPlan(db, plan, NOON_MS);
  const limits = [
    {
      id: `member/${tight}`,
      kind: 'member' as const,
      scope: `group-${tight}`,
      credits: creditsOf('member'),
      window: { kind: 'calendar' as const, calendar: 'week 1 UTC' },
    },
    {
      id: `plan-day/${tight}`,
      kind: 'plan' as const,
      scope: `plan-${tight}`,
      credits: creditsOf('plan-day'),
      window: { kind: 'calendar' as const, calendar: 'day UTC' },
    },
    {
      id: `plan-hours/${tight}`,
      kind: 'plan' as const,
      scope: `plan-${tight}`,
      credits: creditsOf('plan-hours'),
      window: { kind: 'hours' as const, hours: 5 },
    },
    ...members.map((userId) => ({
      id: `own/${tight}/${userId}`,
      kind: 'own' as const,
      scope: String(userId),
      credits: creditsOf('own'),
      window: { kind: 'calendar' as const, calendar: 'day UTC' },
    })),
  ];
  for (const limit of limits) await addLimit(db, limit, NOON_MS);
  for (const { userId, apiKeyId: id } of askers) {
    await addKey(db, { id, userId, credits: creditsOf('key') });
  }
  const assigned = await ledger?.submit({
    kind: 'assign_plan',
    accountId: poolId,
    planId: plan.id,
    from: 'now',
    allowanceId: `allowance-${tight}`,
    expiryId: `expiry-${tight}`,
    actor: 'test',
    atMs: NOON_MS - HOUR_MS,
  });
  assert.equal(assigned?.outcome, 'assigned');
}

interface Asking {
  readonly askers: readonly Asker[];
  readonly payers: readonly Payer[];
}

function askAtOnce(
  { ledgers }: Ledgers,
  level: Level,
  { askers, payers }: Asking,
): Promise<HoldResult[]> {
  return Promise.all(
    Array.from({ length: ASKED }, (_, nth) => {
      const server = nth % ledgers.length;
      const { userId, apiKeyId } = askers[nth % askers.length] as Asker;
      const atMs = NOON_MS + nth + (SKEWS_MS[server] ?? 0);
      const hold = holdOf(`${level}-${nth}`, EACH, userId);
      return (ledgers[server] as Ledgers['ledgers'][number]).submit({
        ...hold,
        price: flatPrice(priceOf(nth)),
        apiKeyId,
        payers,
        atMs,
      });
    }),
  );
}

/** Some cost more than they hold. */
function priceOf(nth: number): number {
  return 1 + ((nth * 7) % 120);
}

/**
 * Half of them end, then midnight passes and the hours are over, on some servers before others;
 * more are asked for in the new windows, and then all end, some of them twice.
 */
async function endAtRandom(
  { ledgers }: Ledgers,
  level: Level,
  { askers, payers, results }: Asking & { readonly results: readonly HoldResult[] },
): Promise<void> {
  const open = results.flatMap((it, nth) => (it.outcome === 'held' ? [nth] : []));
  const shuffled = open.toSorted(() => Math.random() - 0.5);
  const any = () => Math.floor(Math.random() * ledgers.length);
  const end = (nth: number) => {
    const id = `${level}-${nth}`;
    const { userId } = askers[nth % askers.length] as Asker;
    const payerId = payers[0]?.accountId;
    const isCharged = nth % 3 > 0;
    const command = isCharged
      ? { ...settleOf(id, priceOf(nth), userId), payerId }
      : { ...releaseOf(id, userId), payerId };
    return ledgers[any()]?.submit(command);
  };
  const half = Math.floor(shuffled.length / 2);
  await Promise.all(shuffled.slice(0, half).map(end));
  const later = Array.from({ length: 12 }, (_, nth) => ASKED + nth);
  const asked = await Promise.all(
    later.map((nth) => {
      const server = any();
      const { userId, apiKeyId } = askers[nth % askers.length] as Asker;
      // Of clocks that differ by a minute, some are past midnight.
      return ledgers[server]?.submit({
        ...holdOf(`${level}-${nth}`, 1, userId),
        price: flatPrice(priceOf(nth)),
        apiKeyId,
        payers,
        atMs: LATE_MS + (SKEWS_MS[server] ?? 0),
      });
    }),
  );
  const rest = [
    ...shuffled.slice(half),
    ...later.filter((_, nth) => asked[nth]?.outcome === 'held'),
  ];
  const all = [...rest, ...rest.slice(0, 10), ...shuffled.slice(0, 5)];
  const ended = await Promise.all(all.toSorted(() => Math.random() - 0.5).map(end));
  assert.ok(ended.every((it) => it?.outcome === 'settled' || it?.outcome === 'released'));
}

function saidOf(result: HoldResult): object {
  if (result.outcome !== 'budget_exceeded' && result.outcome !== 'insufficient_credits') {
    return result;
  }
  const { outcome, availableCredits, isHeldByOthers, payerId, budget } = result;
  return { outcome, availableCredits, isHeldByOthers, payerId, kind: budget?.kind };
}

function refusalAt(level: Level, payerId: number): object {
  const kind = level.startsWith('plan') ? 'plan' : level;
  return {
    outcome: level === 'pool' ? 'insufficient_credits' : 'budget_exceeded',
    availableCredits: 50,
    isHeldByOthers: true,
    payerId,
    kind: level === 'pool' ? undefined : kind,
  };
}

/** Spent and held of each kind of budget, by all of its subjects together. */
async function countersOf({ database }: Ledgers, level: Level) {
  const rows = await database.kysely
    .selectFrom('budget_counters')
    .select(['budget_id', 'spent', 'held'])
    .execute();
  const sums = BUDGETS.map((kind) => ({ kind, spent: 0, held: 0 }));
  for (const { budget_id, spent, held } of rows) {
    const [kind, of] = budget_id.split('/');
    const sum = sums.find((it) => it.kind === kind && of === level);
    if (!sum) continue;
    sum.spent += spent;
    sum.held += held;
  }
  return sums;
}

const BUDGETS = ['key', 'member', 'plan-hours', 'plan-day', 'own'];

async function heldOf({ ledgers: [ledger] }: Ledgers, accountId: number) {
  return (await ledger?.account(accountId))?.heldCredits;
}

async function assertVerified(url: string): Promise<void> {
  const chit = await openTestChit(url, scriptedModel(flatPrice(1)));
  try {
    assert.deepEqual(await faultsOf(chit), []);
  } finally {
    await chit.close();
  }
}

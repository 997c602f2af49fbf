/** Changes of many accounts: in the background, from server to server, each account once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AT_ONCE, beginChange, continueChanges } from '../../../src/app/credits/plan-changes.ts';
import { changePlan, endPlan, replacePlan } from '../../../src/app/credits/plans.ts';
import { endLeftovers } from '../../../src/app/credits/renewals.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, openTestChit } from '../../support/chit.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';
import { CLI, makePlan, planOf, setClock } from '../../support/plans.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const JANUARY = Date.UTC(2026, 0, 15, 12);
const MANY = AT_ONCE + 150;
const ROWS_AT_ONCE = 500;
const run = { isDryRun: false } as const;

let nextId = 900_000_000;

onEachDatabase((at) => {
  let chit: Chit;
  let other: Chit;
  let database: OpenDatabase;
  before(async () => {
    const open = () => openTestChit(at.url, scriptedModel(flatPrice(100)));
    chit = await open();
    other = await open();
    for (const it of [chit, other]) setClock(it, JANUARY);
    database = await openMigrated(at.url);
  });
  after(async () => {
    await database.close();
    await other.close();
    await chit.close();
  });

  /** Accounts that have a plan and nothing of it, as many as there are. */
  const accountsWith = async (planId: string, count: number) => {
    const rows = Array.from({ length: count }, () => {
      nextId += 1;
      const nothing = { posted: 0, held: 0, expiring: 0, transfer_count: 0, renewed_at: 0 };
      const renews_at = Date.UTC(2026, 1, 1);
      const has = { plan_id: planId, renews_at, has_limits: 1 } as const;
      return { id: nextId, kind: 'personal' as const, ...nothing, ...has };
    });
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      const some = rows.slice(from, from + ROWS_AT_ONCE);
      await database.kysely.insertInto('accounts').values(some).execute();
    }
  };
  const accountsOf = async (planId: string) =>
    (await chit.context.plans.accountCounts([planId])).get(planId) ?? 0;
  const allowancesOf = async (reason: string) => {
    const found = await database.kysely
      .selectFrom('transfers')
      .select(({ fn }) => [fn.countAll<number>().as('all'), fn.sum<number>('credits').as('sum')])
      .where('kind', '=', 'allowance')
      .where('reason', '=', reason)
      .executeTakeFirst();
    return [Number(found?.all), Number(found?.sum)];
  };
  /** Lets so many batches be done, then the server stops. */
  const stopAfter = (batches: number) => {
    let left = batches;
    return {
      isStopping: () => {
        left -= 1;
        // Asked once before the first batch of a change as well.
        return left < -1;
      },
      pause: () => Promise.resolve(),
    };
  };
  const noPause = { pause: () => Promise.resolve() };

  test('few accounts are changed at once', async () => {
    const { context } = chit;
    const plan = await makePlan(context);
    await accountsWith(plan.id, 3);
    const ended = await endPlan(context, CLI, plan.id, { from: 'now', ...run });
    assert.equal(ended.progress, undefined);
    assert.equal(ended.effect.accounts, 3);
    assert.equal(await accountsOf(plan.id), 0);
  });

  test('many go on in the background, on another server after the first has stopped', async () => {
    const { context } = chit;
    const plan = await makePlan(context, { name: 'Many' });
    await accountsWith(plan.id, MANY);
    const change = { allowanceCredits: 2_000 };
    const request = { change, from: 'now', idempotencyKey: 'many', ...run } as const;
    const begun = await changePlan(context, CLI, plan.id, request);
    assert.deepEqual(begun.progress, { accounts: MANY, done: 0 });
    assert.deepEqual(await allowancesOf('Many'), [0, 0], 'nothing was done in the request');
    await continueChanges(context, stopAfter(3));
    const progress = async () => (await context.planChanges.progressOf([plan.id])).get(plan.id);
    assert.deepEqual(await progress(), { accounts: MANY, done: 600 });
    const asked = await changePlan(context, CLI, plan.id, request);
    assert.deepEqual([asked.isReplayed, asked.progress?.done], [true, 600]);
    await continueChanges(other.context, noPause);
    assert.equal(await progress(), undefined);
    assert.deepEqual(await allowancesOf('Many'), [MANY, MANY * 2_000]);
    const done = await changePlan(context, CLI, plan.id, request);
    assert.equal(done.progress, undefined);
    assert.deepEqual([done.effect.accounts, done.effect.givenCredits], [MANY, MANY * 2_000]);
  });

  test('a server that dies after a batch was booked: nothing is given twice', async (t) => {
    const { context } = chit;
    const plan = await makePlan(context, { name: 'Dying' });
    await accountsWith(plan.id, MANY);
    const wanted = { change: { allowanceCredits: 50 }, from: 'now', ...run } as const;
    await changePlan(context, CLI, plan.id, wanted);
    t.mock.method(context.planChanges, 'goneOn', () => Promise.reject(new Error('it died')), {
      times: 1,
    });
    await assert.rejects(continueChanges(context, noPause), /it died/);
    assert.deepEqual(await allowancesOf('Dying'), [200, 200 * 50], 'of one batch');
    await continueChanges(other.context, noPause);
    assert.deepEqual(await allowancesOf('Dying'), [MANY, MANY * 50]);
  });

  test('two servers are never at the same change, and one plan has one at a time', async () => {
    const { context } = chit;
    const plan = await makePlan(context);
    await accountsWith(plan.id, MANY);
    await endPlan(context, CLI, plan.id, { from: 'renewal', ...run });
    const again = await endPlan(context, CLI, plan.id, { from: 'now', ...run });
    assert.equal(again.progress?.done, 0);
    const [first, second] = await context.planChanges.open();
    assert.ok(first && second);
    assert.equal(await other.context.planChanges.claim(second.id, JANUARY), false, 'it waits');
    assert.equal(await context.planChanges.claim(first.id, JANUARY), true);
    assert.equal(await other.context.planChanges.claim(first.id, JANUARY), false, 'it is taken');
    assert.equal((await beginChange(other.context, first.id, true))?.endedAtMs, undefined);
    await context.planChanges.release(first.id);
    await continueChanges(other.context, noPause);
    assert.equal(await accountsOf(plan.id), 0);
    assert.deepEqual(await context.planChanges.open(), []);
  });

  test('accounts of a plan that is being replaced lose nothing to the sweep of ended ones', async () => {
    const { context } = chit;
    const plan = await makePlan(context);
    await accountsWith(plan.id, MANY);
    const wanted = { plan: planOf(), from: 'renewal', ...run } as const;
    const replaced = await replacePlan(context, CLI, plan.id, wanted);
    assert.equal(replaced.progress?.accounts, MANY);
    await endLeftovers(context, () => false);
    await continueChanges(context, noPause);
    const rows = await database.kysely
      .selectFrom('accounts')
      .select('next_plan_id')
      .where('plan_id', '=', plan.id)
      .where('next_plan_id', '=', replaced.plan.id)
      .execute();
    assert.equal(rows.length, MANY);
  });

  test('the ledger of all of this has no faults', async () => {
    assert.deepEqual(await faultsOf(chit), []);
  });
});

/** Plans: made, given, changed, replaced and ended, and what each of it says before. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { planOfAccount } from '../../../src/app/credits/account-plan.ts';
import { assignPlan } from '../../../src/app/credits/assign-plan.ts';
import { changePlan, createPlan, endPlan, replacePlan } from '../../../src/app/credits/plans.ts';
import { readBalance } from '../../../src/app/credits/read-balance.ts';
import { endLeftovers } from '../../../src/app/credits/renewals.ts';
import type { Chit } from '../../../src/compose.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { CLI, givePlan, linesOf, makePlan, planOf, setClock } from '../../support/plans.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const JANUARY = Date.UTC(2026, 0, 15, 12);
const FEBRUARY = Date.UTC(2026, 1, 1);
const run = { isDryRun: false } as const;
const dry = { isDryRun: true } as const;

onEachDatabase((at) => {
  let chit: Chit;
  before(async () => {
    const settings = { CHIT_SIGNUP_TOKENS: '0' };
    chit = await openTestChit(at.url, scriptedModel(flatPrice(100)), settings);
    setClock(chit, JANUARY);
  });
  after(() => chit.close());

  const accountsWith = async (planId: string, count: number) => {
    const ids: number[] = [];
    for (let made = 0; made < count; made += 1) ids.push(await newAccount(chit));
    const effect = await assignPlan(chit.context, CLI, { accountIds: ids, planId, from: 'now' });
    return { ids, effect: effect.effect };
  };

  test('a plan that is given now gives its amount, and says so before', async () => {
    const { context } = chit;
    const plan = await makePlan(context, { name: 'Basic' });
    const accountIds = [await newAccount(chit), await newAccount(chit)];
    const wanted = { accountIds, planId: plan.id, from: 'now' } as const;
    const preview = await assignPlan(context, CLI, { ...wanted, isDryRun: true });
    assert.equal(await readBalance(context, accountIds[0] as number), 0, 'nothing was given');
    const done = await assignPlan(context, CLI, wanted);
    assert.deepEqual(done.effect, preview.effect);
    assert.deepEqual(done.effect, {
      accounts: 2,
      untouched: 0,
      expiredCredits: 0,
      givenCredits: 2_000,
      firstRenewalMs: FEBRUARY,
      lastRenewalMs: FEBRUARY,
    });
    const [id = 0] = accountIds;
    assert.deepEqual(await linesOf(context, id), [['allowance', 1_000, 1_000, 'Basic']]);
    const entries = await context.auditLog.newestOf(
      { action: 'user.plan', target: `user:${id}` },
      9,
    );
    assert.equal(entries.length, 1);
    assert.equal(entries[0]?.after?.plan, plan.id);
    const has = await planOfAccount(context, id);
    assert.deepEqual(
      [has?.plan.name, has?.expiringCredits, has?.renewsAtMs],
      ['Basic', 1_000, FEBRUARY],
    );
  });

  test('from the next renewal another plan follows; nothing is booked before', async () => {
    const { context } = chit;
    const small = await makePlan(context);
    const large = await makePlan(context, { allowanceCredits: 5_000 });
    const { ids } = await accountsWith(small.id, 1);
    const [id = 0] = ids;
    const effect = await givePlan(context, id, large.id, { from: 'renewal' });
    assert.deepEqual([effect.givenCredits, effect.firstRenewalMs], [0, FEBRUARY]);
    assert.equal((await planOfAccount(context, id))?.nextPlan?.id, large.id);
    setClock(chit, FEBRUARY);
    assert.equal(await readBalance(context, id), 5_000);
    const has = await planOfAccount(context, id);
    assert.deepEqual(
      [has?.plan.id, has?.nextPlan, has?.endsAtMs],
      [large.id, undefined, undefined],
    );
    setClock(chit, JANUARY);
  });

  test('a plan with an end is over then', async () => {
    const { context } = chit;
    const plan = await makePlan(context);
    const id = await newAccount(chit);
    const endsAtMs = Date.UTC(2026, 0, 20);
    const effect = await givePlan(context, id, plan.id, { endsAtMs });
    assert.deepEqual([effect.givenCredits, effect.firstRenewalMs], [1_000, endsAtMs]);
    setClock(chit, endsAtMs);
    assert.equal(await readBalance(context, id), 0);
    assert.equal(await planOfAccount(context, id), undefined);
    setClock(chit, JANUARY);
    for (const wrong of [{ endsAtMs: JANUARY - 1 }, { endsAtMs, from: 'renewal' as const }]) {
      await assert.rejects(
        givePlan(context, id, plan.id, wrong),
        (error) => hasCode(error, 'invalid_fields') && 'ends_at' in error.details.fields,
      );
    }
  });

  test('another amount holds from the next renewal, or now, as the preview says', async () => {
    const { context } = chit;
    const plan = await makePlan(context);
    const { ids } = await accountsWith(plan.id, 3);
    const change = { allowanceCredits: 1_500 };
    const later = { change, from: 'renewal' } as const;
    const preview = await changePlan(context, CLI, plan.id, { ...later, ...dry });
    const changed = await changePlan(context, CLI, plan.id, { ...later, ...run });
    assert.deepEqual(changed.effect, preview.effect);
    assert.deepEqual([preview.effect.accounts, preview.effect.givenCredits], [3, 0]);
    const [id = 0] = ids;
    assert.equal(await readBalance(context, id), 1_000);

    const now = { change: { allowanceCredits: 3_000 }, from: 'now' } as const;
    const previewNow = await changePlan(context, CLI, plan.id, { ...now, ...dry });
    assert.deepEqual(previewNow.effect, {
      accounts: 3,
      untouched: 0,
      expiredCredits: 3_000,
      givenCredits: 9_000,
      firstRenewalMs: FEBRUARY,
      lastRenewalMs: FEBRUARY,
    });
    const request = { ...now, ...run, idempotencyKey: 'change' };
    const changedNow = await changePlan(context, CLI, plan.id, request);
    assert.deepEqual(changedNow.effect, previewNow.effect);
    const again = await changePlan(context, CLI, plan.id, request);
    assert.equal(again.isReplayed, true);
    assert.equal(await readBalance(context, id), 3_000, 'booked once');
    assert.equal((await linesOf(context, id)).length, 3);
    await assert.rejects(
      changePlan(context, CLI, plan.id, { ...request, change: { allowanceCredits: 1 } }),
      (error) => hasCode(error, 'idempotency_key_reused'),
    );
  });

  test('a plan ends for each account at its next renewal, or now', async () => {
    const { context } = chit;
    const later = await makePlan(context);
    const { ids } = await accountsWith(later.id, 2);
    const [id = 0] = ids;
    const wanted = { from: 'renewal' } as const;
    const preview = await endPlan(context, CLI, later.id, { ...wanted, ...dry });
    const ended = await endPlan(context, CLI, later.id, { ...wanted, ...run });
    assert.deepEqual(ended.effect, preview.effect);
    assert.equal(await readBalance(context, id), 1_000);
    await assert.rejects(givePlan(context, id, later.id), (error) => hasCode(error, 'plan_ended'));
    setClock(chit, FEBRUARY);
    assert.equal(await readBalance(context, id), 0);
    setClock(chit, JANUARY);

    const now = await makePlan(context);
    const others = await accountsWith(now.id, 2);
    const atOnce = { from: 'now' } as const;
    const previewNow = await endPlan(context, CLI, now.id, { ...atOnce, ...dry });
    assert.deepEqual([previewNow.effect.accounts, previewNow.effect.expiredCredits], [2, 2_000]);
    const once = { ...atOnce, ...run, idempotencyKey: 'end' };
    const endedNow = await endPlan(context, CLI, now.id, once);
    assert.equal((await endPlan(context, CLI, now.id, once)).isReplayed, true);
    assert.deepEqual(endedNow.effect, previewNow.effect);
    assert.equal(await readBalance(context, others.ids[0] as number), 0);
    assert.equal(await planOfAccount(context, others.ids[0] as number), undefined);
  });

  test('what follows an ended plan begins instead of it, and it follows nothing itself', async () => {
    const { context } = chit;
    const [ending, next] = [await makePlan(context), await makePlan(context)];
    const { ids } = await accountsWith(ending.id, 1);
    const other = await accountsWith(next.id, 1);
    const [id = 0] = ids;
    await givePlan(context, id, next.id, { from: 'renewal' });
    await givePlan(context, other.ids[0] as number, ending.id, { from: 'renewal' });
    const preview = await endPlan(context, CLI, ending.id, { from: 'now', ...dry });
    assert.deepEqual([preview.effect.expiredCredits, preview.effect.givenCredits], [1_000, 1_000]);
    const ended = await endPlan(context, CLI, ending.id, { from: 'now', ...run });
    assert.deepEqual(ended.effect, preview.effect);
    assert.equal((await planOfAccount(context, id))?.plan.id, next.id);
    assert.equal((await planOfAccount(context, other.ids[0] as number))?.nextPlan, undefined);
  });

  test('who was given a plan while it ended loses it at the next renewal', async () => {
    const { context } = chit;
    const plan = await makePlan(context);
    const { ids } = await accountsWith(plan.id, 1);
    const [id = 0] = ids;
    // As when the server died in the middle of it.
    await context.plans.end(plan.id, {
      id: crypto.randomUUID(),
      claim: undefined,
      atMs: JANUARY,
      entry: {
        id: crypto.randomUUID(),
        atMs: JANUARY,
        actor: CLI.actor,
        address: undefined,
        action: 'plan.end',
        target: `plan:${plan.id}`,
        reason: undefined,
        before: undefined,
        after: undefined,
      },
    });
    await endLeftovers(context, () => false);
    const has = await planOfAccount(context, id);
    assert.deepEqual([has?.plan.id, has?.endsAtMs], [plan.id, FEBRUARY]);
  });

  test('a plan is replaced by one with another calendar, with the same name', async () => {
    const { context } = chit;
    const monthly = await makePlan(context, { name: 'Renewing' });
    const { ids } = await accountsWith(monthly.id, 2);
    const endsAtMs = Date.UTC(2026, 5, 1);
    const limited = await newAccount(chit);
    await givePlan(context, limited, monthly.id, { endsAtMs });
    const weekly = planOf({
      name: 'renewing',
      allowanceCredits: 300,
      calendar: { kind: 'week', weekday: 1, timeZone: 'Europe/Berlin' },
    });
    const wanted = { plan: weekly, from: 'now' } as const;
    const preview = await replacePlan(context, CLI, monthly.id, { ...wanted, ...dry });
    const replaced = await replacePlan(context, CLI, monthly.id, { ...wanted, ...run });
    assert.deepEqual(replaced.effect, preview.effect);
    // 19 January 2026 is a Monday.
    const monday = Date.UTC(2026, 0, 18, 23);
    assert.deepEqual(replaced.effect, {
      accounts: 2,
      untouched: 1,
      expiredCredits: 2_000,
      givenCredits: 600,
      firstRenewalMs: monday,
      lastRenewalMs: monday,
    });
    assert.equal(await readBalance(context, ids[0] as number), 300);
    assert.equal(await readBalance(context, limited), 1_000);
    assert.equal((await context.plans.byName('Renewing'))?.id, replaced.plan.id);
  });

  test('two plans cannot have one name, and a repeated request makes one plan', async () => {
    const { context } = chit;
    const wanted = planOf({ name: 'Unique' });
    const key = { ...run, idempotencyKey: 'make' };
    const made = await createPlan(context, CLI, wanted, key);
    const again = await createPlan(context, CLI, wanted, key);
    assert.deepEqual([again.plan, again.isReplayed], [made.plan, true]);
    for (const request of [run, dry]) {
      await assert.rejects(
        createPlan(context, CLI, { ...wanted, name: 'UNIQUE' }, request),
        (error) => hasCode(error, 'plan_name_taken'),
      );
    }
  });

  test('windows that stay go on counting, others end', async () => {
    const { context } = chit;
    const hours = { kind: 'hours', hours: 5 } as const;
    const day = { kind: 'calendar', calendar: { kind: 'day', timeZone: 'UTC' } } as const;
    const windows = [
      { limitCredits: 100, window: hours },
      { limitCredits: 400, window: day },
    ];
    const plan = await makePlan(context, { windows });
    assert.equal(plan.windows.length, 2);
    const week = { ...day, calendar: { kind: 'week', weekday: 1, timeZone: 'UTC' } as const };
    const change = {
      windows: [
        { limitCredits: 150, window: hours },
        { limitCredits: 900, window: week },
      ],
    };
    await changePlan(context, CLI, plan.id, { change, from: 'renewal', ...run });
    const stored = await context.plans.find(plan.id);
    assert.deepEqual(new Set(stored?.windows), new Set(change.windows));
    assert.ok((await context.calendars.inUse()).includes('week 1 UTC'));
  });

  test('a plan with faults is refused and not stored', async () => {
    const { context } = chit;
    const timeZone = 'UTC';
    const past = {
      kind: 'term',
      timeZone,
      terms: [{ firstDay: '2020-01-01', lastDay: '2020-02-01' }],
    };
    const wrong = [
      { calendar: { kind: 'month', day: 32, timeZone } },
      { calendar: past },
      { models: ['no such model'] },
    ] as const;
    for (const it of wrong) {
      const wanted = planOf({ ...(it as object), name: 'Faulty' });
      await assert.rejects(createPlan(context, CLI, wanted, run), (error) =>
        hasCode(error, 'invalid_fields'),
      );
    }
    assert.equal(await context.plans.byName('Faulty'), undefined);
  });

  test('all of the accounts are given a plan or none', async () => {
    const { context } = chit;
    const plan = await makePlan(context);
    const id = await newAccount(chit);
    await assert.rejects(
      assignPlan(context, CLI, { accountIds: [id, 12345], planId: plan.id, from: 'now' }),
      (error) => hasCode(error, 'user_unknown'),
    );
    assert.equal(await planOfAccount(context, id), undefined);
  });

  test('calendars in use are filled 400 days ahead, without gaps, whenever that was last', async () => {
    const { context } = chit;
    const calendar = 'month 31 Europe/Berlin';
    await context.calendars.fill(calendar, JANUARY);
    await context.calendars.fill(calendar, JANUARY);
    const later = JANUARY + 300 * 86_400_000;
    await context.calendars.fill(calendar, later);
    const monthly = { kind: 'month', day: 31, timeZone: 'Europe/Berlin' } as const;
    let period = (await context.plans.periodsAround(monthly, JANUARY))[0];
    assert.ok((period?.startMs ?? Infinity) <= JANUARY);
    while (period) {
      const [, next] = await context.plans.periodsAround(monthly, period.startMs);
      if (!next) break;
      assert.equal(next.startMs, period.endMs);
      period = next;
    }
    assert.ok((period?.endMs ?? 0) >= later + 400 * 86_400_000);
  });

  test('the ledger of all of this has no faults', async () => {
    assert.deepEqual(await faultsOf(chit), []);
  });
});

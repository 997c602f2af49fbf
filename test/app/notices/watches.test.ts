/** What is found in the background to be told of: each once, however many look at once. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { registerUser } from '../../../src/app/accounts/register-user.ts';
import type { Context } from '../../../src/app/context.ts';
import { grantCredits } from '../../../src/app/credits/grant-credits.ts';
import { sweepRenewals } from '../../../src/app/credits/renewals.ts';
import { newId } from '../../../src/app/ids.ts';
import {
  tellLowBalances,
  tellOperators,
  tellRenewals,
} from '../../../src/app/notices/watch-balances.ts';
import { OperationWatch } from '../../../src/app/notices/watch-operation.ts';
import { makeWebhook } from '../../../src/app/notices/webhooks.ts';
import type { Chit } from '../../../src/compose.ts';
import { WEBHOOK_KINDS } from '../../../src/core/notices.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { holdOf, settleOf } from '../../support/ledger-commands.ts';
import { CLI, givePlan, makePlan } from '../../support/plans.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const OPENING = 4_000;
const goOn = () => false;

onEachDatabase((at) => {
  describe('watches', () => {
    let chit: Chit;
    let context: Context;

    before(async () => {
      chit = await openTestChit(at.url, scriptedModel(flatPrice(100)));
      ({ context } = chit);
      await context.lease.start((error) => {
        throw error;
      });
      const url = 'https://ops.example.org/';
      const wish = { name: 'Ops', url, kinds: WEBHOOK_KINDS, isActive: true };
      await makeWebhook(context, CLI, wish);
    });
    after(async () => {
      await context.lease.end();
      await chit.close();
    });

    const charge = async (accountId: number, credits: number) => {
      const { ledger, now } = context;
      const id = newId();
      const leaseId = context.lease.id;
      const atMs = now();
      await ledger.submit({ ...holdOf(id, credits, accountId), leaseId, atMs });
      return ledger.submit({ ...settleOf(id, credits, accountId), atMs });
    };
    const give = (accountId: number, credits: number) =>
      grantCredits(context, CLI, { accountId, credits, reason: 'x', idempotency: undefined });
    const told = async (userId: number, kind: string) => {
      const shown = await context.notices.of(userId, { limit: 50 });
      return shown.filter((it) => it.kind === kind);
    };
    const toldOperators = async (kind: string) => {
      const rows = await context.deliveries.newNotices(1_000);
      return rows.filter((it) => it.audience === 'operators' && it.kind === kind).length;
    };
    /** As two servers do, in the middle of charges. */
    const lookTwice = () =>
      Promise.all([tellLowBalances(context, goOn), tellLowBalances(context, goOn)]);

    test('a balance that falls is told of once, while others charge and look', async () => {
      const userId = await newAccount(chit);
      const before = await toldOperators('balance.low');
      const charges = Array.from({ length: 38 }, () => charge(userId, 100));
      await Promise.all([...charges, lookTwice(), lookTwice()]);
      await lookTwice();
      const [notice, ...others] = await told(userId, 'balance.low');
      assert.equal(others.length, 0);
      assert.equal(notice?.data.below, 400);
      assert.ok(Number(notice?.data.tokens) < 400);
      assert.equal((await toldOperators('balance.low')) - before, 1);
      // Once it was higher, it is told of again.
      await give(userId, 1_000);
      await lookTwice();
      assert.equal((await told(userId, 'balance.low')).length, 1);
      await charge(userId, 1_000);
      await lookTwice();
      assert.equal((await told(userId, 'balance.low')).length, 2);
    });

    test('a balance that was never higher, or is low for long, is no news', async () => {
      const userId = await newAccount(chit);
      await charge(userId, OPENING - 10);
      const later = { ...context, now: () => Date.now() + 25 * 3_600_000 };
      await tellLowBalances(later, goOn);
      assert.deepEqual(await told(userId, 'balance.low'), []);
      await lookTwice();
      assert.deepEqual(await told(userId, 'balance.low'), []);
    });

    test('users choose what is low, and choosing is not falling', async () => {
      const userId = await newAccount(chit);
      await context.mailSettings.change(userId, { lowBelowCredits: 5_000 }, Date.now());
      await lookTwice();
      assert.deepEqual(await told(userId, 'balance.low'), []);
      const never = await newAccount(chit);
      await context.mailSettings.change(never, { lowBelowCredits: 0 }, Date.now());
      await charge(never, OPENING);
      const high = await newAccount(chit);
      await context.mailSettings.change(high, { lowBelowCredits: 3_950 }, Date.now());
      await charge(high, 100);
      await lookTwice();
      assert.deepEqual(await told(never, 'balance.low'), []);
      assert.equal((await told(high, 'balance.low'))[0]?.data.below, 3_950);
    });

    test('a renewal is told of once, to those who want it', async () => {
      const plan = await makePlan(context);
      const users = [await newAccount(chit), await newAccount(chit)] as const;
      for (const it of users) await givePlan(context, it, plan.id);
      await context.mailSettings.change(users[0], { tellsRenewal: true }, Date.now());
      const look = (in_: Context) => Promise.all([1, 2, 3].map(() => tellRenewals(in_, goOn)));
      await look(context);
      assert.deepEqual(await told(users[0], 'allowance.renewed'), []);
      const later = { ...context, now: () => Date.now() + 32 * 24 * 3_600_000 };
      await sweepRenewals(later);
      await look(later);
      await look(later);
      const [notice, ...others] = await told(users[0], 'allowance.renewed');
      assert.equal(others.length, 0);
      assert.deepEqual(notice?.data, { tokens: OPENING + 1_000 });
      assert.deepEqual(await told(users[1], 'allowance.renewed'), []);
    });

    test('an allowance that is used up is told to operators once in its period', async () => {
      const plan = await makePlan(context);
      const userId = await newAccount(chit);
      await charge(userId, OPENING);
      await givePlan(context, userId, plan.id);
      const before = await toldOperators('allowance.used_up');
      const look = async () => {
        for (const _ of [1, 2]) {
          await Promise.all([tellOperators(context, goOn), tellOperators(context, goOn)]);
        }
        return (await toldOperators('allowance.used_up')) - before;
      };
      assert.equal(await look(), 0);
      await charge(userId, 1_000);
      assert.equal(await look(), 1);
    });

    test('who signs up is told of once; whom staff make is not', async () => {
      await Promise.all([tellOperators(context, goOn), tellOperators(context, goOn)]);
      const before = await toldOperators('user.signed_up');
      await registerUser(context, {
        username: `signs-up-${at.name}`,
        password: 'velvet-tram-19',
        address: '192.0.2.7',
        idempotency: undefined,
      });
      await Promise.all([tellOperators(context, goOn), tellOperators(context, goOn)]);
      assert.equal((await toldOperators('user.signed_up')) - before, 1);
    });

    test('failing models, fallbacks and unpriced usage are told of once per state', async () => {
      const both = [new OperationWatch(context), new OperationWatch(context)];
      const look = (in_: readonly OperationWatch[] = both) =>
        Promise.all(in_.map((it) => it.look()));
      const before = await toldOperators('provider.failing');
      const { modelHealth } = context;
      for (let n = 0; n < 3; n += 1) modelHealth.record('scripted', 'failed', new Error('no'));
      const reply = { model: 'scripted', fallback: 'b', isDearer: false, failures: [] };
      for (let n = 0; n < 5; n += 1) modelHealth.recordFallback(reply);
      modelHealth.recordUnpriced('scripted', { audio_input: 3 } as never);
      await look();
      await look();
      assert.equal((await toldOperators('provider.failing')) - before, 1);
      assert.equal(await toldOperators('fallback.used'), 1);
      assert.equal(await toldOperators('usage.unpriced'), 1);
      // It answers again, and fails again after a while.
      modelHealth.record('scripted', 'answered');
      await context.watches.endAlerts(Date.now() + 60_000);
      await look();
      for (let n = 0; n < 3; n += 1) modelHealth.record('scripted', 'failed', new Error('no'));
      await look();
      assert.equal((await toldOperators('provider.failing')) - before, 2);
      modelHealth.record('scripted', 'answered');
    });

    test('a charge that its account could not bear is told of', async () => {
      const watch = new OperationWatch(context);
      const userId = await newAccount(chit);
      const id = newId();
      const { ledger } = context;
      const atMs = Date.now();
      const leaseId = context.lease.id;
      await ledger.submit({ ...holdOf(id, 100, userId), leaseId, atMs });
      await ledger.submit({ ...settleOf(id, OPENING + 500, userId), atMs });
      await watch.look();
      assert.equal(await toldOperators('charge.shortfall'), 1);
    });

    test('ten thousand renewals are told of without holding the event loop', async () => {
      let calls = 0;
      const many = {
        ...context,
        watches: {
          noteRenewals: async () => {
            calls += 1;
            return 200;
          },
        },
      } as unknown as Context;
      await tellRenewals(many, goOn);
      assert.equal(calls, 10, 'the rest has its turn later');
    });
  });
});

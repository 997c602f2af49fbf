/** What is found in the background to be told of: each once, however many look at once. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { registerUser } from '../../../src/app/accounts/register-user.ts';
import type { Context } from '../../../src/app/context.ts';
import { grantCredits } from '../../../src/app/credits/grant-credits.ts';
import { sweepRenewals } from '../../../src/app/credits/renewals.ts';
import { addMembers, createGroup } from '../../../src/app/groups/manage-groups.ts';
import { newId } from '../../../src/app/ids.ts';
import { handOn } from '../../../src/app/notices/hand-on.ts';
import {
  tellLowBalances,
  tellOperators,
  tellRenewals,
} from '../../../src/app/notices/watch-balances.ts';
import { OperationWatch } from '../../../src/app/notices/watch-operation.ts';
import { tellLowPools } from '../../../src/app/notices/watch-pools.ts';
import { makeWebhook } from '../../../src/app/notices/webhooks.ts';
import { Backups } from '../../../src/app/operations/backups.ts';
import type { Chit } from '../../../src/compose.ts';
import { WEBHOOK_KINDS, type WebhookKind } from '../../../src/core/notices.ts';
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

    describe('each event is told to operators once, with what it is about', () => {
      let aheadMs = 0;
      let freeBytes = 5e9;
      let backups: Context['backups'];
      let watched: Context;
      let servers: readonly OperationWatch[];
      let folder = '';
      let groups = 0;

      before(() => {
        folder = mkdtempSync(join(tmpdir(), 'chit-watches-'));
        backups = brokenBackups();
        const now = () => Date.now() + aheadMs;
        const examined = () => {
          const subject = context.examined();
          return { ...subject, dataFolder: folder, backupFolder: folder };
        };
        watched = { ...context, now, examined };
        Object.defineProperty(watched, 'backups', { get: () => backups });
        servers = [1, 2].map(() => new OperationWatch(watched, async () => freeBytes));
      });
      after(() => rmSync(folder, { recursive: true }));

      /** None was made yet; the first one that is fails, since its folder is in a file. */
      const brokenBackups = () => {
        const file = join(folder, 'file');
        writeFileSync(file, '');
        const { settings } = context.backups;
        const broken = { ...settings, folder: join(file, 'backups'), everyMs: 1 };
        const later = { now: () => Date.now() + later_(), auditLog: context.auditLog };
        let calls = 0;
        const later_ = () => (calls++ === 0 ? 0 : 600_000);
        return new Backups(broken, later);
      };
      /** All that two servers do within a minute. */
      const aMinute = async () => {
        for (let n = 0; n < 3; n += 1) {
          if (n === 0) for (const it of servers) await it.lookAtDisks();
          await Promise.all(servers.map((it) => it.look()));
          await Promise.all(servers.map(() => tellLowBalances(watched, goOn)));
          await Promise.all(servers.map(() => tellLowPools(watched)));
          await Promise.all(servers.map(() => tellOperators(watched, goOn)));
        }
      };
      /** What the webhook is sent, as far as it is of a kind; nothing is sent twice. */
      const events = async (kind: string) => {
        await handOn(watched);
        const lease = { limit: 1_000, nowMs: watched.now(), forMs: 1e12 };
        const claimed = await context.deliveries.claimEvents(lease);
        return claimed.filter((it) => it.kind === kind).map(({ data }) => data);
      };
      const failThrice = () => {
        for (let n = 0; n < 3; n += 1) {
          context.modelHealth.record('scripted', 'failed', new Error('no'));
        }
      };
      const fallBack = () => {
        const reply = { model: 'scripted', fallback: 'b', isDearer: false, failures: [] };
        for (let n = 0; n < 5; n += 1) context.modelHealth.recordFallback(reply);
      };
      /** A user of their own for each case and database. */
      const userOf = async () => {
        const userId = await newAccount(chit);
        const user = await context.users.byId(userId);
        return { userId, username: user?.username };
      };

      /** A group of a manager and a member. */
      const groupWithPool = async () => {
        groups += 1;
        const wanted = { name: `Class ${groups}`, hasPool: true, models: undefined };
        const group = await createGroup(context, CLI, wanted);
        const managerId = await newAccount(chit);
        for (const [id, isManager] of [
          [managerId, true],
          [await newAccount(chit), false],
        ] as const) {
          await addMembers(context, CLI, group.id, { users: [{ id }], isManager });
        }
        return { group, poolId: group.poolId ?? 0, managerId };
      };

      interface Case {
        readonly kind: WebhookKind;
        /** Begins it. @returns what the event has to say */
        readonly begin: () => Promise<object>;
        /** Ends it; undefined for what happens rather than lasts. */
        readonly end?: () => void;
      }

      const CASES: readonly Case[] = [
        // First: what signed up an hour ago is no news, and the clock goes on.
        {
          kind: 'user.signed_up',
          begin: async () => {
            const username = `comes-${at.name}-${newId()}`.slice(0, 30);
            const password = 'velvet-tram-19';
            const given = { username, password, address: '192.0.2.8', idempotency: undefined };
            await registerUser(context, given);
            const user = await context.users.byUsername(username);
            return { user_id: user?.id, username };
          },
        },
        {
          kind: 'balance.low',
          begin: async () => {
            const { userId, username } = await userOf();
            await charge(userId, OPENING - 10);
            return { user_id: userId, username, tokens: 10, below: 400 };
          },
        },
        {
          kind: 'pool.low',
          begin: async () => {
            const { group, poolId, managerId } = await groupWithPool();
            await give(poolId, 2_000);
            await give(poolId, -1_201);
            await tellLowPools(watched);
            const tokens = 799;
            const [notice, ...others] = await told(managerId, 'pool.low');
            assert.deepEqual(notice?.data, { group: group.name, tokens, below: 800 });
            assert.deepEqual(others, []);
            return { group_id: group.id, group: group.name, tokens, below: 800 };
          },
        },
        {
          kind: 'allowance.used_up',
          begin: async () => {
            const plan = await makePlan(context);
            const { userId, username } = await userOf();
            await charge(userId, OPENING);
            await givePlan(context, userId, plan.id);
            await charge(userId, 1_000);
            const renewsAtMs = (await context.accountPlans.renewalOf(userId)) ?? 0;
            const renews_at = new Date(renewsAtMs).toISOString();
            const whose = { user_id: userId, username, group_id: null };
            return { ...whose, plan_id: plan.id, renews_at };
          },
        },
        {
          kind: 'provider.failing',
          begin: async () => {
            failThrice();
            return { model: 'scripted', failures: context.modelHealth.of('scripted').failed };
          },
          end: () => context.modelHealth.record('scripted', 'answered'),
        },
        {
          kind: 'fallback.used',
          begin: async () => {
            fallBack();
            return { model: 'scripted', fallback: 'b' };
          },
          end: () => undefined,
        },
        {
          kind: 'charge.shortfall',
          begin: async () => {
            const userId = await newAccount(chit);
            const id = newId();
            const atMs = Date.now();
            const leaseId = context.lease.id;
            await context.ledger.submit({ ...holdOf(id, 100, userId), leaseId, atMs });
            await context.ledger.submit({ ...settleOf(id, OPENING + 500, userId), atMs });
            return { transfer_id: id, tokens: OPENING + 400, model: null };
          },
        },
        {
          kind: 'usage.unpriced',
          begin: async () => {
            context.modelHealth.recordUnpriced('scripted', { audio_input: 3 } as never);
            return { model: 'scripted', units: ['audio_input'] };
          },
        },
        {
          kind: 'disk.nearly_full',
          begin: async () => {
            freeBytes = 900_000_000;
            return { host: hostname(), folder, free_bytes: freeBytes };
          },
          end: () => {
            freeBytes = 5e9;
          },
        },
        {
          kind: 'backup.failed',
          begin: async () => {
            backups = brokenBackups();
            await backups.makeIfDue();
            const reason = backups.lastFailure?.reason;
            assert.match(reason ?? '', /ENOTDIR/);
            return { host: hostname(), reason };
          },
          end: () => {
            backups = brokenBackups();
          },
        },
      ];

      test('there is a case for each kind', () => {
        assert.deepEqual(CASES.map(({ kind }) => kind).toSorted(), [...WEBHOOK_KINDS].toSorted());
      });

      for (const { kind, begin, end } of CASES) {
        test(`${kind}: once while it lasts${end ? ', and again when it comes back' : ''}`, async () => {
          await aMinute();
          await events(kind);
          const data = await begin();
          await aMinute();
          assert.deepEqual(await events(kind), [data]);
          aheadMs += 60_000;
          await aMinute();
          assert.deepEqual(await events(kind), []);
          if (!end) return;
          end();
          aheadMs += 16 * 60_000;
          await aMinute();
          assert.deepEqual(await events(kind), []);
          const again = await begin();
          await aMinute();
          assert.deepEqual(await events(kind), [again]);
          end();
        });
      }
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

/** The pool of a group that has ended is given nothing more. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createGroup, endGroup } from '../../../src/app/groups/manage-groups.ts';
import { newId } from '../../../src/app/ids.ts';
import { availableOf } from '../../../src/core/ledger.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf, openTestChit } from '../../support/chit.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const BY = { actor: 'cli:test', address: undefined, user: undefined } as const;
const DAY_MS = 86_400_000;

onEachDatabase((at) => {
  describe('a group that ends', () => {
    test('keeps its allowance until it would be renewed, and gets no other', async () => {
      const chit = await openTestChit(at.url, scriptedModel(flatPrice(100)));
      const { context } = chit;
      const nowMs = Date.now();
      const database = await openMigrated(at.url);
      const calendar = 'day UTC';
      const today = nowMs - (nowMs % DAY_MS);
      await database.kysely
        .insertInto('calendar_periods')
        .values(
          [0, 1, 2, 3].map((days) => ({
            calendar,
            starts_at: today + days * DAY_MS,
            ends_at: today + (days + 1) * DAY_MS,
          })),
        )
        .execute();
      await database.kysely
        .insertInto('plans')
        .values({ id: 'plan', name: 'A day', allowance: 70, calendar, created_at: 0 })
        .execute();
      await database.close();
      const wanted = { name: 'Class', hasPool: true, models: undefined };
      const group = await createGroup(context, BY, wanted);
      const poolId = group.poolId as number;
      const balance = async () => {
        const account = await context.ledger.account(poolId);
        return account && availableOf(account);
      };
      await context.ledger.submit({
        kind: 'grant',
        transferId: newId(),
        accountId: poolId,
        credits: 5,
        actor: 'cli:test',
        reason: 'bought',
        idempotency: undefined,
        atMs: nowMs,
      });
      const ids = { allowanceId: newId(), expiryId: newId() };
      const about = { accountId: poolId, planId: 'plan', actor: 'cli:test', atMs: nowMs };
      await context.ledger.submit({ kind: 'assign_plan', from: 'now', ...about, ...ids });
      assert.equal(await balance(), 75);
      await endGroup(context, BY, group.id, undefined);
      await endGroup(context, BY, group.id, undefined);
      assert.equal(await balance(), 75, 'nothing ends at once');
      for (const days of [1, 2, 3]) {
        const atMs = today + days * DAY_MS + 1;
        await context.ledger.submit({ kind: 'renew', accountIds: [poolId], atMs });
        assert.equal(await balance(), 5, 'what was bought stays, and no allowance follows');
      }
      assert.equal((await context.groupLists.one(group.id))?.pool?.plan, undefined);
      assert.deepEqual(await faultsOf(chit), []);
      await chit.close();
    });
  });
});

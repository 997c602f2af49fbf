/** The pictures of plans, groups, vouchers and limits: a school in its first term. */
import type { Browser, Page } from 'playwright-core';
import { setOwnLimit } from '../../src/app/credits/user-limits.ts';
import { giveOut, grantToPool } from '../../src/app/groups/give-out.ts';
import { addGroupBudget } from '../../src/app/groups/group-budgets.ts';
import { addMembers, createGroup } from '../../src/app/groups/manage-groups.ts';
import { makeVouchers } from '../../src/app/vouchers/make-vouchers.ts';
import type { Chit } from '../../src/compose.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { PASSWORD, Person } from './browser.ts';
import { createAccount } from './chit.ts';
import { startModelServer } from './model-server.ts';
import { CLI, givePlan, makePlan } from './plans.ts';
import { fillWithUse } from './sample-use.ts';
import { scriptedModel } from './scripted-model.ts';

const ZONE = 'Europe/Berlin';
const MONTH = { kind: 'month', day: 1, timeZone: ZONE } as const;
const AMOUNT = { users: 24, days: 5, messagesADay: 20 };
const CLASSES = ['Class 7a', 'Class 7b', 'Class 8a'];

/** Opens the pages and has pictures taken of them. */
export async function visitSchool(
  browser: Browser,
  take: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const server = await startModelServer([{ ...scriptedModel(flatPrice(10)), name: 'local' }]);
  const { context } = server.chit;
  const flags = { isStaff: true, isSuperuser: true };
  await createAccount(context, { username: 'root', password: PASSWORD, ...flags });
  const pupil = await Person.meet(browser, server.url, 'emmy');
  const ids = await fillWithUse(server.chit, AMOUNT);
  const { planId, groupId } = await foundSchool(server.chit, ids);
  const root = await Person.meet(browser, server.url, 'root');
  const { page } = root;
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/admin/');
  await root.signIn();
  await page.locator('tbody tr').first().waitFor();
  for (const [place, name, shown] of [
    [`plans/${planId}`, 'panel-plan', 'Change plan'],
    ['groups', 'panel-groups', 'Class 8a'],
    [`groups/${groupId}`, 'panel-group', 'Used this month'],
    ['vouchers', 'panel-vouchers', 'Open day'],
  ] as const) {
    await page.goto(`/admin/${place}`);
    await page.getByText(shown).first().waitFor();
    await take(page, name);
  }
  await root.leave();
  await pupil.page.setViewportSize({ width: 1440, height: 900 });
  await pupil.enter();
  await pupil.page.locator('.ticket').first().click();
  await pupil.page.getByText('Class 7a').first().waitFor();
  await take(pupil.page, 'ticket');
  await pupil.page.goto('/account');
  await pupil.page.getByText('Active sessions').waitFor();
  await take(pupil.page, 'account-limits');
  await pupil.leave();
  await server.close();
}

async function foundSchool({ context }: Chit, ids: readonly number[]) {
  const plan = await makePlan(context, {
    name: 'Pupils',
    allowanceCredits: 2_000,
    calendar: MONTH,
    windows: [
      { limitCredits: 300, window: { kind: 'hours', hours: 5 } },
      {
        limitCredits: 900,
        window: { kind: 'calendar', calendar: { ...MONTH, kind: 'week', weekday: 1 } },
      },
    ],
  });
  const emmy = await context.users.byUsername('emmy');
  const all = [emmy?.id ?? 0, ...ids];
  for (const id of all.slice(0, 20)) await givePlan(context, id, plan.id);
  const groupIds: string[] = [];
  for (const [nth, name] of CLASSES.entries()) {
    const wanted = { name, hasPool: true, models: undefined };
    const group = await createGroup(context, CLI, wanted);
    groupIds.push(group.id);
    const members = nth === 0 ? all.slice(0, 8) : all.slice(nth * 8, nth * 8 + 8);
    const [teacher = 0, ...pupils] = members.toReversed().map((id) => ({ id }));
    await addMembers(context, CLI, group.id, { users: pupils, isManager: false });
    await addMembers(context, CLI, group.id, {
      users: [teacher as { id: number }],
      isManager: true,
    });
    const grant = { credits: 20_000, reason: 'Term begins', idempotencyKey: undefined };
    await grantToPool(context, CLI, group, grant);
    const month = { kind: 'calendar', calendar: MONTH } as const;
    await addGroupBudget(context, CLI, group, { limitCredits: 1_500, window: month });
    const gifts = pupils.slice(0, 2).map(({ id }) => ({ userId: id, credits: 100 }));
    await giveOut(context, CLI, group, { gifts, reason: 'A project', idempotencyKey: undefined });
  }
  if (emmy) {
    const limit = { credits: 500, window: 'week', timeZone: ZONE } as const;
    await setOwnLimit(context, emmy.id, limit);
  }
  for (const [name, plan] of [
    ['Open day', undefined],
    ['Exchange pupils', 'Pupils'],
  ] as const) {
    const wanted = {
      name,
      credits: plan ? undefined : 250,
      plan,
      planDays: plan ? 14 : undefined,
      expiresAtMs: undefined,
      codes: 60,
      usesPerCode: 1,
      usesPerUser: 1,
    };
    await makeVouchers(context, CLI, { wanted, idempotencyKey: undefined });
  }
  return { planId: plan.id, groupId: groupIds[0] ?? '' };
}

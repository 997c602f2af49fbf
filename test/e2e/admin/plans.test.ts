/** Plans in the panel: made, given and changed, each after what it will do was told in numbers. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import {
  accessibilityViolations,
  horizontalOverflow,
  PASSWORD,
  type Person,
} from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';
import { givePlan, makePlan } from '../../support/plans.ts';

let site: PanelSite;
let boss: Person;
let page: Page;

before(async () => {
  site = await startPanelSite();
});
beforeEach(async () => {
  boss = await site.enter('boss');
  page = boss.page;
});
afterEach(() => boss.leave());
after(() => site?.close());

/** The date of the first of the next month, as the panel writes it in English. */
function firstOfNextMonth(): string {
  const now = new Date();
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
  const isOtherYear = first.getUTCFullYear() !== now.getUTCFullYear();
  const year = isOtherYear ? ({ year: 'numeric' } as const) : {};
  const options = { day: 'numeric', month: 'long', timeZone: 'UTC', ...year } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(first);
}

test('a plan is made with a sentence that says what it comes to, and given to a user', async () => {
  await page.goto('/admin/plans');
  await page.getByText('No plans yet').waitFor();
  await page.getByRole('link', { name: 'New plan' }).click();
  await page.getByLabel('Name').fill('Students');
  await page.getByLabel('Tokens per period').fill('2000');
  await page.getByLabel('Days begin at midnight in').fill('UTC');
  const sentence = `2,000 tokens a month · renews on ${firstOfNextMonth()}`;
  await page.getByText(sentence).waitFor();
  await page.getByText('Limits', { exact: true }).click();
  await page.getByRole('button', { name: 'Add a limit' }).click();
  await page.getByLabel('At most (tokens)').fill('300');
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Create plan' }).click();
  await page.getByRole('heading', { name: 'Students' }).waitFor();
  await page.getByText(sentence).first().waitFor();

  const [, grace] = site.ids;
  const before = (await site.tokensOf('grace')) ?? 0;
  await page.goto(`/admin/users/${grace}`);
  await page.getByText('This user has no plan.').waitFor();
  await page.getByRole('button', { name: 'Give plan' }).click();
  await page
    .getByRole('combobox', { name: 'Plan', exact: true })
    .selectOption('Students · 2,000 tokens a month');
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Give plan' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('0 tokens will expire, 2,000 tokens will be given').waitFor();
  await dialog.getByText(`The next renewal is on ${firstOfNextMonth()}.`).waitFor();
  assert.equal(await site.tokensOf('grace'), before, 'not before it is confirmed');
  await dialog.getByRole('button', { name: 'Give plan' }).click();
  await page.getByText('grace’s plan was changed.').waitFor();
  await page.getByText(sentence).waitFor();
  await page.getByText('Allowance · Students').waitFor();
  assert.equal(await site.tokensOf('grace'), before + 2_000);
  await page.goto('/admin/audit?target=grace');
  await page.getByRole('cell', { name: 'plan: none → Students' }).waitFor();
  await page.goto('/admin/audit?action=plan.create');
  await page.getByRole('link', { name: 'Students' }).click();
  await page.getByRole('heading', { name: 'Students' }).waitFor();
});

test('changing and ending a plan say how many accounts it is about', async () => {
  const { context } = site.server.chit;
  const plan = await makePlan(context, { name: 'Staff plan' });
  for (const id of site.ids.slice(2, 5)) await givePlan(context, id, plan.id);
  await page.goto(`/admin/plans/${plan.id}`);
  await page.getByLabel('Tokens per period').fill('1500');
  await page.getByLabel('Takes effect').first().selectOption('Now');
  await page.getByRole('button', { name: 'Change plan' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This affects 3 accounts.').waitFor();
  await dialog.getByText('3,000 tokens will expire, 4,500 tokens will be given.').waitFor();
  await dialog.getByRole('button', { name: 'Change plan' }).click();
  await page.getByText('The plan Staff plan was changed.').waitFor();
  await page.getByRole('button', { name: 'End plan' }).click();
  await dialog.getByText('This affects 3 accounts.').waitFor();
  await dialog.getByText('Nothing expires and nothing is given now.').waitFor();
  await dialog.getByRole('button', { name: 'End plan' }).click();
  await page.getByText('The plan Staff plan was ended.').waitFor();
  await page.goto('/admin/plans?ended=true');
  const row = page.getByRole('row', { name: 'Staff plan' });
  await row.getByText('ended').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
});

test('a plan is given to the users who are selected in the list', async () => {
  const { context } = site.server.chit;
  const plan = await makePlan(context, { name: 'Class' });
  await page.goto('/admin/');
  const rows = page.locator('tbody tr');
  for (const index of [2, 3]) await rows.nth(index).locator('input').click();
  await page.getByRole('toolbar').getByRole('button', { name: 'Give plan' }).click();
  await page.getByRole('heading', { name: 'Give a plan to 2 users' }).waitFor();
  const choice = page.getByRole('combobox', { name: 'Plan', exact: true });
  await choice.selectOption('Class · 1,000 tokens a month');
  await page.getByRole('button', { name: 'Give plan' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('0 tokens will expire, 2,000 tokens will be given').waitFor();
  await dialog.getByRole('button', { name: 'Give plan' }).click();
  await page.getByRole('heading', { name: 'Class' }).waitFor();
  assert.equal((await context.plans.accountCounts([plan.id])).get(plan.id), 2);
});

test('on a phone nothing is cut off, and the dark theme has enough contrast', async () => {
  const { context } = site.server.chit;
  const hours = { kind: 'hours', hours: 5 } as const;
  const windows = [{ limitCredits: 200, window: hours }];
  const plan = await makePlan(context, { name: 'A plan with quite a long name', windows });
  const [, , , , , id = 0] = site.ids;
  await givePlan(context, id, plan.id);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const path of ['plans', 'plans/new', `plans/${plan.id}`, `users/${id}`]) {
    await page.goto(`/admin/${path}`);
    await page.locator('main :is(form, table, dl)').first().waitFor();
    assert.ok((await horizontalOverflow(page)) <= 0, path);
    assert.deepEqual(await accessibilityViolations(page, 'dark'), [], path);
  }
});

test('users see their plan on the account page and above the statement', async () => {
  const { context } = site.server.chit;
  const account = { username: 'owner', password: PASSWORD, isStaff: false, isSuperuser: false };
  const id = await createAccount(context, account);
  const plan = await makePlan(context, { name: 'Mine', allowanceCredits: 1_000 });
  await givePlan(context, id, plan.id);
  const owner = await site.meet('owner');
  await owner.page.goto('/');
  await owner.signIn();
  for (const path of ['/account', '/statement']) {
    await owner.page.goto(path);
    const text = `1,000 tokens a month · renews on ${firstOfNextMonth()}`;
    await owner.page.getByText(text).waitFor();
    await owner.page.getByText('1,000 tokens of your balance will expire on').waitFor();
    assert.deepEqual(await accessibilityViolations(owner.page), []);
  }
  await owner.leave();
});

/** Groups in the panel: for staff, and for a manager, who sees nothing else. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import {
  accessibilityViolations,
  horizontalOverflow,
  PASSWORD,
  type Person,
} from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

const PEOPLE = ['maria', 'noor', 'otto'] as const;

let site: PanelSite;
before(async () => {
  site = await startPanelSite();
  for (const username of PEOPLE) {
    const flags = { isStaff: false, isSuperuser: false };
    await createAccount(site.server.chit.context, { username, password: PASSWORD, ...flags });
  }
});
after(() => site?.close());

function section(page: Page, title: string) {
  return page.locator('section.page-section', { has: page.getByRole('heading', { name: title }) });
}

/** Axe finds nothing, wide or on a phone, light or dark. */
async function isAccessible(page: Page): Promise<void> {
  for (const width of [390, 1_440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const faults = await accessibilityViolations(page, colorScheme);
      assert.deepEqual(faults, [], `${width} ${colorScheme}`);
      const wide = await horizontalOverflow(page);
      assert.ok(wide <= 0, `${wide} pixels too wide on ${width}`);
    }
  }
}

async function makeGroup(boss: Person): Promise<void> {
  const { page } = boss;
  await page.getByRole('navigation').getByRole('link', { name: 'Groups' }).click();
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByLabel('Group name', { exact: true }).fill('Class 7b');
  await page.getByRole('button', { name: 'Create group' }).click();
  await page.getByRole('heading', { name: 'Class 7b' }).waitFor();
  for (const [names, isManager] of [
    ['maria', true],
    ['noor\notto', false],
  ] as const) {
    const add = section(page, 'Members').locator('details');
    if ((await add.getAttribute('open')) === null) await add.locator('summary').click();
    await add.getByLabel('Usernames, one per line').fill(names);
    await add.getByLabel('As managers').setChecked(isManager);
    await add.getByRole('button', { name: 'Add members' }).click();
    await page.getByRole('link', { name: names.split('\n')[0] as string }).waitFor();
  }
  const pool = section(page, 'Add tokens to the pool or remove them');
  await pool.getByLabel('Tokens (minus removes)').fill('1000');
  await pool.getByLabel('Reason').fill('a new term');
  await pool.getByRole('button', { name: 'Apply to the pool' }).click();
  await page.getByText('Done. The pool has 1,000 tokens.').waitFor();
  const limits = section(page, 'Limits for each member');
  await limits.getByLabel('Tokens per member').fill('300');
  await limits.getByLabel('Period').selectOption('week');
  await limits.getByRole('button', { name: 'Add limit' }).click();
  await limits.getByText('300 tokens a week').waitFor();
}

test('staff set a group up, and its manager gives the pool out and sees nothing else', async () => {
  const boss = await site.enter('boss');
  await makeGroup(boss);
  await eventuallyEqual(
    async () => (await section(boss.page, 'Members').locator('tbody tr').all()).length,
    3,
  );
  await boss.page.getByLabel('Select noor').check();
  await isAccessible(boss.page);
  await boss.leave();

  const maria = await site.meet('maria');
  const { page } = maria;
  await page.goto('/admin/');
  await maria.signIn();
  await page.getByRole('link', { name: 'Class 7b' }).waitFor();
  const links = () => page.getByRole('navigation').getByRole('link').allInnerTexts();
  await eventuallyEqual(links, ['Chit', 'Groups', 'Back to chat']);
  await isAccessible(page);
  await page.getByRole('link', { name: 'Class 7b' }).click();
  await page.getByLabel('Select noor').check();
  await page.getByLabel('Select otto').check();
  const bar = page.getByRole('toolbar');
  await bar.getByLabel('Tokens per member').fill('600');
  await bar.getByLabel('Reason').fill('a project');
  await bar.getByRole('button', { name: 'Give to 2 members' }).click();
  await page
    .getByText('Nothing was given: the pool has less than 1,200 tokens that can be given out.')
    .waitFor();
  await bar.getByLabel('Tokens per member').fill('400');
  await bar.getByRole('button', { name: 'Give to 2 members' }).click();
  await page.getByText('Gave 800 tokens to 2 members.').waitFor();
  await page.locator('.ticket-number', { hasText: '200' }).waitFor();
  assert.equal(await site.tokensOf('noor'), 4_400);
  await eventuallyEqual(() => bar.getByRole('button', { name: 'Remove' }).count(), 0);
  await page.getByLabel('Change the limit of otto').click();
  await page.getByLabel('Limit for otto only').fill('50');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('0 of 50').waitFor();
  for (const path of ['/admin/users', '/admin/audit', '/admin/settings']) {
    await page.goto(path);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  }
  await maria.leave();

  const noor = await site.meet('noor');
  await noor.page.goto('/admin/');
  await noor.signIn();
  await noor.page.getByText('This page is for staff only.').waitFor();
  await noor.leave();
});

/** Vouchers from the panel to the account page: made, printed, redeemed, ended. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { createPlan } from '../../../src/app/credits/plans.ts';
import { accessibilityViolations, horizontalOverflow, type Person } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyMatch } from '../../support/eventually.ts';
import { intercept } from '../../support/intercept.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1_440, height: 900 };

let site: PanelSite;
let boss: Person;
let page: Page;

before(async () => {
  site = await startPanelSite();
  boss = await site.enter('boss');
  page = boss.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
});
after(() => site?.close());

/** Nothing is wrong with what is shown, in either theme, on a desk and on a phone. */
async function look(on: Page, where: string): Promise<void> {
  // What is pointed at has another colour.
  await on.mouse.move(0, 0);
  for (const size of [PHONE, WIDE]) {
    await on.setViewportSize(size);
    for (const colorScheme of ['dark', 'light'] as const) {
      await on.emulateMedia({ colorScheme });
      assert.deepEqual(await accessibilityViolations(on, colorScheme), [], where);
    }
    assert.equal(await horizontalOverflow(on), 0, `${where} at ${size.width}`);
  }
}

test('vouchers are made, printed and downloaded; one is redeemed, in German too', async () => {
  await page.getByRole('link', { name: 'Vouchers' }).click();
  await page.getByText('There are no vouchers yet.').waitFor();
  await page.getByRole('link', { name: 'New vouchers' }).click();
  await page.getByLabel('Name').fill('Spring fair');
  await page.getByLabel('Number of tokens').fill('250');
  await page.getByLabel('How many codes').fill('12');
  await page.getByLabel('Last day').fill('2031-12-31');
  await look(page, 'the form');
  // The answer is lost; sent again, the same vouchers are made once.
  const interception = await intercept(page, '**/api/admin/vouchers/', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.getByRole('button', { name: 'Create vouchers' }).click();
  await page.getByText('it is not known whether the vouchers were created').waitFor();
  interception.end();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('12 codes created.').waitFor();
  await page.getByText('0 of 12').waitFor();
  await eventuallyEqual(
    async () =>
      (await site.server.chit.context.vouchers.page({ beforeId: undefined, limit: 9 })).length,
    1,
  );

  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as CSV' }).click();
  const lines = (await readFile(await (await saved).path(), 'utf8')).trimEnd().split('\r\n');
  assert.equal(lines.length, 13);
  const code = lines[1]?.split(',')[1] ?? '';

  const ada = await site.meet();
  await ada.page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.enter();
  const before = (await site.tokensOf(ada.username)) ?? 0;
  await ada.page.goto('/account');
  const field = ada.page.getByLabel('Voucher code');
  await field.fill('ABCD-EFGH-JKMN-PQRS');
  await ada.page.getByRole('button', { name: 'Redeem' }).click();
  await ada.page.getByText('There is no such voucher. Check the code').waitFor();
  await field.fill(code.toLowerCase());
  await ada.page.getByRole('button', { name: 'Redeem' }).click();
  await ada.page.getByText('250 tokens added to your balance.').waitFor();
  assert.equal(await site.tokensOf(ada.username), before + 250);
  await ada.shows(before + 250);
  await look(ada.page, 'the account page');
  await ada.page.getByLabel('Language').selectOption('de');
  await ada.page.getByRole('heading', { name: 'Gutschein einlösen' }).waitFor();
  await ada.page.getByLabel('Gutscheincode').fill(code);
  await ada.page.getByRole('button', { name: 'Einlösen' }).click();
  await ada.page.getByText('so viele dieser Gutscheine eingelöst').waitFor();
  assert.equal(await site.tokensOf(ada.username), before + 250);
  await ada.page.goto('/statement');
  await ada.page.getByText('Gutschein · Spring fair').waitFor();
  await ada.leave();

  await page.reload();
  await page.getByText('1 of 12').waitFor();
  await page
    .getByRole('row')
    .filter({ hasText: ada.username })
    .getByText(`…${code.slice(-4)}`)
    .waitFor();
  await look(page, 'a batch');
  await page.getByRole('link', { name: 'Sheet to print' }).click();
  await page.getByText('11 codes; 1 used up and left out.').waitFor();
  await look(page, 'the sheet');
  await page.emulateMedia({ media: 'print' });
  const cards = page.locator('.voucher-cards li');
  await eventuallyEqual(() => cards.count(), 11);
  const card = () => cards.first().innerText();
  await eventuallyMatch(
    card,
    /Chit\s+Spring fair\s+250 tokens\s+[0-9A-Z-]{19}\s+Sign in at 127\.0\.0\.1/,
  );
  await eventuallyMatch(card, /Valid until .*2031/);
  await eventuallyEqual(() => page.locator('.page-head').isVisible(), false);
  await eventuallyEqual(() => page.locator('.panel-nav').isVisible(), false);
  await page.emulateMedia({ media: 'screen' });
});

test('vouchers for a plan name it, and who redeems one has it', async () => {
  const { context } = site.server.chit;
  const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
  const plan = {
    name: 'Course',
    allowanceCredits: 700,
    calendar: { kind: 'month', day: 1, timeZone: 'UTC' },
    windows: [],
    models: undefined,
    requestsPerMinute: undefined,
    usagePerMinute: undefined,
  } as const;
  await createPlan(context, by, plan, { isDryRun: false });
  await page.goto('/admin/vouchers/new');
  await page.getByLabel('Name').fill('Course members');
  await page.getByLabel('Each code gives').selectOption('plan');
  await page.locator('select[name=plan]').selectOption('Course');
  await page.getByLabel('Days', { exact: true }).fill('30');
  await page.getByLabel('How many codes').fill('1');
  await page.getByRole('button', { name: 'Create vouchers' }).click();
  await page.getByText('Course for 30 days').waitFor();
  await page.getByRole('link', { name: 'Sheet to print' }).click();
  const code = await page.locator('.voucher-code').innerText();
  const ada = await site.meet();
  await ada.enter();
  const before = (await site.tokensOf(ada.username)) ?? 0;
  await ada.page.goto('/account');
  await ada.page.getByLabel('Voucher code').fill(code);
  await ada.page.getByRole('button', { name: 'Redeem' }).click();
  await ada.page.getByText(/You now have the plan “Course”, until .* 700 tokens added/).waitFor();
  assert.equal(await site.tokensOf(ada.username), before + 700);
  await ada.leave();
  // All headings are in view on a phone, in German too.
  await page.setViewportSize(PHONE);
  for (const language of ['en', 'de']) {
    await page.evaluate(`localStorage.setItem('chit.language', '${language}')`);
    await page.goto('/admin/vouchers');
    await page.locator('tbody tr').first().waitFor();
    await eventuallyEqual(() => page.locator('.table-frame.scrolls').count(), 0, language);
  }
  await page.evaluate("localStorage.setItem('chit.language', 'en')");
  await page.setViewportSize(WIDE);
});

test('a batch is ended with a reason, and none of its codes gives anything', async () => {
  await page.goto('/admin/vouchers');
  await page.getByRole('link', { name: 'Spring fair' }).click();
  await page.getByRole('button', { name: 'End these vouchers' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('11 unused codes can no longer be redeemed.').waitFor();
  await dialog.getByLabel('Reason').fill('The sheet was lost');
  await dialog.getByRole('button', { name: 'End these vouchers' }).click();
  await page.getByText('These codes can no longer be redeemed.').waitFor();
  await page.locator('.chip.off', { hasText: 'ended' }).waitFor();
  await page.getByRole('link', { name: 'Audit log' }).last().click();
  await page.getByRole('cell', { name: 'Vouchers ended' }).waitFor();
  await page.getByText('The sheet was lost').waitFor();
  await page.goto('/admin/vouchers/none');
  await page.getByRole('heading', { name: 'Vouchers not found' }).waitFor();
});

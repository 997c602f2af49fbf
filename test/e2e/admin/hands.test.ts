/** What staff do most, in the panel, by touch alone on a phone. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { horizontalOverflow, PASSWORD, smallTargets } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

const TARGETS = 'button, a:not(p a), select, input, textarea, summary';

let site: PanelSite;

before(async () => {
  site = await startPanelSite();
});
after(() => site?.close());

/** Fingers hit all that can be pressed, fields do not zoom, and nothing is cut off. */
async function check(page: Page, within = '.panel'): Promise<void> {
  assert.deepEqual(await smallTargets(page, `${within} :is(${TARGETS})`), []);
  assert.ok((await horizontalOverflow(page)) <= 0, `${page.url()} scrolls sideways`);
}

async function type(field: Locator, text: string): Promise<void> {
  await field.tap();
  await field.page().keyboard.type(text);
}

/** Opens a page of the panel from its navigation, which covers nothing afterwards. */
async function openFromNavigation(page: Page, name: string): Promise<void> {
  const toggle = page.getByRole('button', { name: 'Administration' });
  const link = page.getByRole('navigation').getByRole('link', { name, exact: true });
  await eventuallyEqual(() => link.isVisible(), false);
  await toggle.tap();
  await link.waitFor();
  await check(page);
  await link.tap();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await eventuallyEqual(() => link.isVisible(), false);
}

test('by touch a user is found and given tokens, and the audit log says so', async () => {
  const phone = await site.browser.newContext({
    baseURL: site.server.url,
    locale: 'en-GB',
    hasTouch: true,
    isMobile: true,
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    viewport: { width: 390, height: 844 },
  });
  phone.setDefaultTimeout(20_000);
  const page = await phone.newPage();
  await page.goto('/admin/credits');
  await type(page.getByLabel('Username'), 'boss');
  await type(page.getByLabel('Password'), PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
  await page.getByLabel('Users and tokens').waitFor();
  await check(page);

  await openFromNavigation(page, 'Users');
  await page.locator('tbody tr').first().waitFor();
  await check(page);
  await type(page.getByLabel('Username starts with'), 'ada.8');
  await page.getByRole('link', { name: 'alan', exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'ada.8', exact: true }).tap();
  await page.getByRole('heading', { name: 'ada.8', level: 1 }).waitFor();
  await check(page);

  const before = (await site.tokensOf('ada.8')) ?? assert.fail();
  await page.getByRole('link', { name: 'Add or remove tokens' }).tap();
  await eventuallyEqual(() => page.getByLabel('Users and tokens').inputValue(), 'ada.8 ');
  await type(page.getByLabel('Same amount for everyone'), '250');
  await page.getByRole('button', { name: 'Set', exact: true }).tap();
  await type(page.getByLabel('Reason'), 'By touch');
  await page.getByRole('button', { name: 'Preview' }).tap();
  await page.getByText('1 account: 250 tokens added.').waitFor();
  await check(page);
  await page.getByRole('button', { name: 'Apply to 1 account' }).tap();
  await page.getByText('Added 250 tokens to ada.8.').waitFor();
  await page.getByText('Grant · By touch').waitFor();
  await check(page);
  assert.equal(await site.tokensOf('ada.8'), before + 250);

  await openFromNavigation(page, 'Audit log');
  await page.getByText('By touch').waitFor();
  await page.getByRole('button', { name: 'Filters' }).tap();
  await check(page);
  await page.getByLabel('Action').selectOption('credits.grant');
  await page.waitForURL(/action=credits.grant/);
  await page.getByText('By touch').waitFor();
  await phone.close();
});

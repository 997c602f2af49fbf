/** The log, models, chats and settings in the panel, in a real browser. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { AUDIT_ACTIONS } from '../../../src/core/audit-log.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { horizontalOverflow, PASSWORD, Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { eventuallyEqual, eventuallyPasses } from '../../support/eventually.ts';
import { startModelServer } from '../../support/model-server.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;
const DAY = 'YYYY-MM-DD'.length;
const PHONE = { width: 390, height: 844 };
const LONG_NAME = 'a-model-whose-name-goes-on-for-longer-than-a-telephone-is-wide-2026-11-23';

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

/** A day some days before this file started, in UTC. */
function dayBefore(days: number): string {
  return new Date(NOW_MS - days * DAY_MS).toISOString().slice(0, DAY);
}

test('the filter of the log names every action, and entries describe each change', async () => {
  await page.goto('/admin/audit');
  const action = page.getByLabel('Action', { exact: true });
  await action.waitFor();
  const values = await action
    .locator('option')
    .evaluateAll((options) => options.map((it) => it.getAttribute('value') ?? ''));
  assert.deepEqual(values.filter((it) => it !== '').toSorted(), AUDIT_ACTIONS.toSorted());
  const texts = await action.locator('option').allInnerTexts();
  assert.ok(texts.every((it) => !/[._]/.test(it)) && new Set(texts).size === texts.length);
  await page.goto(`/admin/users/${site.ids[3]}`);
  // The page has a session of its own by then, and renews it no more.
  await page.getByRole('button', { name: 'Make staff' }).waitFor();
  const body = { is_staff: true, reason: 'Runs the library' };
  const { access } = (await page.evaluate(
    `fetch('/api/session/refresh/', { method: 'POST' }).then((it) => it.json())`,
  )) as { access: string };
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' };
  await fetch(`${site.server.url}/api/admin/users/${site.ids[3]}/`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify(body),
  });
  await page.goto('/admin/audit?action=user.change');
  const row = page.getByRole('row', { name: /Runs the library/ });
  await row.getByText('staff: no → yes').waitFor();
  await eventuallyEqual(
    () => row.getByText('Account changed').getAttribute('title'),
    'user.change',
  );
});

test('the log is filtered by days and reasons, which are in the URL', async () => {
  await page.goto('/admin/audit?action=user.create');
  await page.getByText('No entries match.').waitFor();
  await page.goto('/admin/users/new');
  await page.getByLabel('Username', { exact: true }).fill('latecomer');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.locator('.fresh-key code').waitFor();
  await page.goto('/admin/audit?action=user.create');
  await page.getByRole('link', { name: 'latecomer' }).waitFor();
  const tomorrow = dayBefore(-2);
  await page.getByLabel('From', { exact: true }).fill(tomorrow);
  await page.getByText('No entries match.').waitFor();
  await page.waitForURL(new RegExp(`from=${tomorrow}`));
  await page.getByRole('button', { name: 'Clear dates' }).click();
  await page.getByRole('link', { name: 'latecomer' }).waitFor();
  await page.getByLabel('Reason contains').fill('no such words');
  await page.getByLabel('Reason contains').press('Enter');
  await page.waitForURL(/q=no/);
  await page.getByText('No entries match.').waitFor();
});

test('on a phone a log entry shows all its details, and the filters are collapsed', async () => {
  await page.setViewportSize(PHONE);
  await page.goto('/admin/audit?action=user.change');
  const row = page.getByRole('row', { name: /Runs the library/ });
  for (const text of ['staff: no → yes', 'Runs the library', '127.0.0.1']) {
    await eventuallyPasses(async () => {
      const box = await row.getByText(text).boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= PHONE.width, text);
    });
  }
  assert.ok((await horizontalOverflow(page)) <= 0);
  await eventuallyEqual(() => page.getByLabel('Reason contains').isVisible(), false);
  await page.getByRole('button', { name: 'Filters (1 set)' }).click();
  await eventuallyEqual(() => page.getByLabel('Reason contains').isVisible(), true);
});

test('testing a model shows the cost and the time, or why it failed', async () => {
  await page.goto('/admin/models');
  await page.getByLabel('Message').fill('Are you there?');
  await page.getByRole('button', { name: 'Send' }).click();
  const tried = page.locator('.tried');
  await tried.getByText('You said: Are you there?').waitFor();
  await tried.getByText(/^100 tokens · .* s$/).waitFor();
  await page.getByLabel('Message').fill(script({ fail: 'down' }));
  await page.getByRole('button', { name: 'Send' }).click();
  await tried.locator('.fault').waitFor();
  await eventuallyEqual(() => tried.getByText('You said').count(), 0);
  await eventuallyEqual(() => page.locator('.toast').count(), 0);
});

test('chats are shown only for a reason; a new search has none of the old results', async () => {
  await page.goto('/admin/chats');
  await page.getByLabel('Reason (required)').fill('A complaint');
  await page.getByRole('button', { name: 'View chats' }).click();
  await page.getByText('An answer.').first().waitFor();
  await page.getByLabel('Text of messages or answers').fill('something else');
  await page.getByText('View the chats again to see what matches.').waitFor();
  await eventuallyEqual(() => page.getByText('An answer.').count(), 0);
  await page.getByRole('button', { name: 'View chats' }).click();
  await page.getByText('No chats found.').waitFor();
  await page.goto('/admin/audit?action=chats.read');
  await page.getByText('search: something else').waitFor();
});

test('settings are searched from the URL, hide secrets and show their sources on a phone', async () => {
  await page.goto('/admin/settings?q=secret');
  await page.getByText('hidden').waitFor();
  await eventuallyEqual(() => page.getByText('CHIT_PORT').count(), 0);
  await page.setViewportSize(PHONE);
  await page.getByLabel('Search').fill('staff_reads');
  await page.waitForURL(/q=staff_reads/);
  await eventuallyPasses(async () => {
    const source = await page.getByText('environment', { exact: true }).boundingBox();
    assert.ok(source && source.x + source.width <= PHONE.width);
  });
  assert.ok((await horizontalOverflow(page)) <= 0);
});

test('a site without usage says so once; if staff may not read chats, the page says so at once', async () => {
  const model = { ...scriptedModel(flatPrice(1)), name: LONG_NAME };
  const fresh = await startModelServer([model], {});
  const flags = { isStaff: true, isSuperuser: true };
  await createAccount(fresh.chit.context, { username: 'head', password: PASSWORD, ...flags });
  const head = await Person.meet(site.browser, fresh.url, 'head');
  await head.page.goto('/admin/usage');
  await head.signIn();
  await head.page.getByText('No models were used in this time span.').waitFor();
  await eventuallyEqual(() => head.page.locator('figure, canvas, table').count(), 0);
  await head.page.getByRole('button', { name: 'Show the last 12 months' }).click();
  await head.page.waitForURL(/step=month/);
  await head.page.goto('/admin/chats');
  await head.page.getByText('Staff can’t view chats on this site.').waitFor();
  await eventuallyEqual(() => head.page.locator('form').count(), 0);
  await eventuallyEqual(() => head.page.getByText('Every search is recorded').count(), 0);
  await head.page.setViewportSize(PHONE);
  await head.page.goto('/admin/models');
  await head.page.getByText(LONG_NAME).first().waitFor();
  const tooWide = await horizontalOverflow(head.page);
  assert.ok(tooWide <= 0, `${tooWide} px too wide`);
  await head.leave();
  await fresh.close();
});

/** The list of users and the page of a user, in a real browser. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { createApiKey } from '../../../src/app/accounts/api-keys.ts';
import type { Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyMatch, eventuallyPasses } from '../../support/eventually.ts';
import { intercept } from '../../support/intercept.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

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

/** Opens the list sorted by name and waits until it has loaded. */
async function listByName(of: Page, more = ''): Promise<void> {
  await of.goto(`/admin/?sort=name${more}`);
  await of.locator('tbody tr').first().waitFor();
}

function selected(): Promise<string[]> {
  return page.locator('tr[aria-selected="true"] .user-name a').allInnerTexts();
}

function focused(): Promise<string> {
  return page.evaluate('document.activeElement.innerText');
}

async function press(...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

async function stateOf(username: string): Promise<boolean | undefined> {
  return (await site.server.chit.context.users.byUsername(username))?.isActive;
}

test('the search field follows the URL and does not restore an old search', async () => {
  const field = page.getByLabel('Username starts with');
  await field.fill('grace');
  await page.waitForURL(/q=grace/);
  await page.getByRole('navigation').getByRole('link', { name: 'Users' }).click();
  await page.getByRole('link', { name: 'ada', exact: true }).waitFor();
  await eventuallyEqual(() => field.inputValue(), '');
  // Longer than the debounce of the field.
  await page.waitForTimeout(400);
  assert.equal(new URL(page.url()).search, '');
  await page.goBack();
  await page.waitForURL(/q=grace/);
  await eventuallyEqual(() => field.inputValue(), 'grace');
});

test('Shift extends and shrinks a range, with keys and with clicks', async () => {
  await listByName(page);
  await page.locator('tbody tr').first().focus();
  await press('Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown');
  await eventuallyEqual(selected, ['ada', 'ada.8', 'alan', 'alan.10']);
  await press('Shift+ArrowUp', 'Shift+ArrowUp');
  await eventuallyEqual(selected, ['ada', 'ada.8']);
  const toolbar = page.getByRole('toolbar');
  await toolbar.getByRole('button', { name: 'Clear selection' }).click();
  await eventuallyEqual(selected, []);
  await eventuallyEqual(() => toolbar.count(), 0);
  await page.getByLabel('Select ada', { exact: true }).click();
  await page.getByLabel('Select barbara', { exact: true }).click({ modifiers: ['Shift'] });
  await eventuallyEqual(async () => (await selected()).length, 5);
  await page.getByLabel('Select alan', { exact: true }).click({ modifiers: ['Shift'] });
  await eventuallyEqual(selected, ['ada', 'ada.8', 'alan']);
});

test('one key selects all rows shown, another clears the selection', async () => {
  await listByName(page, '&role=staff');
  await page.locator('tbody tr').first().focus();
  await press('Control+a');
  await eventuallyEqual(selected, ['boss', 'clerk']);
  await press('Escape');
  await eventuallyEqual(selected, []);
});

test('one key skips the navigation, and Back returns to the same row', async () => {
  await listByName(page);
  await press('Tab');
  await eventuallyEqual(focused, 'Skip to the list');
  await press('Enter');
  await eventuallyMatch(focused, /^\s*ada\n/);
  await press('ArrowDown', 'ArrowDown', 'Enter');
  await page.getByRole('heading', { name: 'alan' }).waitFor();
  await eventuallyEqual(focused, 'alan');
  await eventuallyEqual(() => page.title(), 'alan – Chit');
  await page.goBack();
  await page.locator('tr:focus').waitFor();
  await eventuallyMatch(focused, /^\s*alan\n/);
  await eventuallyEqual(() => page.title(), 'Users – Chit');
});

test('a focused row is not hidden under the table header', async () => {
  await page.setViewportSize({ width: 1_440, height: 300 });
  await listByName(page);
  await page.locator('tbody tr').last().focus();
  for (let step = 0; step < 8; step += 1) await press('ArrowUp');
  const isFree = `scrollY > 0 && document.activeElement.getBoundingClientRect().top >=
      document.querySelector('thead').getBoundingClientRect().bottom - 1`;
  await eventuallyEqual(() => page.evaluate(isFree), true);
});

test('disabling many users shows beforehand who and how many, and who is skipped', async () => {
  await listByName(page, '&q=d');
  await press('Tab');
  await eventuallyEqual(focused, 'Skip to the list');
  await press('Enter');
  await page.locator('tr:focus').waitFor();
  await press('Control+a');
  await page.getByRole('button', { name: 'Disable 2 users' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByText('2 users, none of them staff, will no longer be able to sign in.')
    .waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await eventuallyEqual(() => stateOf('donald'), true);
  await page.getByRole('button', { name: 'Disable 2 users' }).click();
  await dialog.getByRole('button', { name: 'Disable 2 users' }).click();
  await page.getByText('2 users disabled.').waitFor();
  await eventuallyEqual(() => stateOf('donald'), false);
  await eventuallyEqual(() => stateOf('dennis'), false);
  await eventuallyEqual(() => stateOf('ada'), true);

  await listByName(page);
  await page.getByLabel('Select all shown').click();
  await page.getByRole('button', { name: /^Disable \d+ users$/ }).click();
  await dialog.getByText('1 of them staff').waitFor();
  await dialog.getByText('2 selected users are already disabled.').waitFor();
  await dialog.getByText('You (boss) are left out').waitFor();
  await press('Escape');
});

test('staff cannot disable superusers, and see that before they confirm', async () => {
  const clerk = await site.enter('clerk');
  await listByName(clerk.page, '&role=staff');
  const sent: string[] = [];
  clerk.page.on('request', (it) => {
    if (it.method() === 'POST' && it.url().includes('/users/')) sent.push(it.url());
  });
  await clerk.page.getByLabel('Select all shown').click();
  await clerk.page.getByRole('button', { name: 'Disable', exact: true }).click();
  const notice = clerk.page.locator('.toast');
  await notice.getByText('None of the selected users can be disabled.').waitFor();
  await eventuallyMatch(
    () => notice.innerText(),
    /You \(clerk\) are left out.*boss is left out: only a super/,
  );
  await eventuallyEqual(() => clerk.page.getByRole('dialog').count(), 0);
  assert.deepEqual(sent, []);
  await eventuallyEqual(() => clerk.page.getByRole('button', { name: 'Disable boss' }).count(), 0);
  await clerk.leave();
});

test('each row has its actions: a user is enabled again', async () => {
  await listByName(page, '&q=edsger');
  const row = page.locator('tbody tr').first();
  await row.hover();
  await row.getByRole('button', { name: 'Disable edsger' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('There are no sessions or API keys.').waitFor();
  await dialog.getByRole('button', { name: 'Disable', exact: true }).click();
  await page.getByText('edsger is disabled.').waitFor();
  await row.getByText('Disabled').waitFor();
  await row.getByRole('button', { name: 'Enable edsger' }).click();
  await dialog.getByText('edsger will be able to sign in again.').waitFor();
  await dialog.getByRole('button', { name: 'Enable', exact: true }).click();
  await page.getByText('edsger is enabled.').waitFor();
  await eventuallyEqual(() => stateOf('edsger'), true);
});

test('changes of keys and flags ask for confirmation and report what was done', async () => {
  const { context } = site.server.chit;
  const [, , alan = 0] = site.ids;
  const about = { models: undefined, budgetCredits: undefined, expiresAtMs: undefined };
  await createApiKey(context, { userId: alan, name: 'laptop', ...about });
  await page.goto(`/admin/users/${alan}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Revoke the API key laptop?' }).click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await eventuallyEqual(async () => (await context.apiKeys.of(alan)).length, 1);
  await page.getByRole('button', { name: 'Revoke the API key laptop?' }).click();
  await dialog.getByRole('button', { name: 'Revoke API key', exact: true }).click();
  await page.getByText('The API key laptop of alan was revoked.').waitFor();
  await eventuallyEqual(async () => (await context.apiKeys.of(alan)).length, 0);
  await page.getByText('No API keys. No active sessions.').waitFor();
  await eventuallyEqual(() => page.getByRole('heading', { name: 'API keys' }).count(), 0);

  await page.getByRole('button', { name: 'Make staff' }).click();
  await dialog.getByText('alan will be able to use this panel').waitFor();
  await dialog.getByRole('button', { name: 'Make staff' }).click();
  await page.getByText('alan is now staff.').waitFor();
  await page.getByRole('button', { name: 'Make superuser' }).click();
  await dialog.getByText('alan will be able to do everything here').waitFor();
  await press('Escape');
  const user = await context.users.byUsername('alan');
  assert.deepEqual([user?.isStaff, user?.isSuperuser], [true, false]);
});

test('the page of a user links to their log entries and their chats', async () => {
  await page.goto(`/admin/users/${site.ids[0]}`);
  await page.locator('.chart canvas').waitFor();
  await eventuallyMatch(() => page.locator('.ticket').innerText(), /[\d,]+\s+tokens/);
  await page.getByText('In numbers').click();
  await page.getByRole('columnheader', { name: 'Day (UTC)' }).waitFor();
  const ways = page.locator('.actions').first();
  assert.match(
    (await ways.getByRole('link', { name: 'Chats' }).getAttribute('href')) ?? '',
    /\/admin\/chats\?user=ada$/,
  );
  await ways.getByRole('link', { name: 'Audit entries' }).click();
  await page.waitForURL(/\/admin\/audit\?target=ada$/);
});

test('staff limit what a user spends, with a reason that the audit log keeps', async () => {
  await page.goto(`/admin/users/${site.ids[0]}`);
  const form = page.getByRole('form', { name: 'Limit set by staff' });
  await form.getByLabel('Tokens').fill('1234');
  await form.getByLabel('Period').selectOption('a week');
  await form.getByLabel('Reason').fill('for the term');
  await form.getByRole('button', { name: 'Set limit' }).click();
  const line = page.locator('.limit-line').filter({ hasText: 'Limit set by staff' });
  await line.getByText('1,234 tokens left').waitFor();
  await line.getByText('0 of 1,234 a week used').waitFor();
  await form.getByLabel('Reason').fill('over');
  await form.getByRole('button', { name: 'Remove limit' }).click();
  await line.waitFor({ state: 'detached' });
  await page.goto('/admin/audit?target=ada');
  await page.getByText('Limit set or removed').nth(1).waitFor();
  await page.getByText('for the term').waitFor();
  await page.getByText(/limit: 1,234, period: a week, from Monday \(/).waitFor();
});

test('unknown users and pages are reported, with a way back', async () => {
  for (const [address, sentence] of [
    ['/admin/users/999', 'There is no user with the ID 999'],
    ['/admin/users/nobody', 'There is no user with the ID nobody'],
    ['/admin/foo', 'There is no page at /admin/foo'],
    ['/admin/credits/foo', 'There is no page at /admin/credits/foo'],
  ] as const) {
    await page.goto(address);
    await page.getByText(sentence).waitFor();
    await page.getByRole('link', { name: 'All users' }).click();
    await page.locator('tbody tr').first().waitFor();
  }
});

test('a failed list can be retried; a failed next page keeps the rows that were there', async () => {
  const users = '**/api/admin/users/?*';
  const interception = await intercept(page, users, (route) =>
    route.fulfill({ status: 500, json: { detail: 'Oh.' } }),
  );
  await page.goto('/admin/?sort=name');
  await page.getByRole('alert').getByText('This couldn’t be loaded. Oh.').waitFor();
  interception.end();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('tbody tr').first().waitFor();
  await eventuallyEqual(() => page.getByRole('alert').count(), 0);

  await page.goto('/admin/?sort=name&limit=5');
  await page.getByRole('button', { name: 'Show more' }).waitFor();
  const cut = await intercept(page, users, (route) => route.abort());
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByRole('alert').waitFor();
  await eventuallyEqual(() => page.locator('tbody tr').count(), 5);
  cut.end();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('tbody tr').nth(9).waitFor();
  const names = await page.locator('.user-name a').allInnerTexts();
  assert.equal(new Set(names).size, 10);
});

test('several accounts are created one after the other', async () => {
  await page.getByRole('link', { name: 'New user' }).click();
  for (const name of ['first.of.two', 'second.of.two']) {
    await page.getByLabel('Username', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText(`The account ${name} was created.`).waitFor();
    await eventuallyEqual(() => page.getByRole('link', { name: `Open ${name}` }).count(), 1);
    await page.getByRole('button', { name: 'Create another' }).click();
    await eventuallyEqual(() => page.getByLabel('Username', { exact: true }).inputValue(), '');
  }
});

test('on a phone name and numbers are visible, and nothing scrolls sideways', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const place of ['', `users/${site.ids[0]}`]) {
    await page.goto(`/admin/${place}`);
    await page.locator('tbody tr').first().waitFor();
    for (const column of place === '' ? ['Balance'] : ['Amount', 'Balance']) {
      const head = page.getByRole('columnheader', { name: column });
      await eventuallyPasses(async () => {
        const box = await head.boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= 390, `${place} ${column}`);
      });
    }
    await eventuallyEqual(() => page.locator('.table-frame.scrolls').count(), 0);
  }
});

test('on a phone the actions stand in one row beside the heading, the others in a menu', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const head = page.locator('.page-head');
  await eventuallyPasses(async () => {
    const all = [head.locator('h1'), ...(await head.locator('a, button').all())];
    const boxes = await Promise.all(all.map((it) => it.boundingBox()));
    const middles = boxes.flatMap((it) => (it ? [Math.round(it.y + it.height / 2)] : []));
    assert.equal(middles.length, 3);
    assert.ok(Math.max(...middles) - Math.min(...middles) < 8, String(middles));
  });
  await head.getByRole('button', { name: 'More actions' }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Download as CSV' }).click();
  assert.equal((await saved).suggestedFilename(), 'users.csv');
  await head.getByRole('button', { name: 'More actions' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Import users' }).press('Enter');
  await page.waitForURL(/users\/import$/);
});

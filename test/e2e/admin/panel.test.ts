/** Every part of the panel in a real browser. */
import assert from 'node:assert/strict';
import { makeSetupLink } from '../../../src/app/accounts/one-time-links.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import {
  accessibilityViolations,
  horizontalOverflow,
  PASSWORD,
  type Person,
} from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyPasses } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { startModelServer } from '../../support/model-server.ts';
import { openPart, type PanelSite, startPanelSite } from '../../support/panel.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

let site: PanelSite;
let boss: Person;

before(async () => {
  site = await startPanelSite();
});
beforeEach(async () => {
  boss = await site.enter('boss');
  await boss.page.getByRole('heading', { name: 'Users' }).waitFor();
});
afterEach(() => boss.leave());
after(() => site?.close());

test('users who are not staff are told so and have no link to the panel', async () => {
  const ada = await site.meet();
  await ada.enter();
  await eventuallyEqual(() => ada.page.getByText('Administration').count(), 0);
  await ada.page.goto('/admin/users');
  await ada.page.getByText('This page is for staff only').waitFor();
  await eventuallyEqual(() => ada.page.getByRole('table').count(), 0);
  await ada.leave();
  await boss.page.goto('/');
  // Nothing stands beside the name of staff that would cut it.
  const name = boss.page.locator('.account-name');
  await name.waitFor();
  const isCut = "(it => it.scrollWidth > it.clientWidth)(document.querySelector('.account-name'))";
  await eventuallyEqual(() => boss.page.evaluate(isCut), false);
  await boss.page.locator('.account-chip').click();
  await boss.page.getByRole('menuitem', { name: 'Administration' }).click();
  await boss.page.getByRole('heading', { name: 'Users' }).waitFor();
});

test('the pages of the panel are in groups, and the last can be reached on a low screen', async () => {
  const { page } = boss;
  await page.setViewportSize({ width: 1_280, height: 480 });
  const navigation = page.getByRole('navigation');
  await eventuallyEqual(
    () => navigation.locator('p').allInnerTexts(),
    ['People', 'Tokens', 'Operation', 'Site'],
  );
  const people = navigation.getByRole('list', { name: 'People' }).getByRole('link');
  await eventuallyEqual(
    () => people.allInnerTexts(),
    ['Users', 'Invitations', 'Groups', 'Directory'],
  );
  assert.deepEqual(await accessibilityViolations(page), []);
  const last = navigation.getByRole('link', { name: 'Admin keys' });
  await last.scrollIntoViewIfNeeded();
  await eventuallyPasses(async () => {
    const { y = 0 } = (await last.boundingBox()) ?? {};
    assert.ok(y > 0 && y < 440, `at ${y}`);
  });
});

test('a range selected with Shift gets tokens: previewed first, then booked', async () => {
  const { page } = boss;
  await page.getByRole('button', { name: 'Username' }).click();
  await page.getByRole('button', { name: 'Username' }).click();
  await page.getByLabel('Username starts with').fill('ada');
  await page.getByRole('link', { name: 'ada.8', exact: true }).waitFor();
  await page.getByLabel('Username starts with').fill('');
  await page.getByRole('link', { name: 'alan', exact: true }).waitFor();
  await page.getByLabel('Select ada', { exact: true }).click();
  await page.getByLabel('Select alan.10', { exact: true }).click({ modifiers: ['Shift'] });
  await page.getByText('4 selected').waitFor();
  const before = await site.tokensOf('alan');
  await page.getByRole('button', { name: 'Add or remove tokens: 4' }).click();
  await page.getByLabel('Same amount for everyone').fill('250');
  await page.getByRole('button', { name: 'Set' }).click();
  await page.getByLabel('Reason').fill('Term begins');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('4 accounts: 1,000 tokens added.').waitFor();
  assert.equal(await site.tokensOf('alan'), before);
  await page.getByRole('button', { name: 'Apply to 4 accounts' }).click();
  await page.getByText('Done. 4 accounts: 1,000 tokens added.').waitFor();
  assert.equal(await site.tokensOf('alan'), (before ?? 0) + 250);
});

test('a pasted list with an unknown user cannot be booked', async () => {
  const { page } = boss;
  const before = await site.tokensOf('grace');
  await page.getByRole('link', { name: 'Credits' }).click();
  await page.getByLabel('Users and tokens').fill('grace, 10\nwho is this 5\n');
  await page.getByLabel('Reason').fill('A list');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('1 problem.').waitFor();
  await page.getByText('Line 2: There is no such user.').waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Apply to' }).count(), 0);
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await page.getByLabel('Users and tokens').fill('grace');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('Line 1: a username followed by a whole number').waitFor();
  assert.equal(await site.tokensOf('grace'), before);
});

test('disabling a user stops their reply in progress', async () => {
  const ada = await site.meet();
  await ada.enter();
  await ada.say(script({ say: 'one ' }, held().step, { say: 'two' }));
  await ada.page.locator('.answer').getByText('one').waitFor();
  const { page } = boss;
  await page.getByLabel('Username starts with').fill(ada.username);
  await page.getByRole('link', { name: ada.username, exact: true }).click();
  await page.getByText('scripted').first().waitFor();
  await page.getByRole('button', { name: 'Disable' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 session stops working within a second.').waitFor();
  await dialog.getByText('1 answer in progress stops').waitFor();
  await dialog.getByLabel('Reason').fill('A complaint');
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await page.getByText(`${ada.username} is disabled.`).waitFor();
  await page.getByText('No answers in progress.').waitFor();
  await page.locator('.chip.off').waitFor();
  await page.getByRole('button', { name: 'Enable' }).waitFor();
  await page.goto(`/admin/audit?target=${ada.username}`);
  await page.getByText('active: yes → no').waitFor();
  await page.getByText('A complaint').waitFor();
  await ada.context.close();
});

test('a charge is refunded, and the statement says by whom', async () => {
  const { page } = boss;
  await page.goto(`/admin/users/${site.ids[0]}`);
  const before = (await site.tokensOf('ada')) ?? 0;
  const row = page.locator('tr', { hasText: 'Message' }).first();
  await row.hover();
  await row.getByRole('button', { name: 'Refund' }).click();
  const dialog = page.getByRole('dialog');
  const deed = dialog.getByRole('button', { name: /^Refund \d+ tokens?$/ });
  await eventuallyEqual(() => deed.isDisabled(), true);
  await dialog.getByLabel('Reason').fill('It was wrong');
  await deed.click();
  await page.getByText(/^Refunded \d+ tokens? to ada\./).waitFor();
  await page.getByText('Refund · It was wrong').waitFor();
  // A refunded charge is not offered for a refund again.
  const given = page.locator('tr', { hasText: 'refunded' });
  await eventuallyEqual(() => given.getByRole('button').count(), 0);
  await page.getByText('by boss').first().waitFor();
  assert.ok(((await site.tokensOf('ada')) ?? 0) > before);
});

test('an account is created, its owner sets a password with the link, and it is deleted', async () => {
  const { page } = boss;
  await page.getByRole('link', { name: 'New user' }).click();
  await page.getByLabel('Username', { exact: true }).fill('newcomer');
  await page.getByRole('button', { name: 'Create account' }).click();
  const link = await page.locator('.fresh-key code').innerText();
  const visitor = await site.browser.newContext({ locale: 'en-GB' });
  const theirs = await visitor.newPage();
  await theirs.goto(link);
  await theirs.getByLabel('Password').fill(PASSWORD);
  await theirs.getByRole('button', { name: 'Save' }).click();
  await theirs.getByRole('button', { name: 'Sign in' }).click();
  await theirs.getByLabel('Username').fill('newcomer');
  await theirs.getByLabel('Password').fill(PASSWORD);
  await theirs.getByRole('button', { name: 'Sign in' }).click();
  await theirs.getByLabel('Ask anything').waitFor();
  await theirs.goto('/account').catch(() => theirs.goto(`${site.server.url}/account`));
  await theirs.getByText('can read your chats').waitFor();
  await visitor.close();

  await page.getByText('The account newcomer was created.').waitFor();
  await page.getByRole('link', { name: 'newcomer' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByText(/newcomer has [\d,]+ tokens; the balance is forfeited\. 1 session/)
    .waitFor();
  const deed = dialog.getByRole('button', { name: 'Delete', exact: true });
  await eventuallyEqual(() => deed.isDisabled(), true);
  await dialog.getByLabel('Type newcomer to confirm').fill('newcomer');
  await deed.click();
  await page.getByRole('heading', { name: 'Users' }).waitFor();
  await page.getByText('newcomer was deleted.').waitFor();
  assert.equal(await site.server.chit.context.users.byUsername('newcomer'), undefined);
});

test('everything works with the keyboard alone', async () => {
  const { page } = boss;
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.getByLabel('Username starts with').focus();
  await page.keyboard.type('ada');
  await page.waitForURL(/q=ada/);
  // The list before is still there for a moment, and takes the focus with it when it goes.
  await page.getByRole('link', { name: 'ada.8', exact: true }).waitFor();
  await page.getByRole('link', { name: 'alan', exact: true }).waitFor({ state: 'detached' });
  while (!(await page.evaluate("document.activeElement.tagName === 'TR'"))) await press('Tab');
  await press('Space', 'Shift+ArrowDown');
  await page.getByText('2 selected').waitFor();
  await press('ArrowUp', 'Enter');
  await page.getByRole('heading', { name: 'ada' }).waitFor();
  while (!(await page.evaluate("document.activeElement.innerText === 'Disable'"))) {
    await press('Tab');
  }
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const user = await site.server.chit.context.users.byUsername('ada');
  assert.equal(user?.isActive, true);
});

test('axe finds nothing on any page, in either theme', async () => {
  const { page } = boss;
  const places = ['credits', 'users', `users/${site.ids[0]}`, 'users/new', 'usage', 'chats'];
  for (const place of [...places, 'models', 'settings', 'audit']) {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await openPart(page, place);
    await page.locator('table, form').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const faults = await accessibilityViolations(page, colorScheme);
      assert.deepEqual(faults, [], `${place}, ${colorScheme}`);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await horizontalOverflow(page);
    assert.ok(width <= 0, `${place} is wider than a phone`);
    await page.setViewportSize({ width: 1_440, height: 900 });
  }
});

test('the first superuser is created in the browser with the link', async () => {
  const fresh = await startModelServer([scriptedModel(flatPrice(1))]);
  const link = await makeSetupLink(fresh.chit.context);
  const visitor = await site.browser.newContext({ baseURL: fresh.url, locale: 'en-GB' });
  const page = await visitor.newPage();
  await page.goto(link?.path ?? '');
  await page.getByLabel('Username').fill('first');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { name: 'Users' }).waitFor();
  await page.getByRole('link', { name: 'first', exact: true }).waitFor();
  await page.goto(link?.path ?? '');
  await page.getByLabel('Username').fill('second');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page
    .getByRole('alert')
    .getByText('This link has expired, or was used or replaced.')
    .waitFor();
  await visitor.close();
  await fresh.close();
});

/** Passwords in the page: changing one's own, and being told of a reset. */
import assert from 'node:assert/strict';
import { createUser, passwordLinkFor } from '../../../src/app/accounts/manage-users.ts';
import { choosePassword } from '../../../src/app/accounts/one-time-links.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const NEW = 'another passphrase';
const address = '192.0.2.1';

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(100))]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

test('who changes the password stays signed in, and the old one is gone', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.openAccount();
  await page.getByLabel('Current password').fill(PASSWORD);
  const field = page.getByLabel('New password');
  const change = page.getByRole('button', { name: 'Change password' });
  await field.fill('Password123');
  await change.click();
  await page.getByText('This password is among the most common ones. Choose another.').waitFor();
  // It is shown as it is typed, and nothing of a long one is cut off.
  await page.getByRole('button', { name: 'Show' }).last().click();
  await eventuallyEqual(() => field.getAttribute('type'), 'text');
  await field.fill('v'.repeat(300));
  await eventuallyEqual(async () => (await field.inputValue()).length, 300);
  await page.getByRole('button', { name: 'Hide' }).click();
  await eventuallyEqual(() => field.getAttribute('type'), 'password');
  await eventuallyEqual(() => field.getAttribute('autocomplete'), 'new-password');
  await field.fill(NEW);
  await change.click();
  await page.getByText('Your password was changed.').waitFor();
  // A request of the next second, when the server looks the user up anew.
  await page.waitForTimeout(1_100);
  await page.getByRole('link', { name: 'Back' }).click();
  await ada.say('still here');
  await ada.answered();
  await page.reload();
  await page.getByLabel('Ask anything').waitFor();
});

test('a reset by a link of staff is told at the next sign-in until it is closed', async () => {
  const { page, username } = ada;
  const { context } = site.server.chit;
  await ada.enter();
  const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
  const flags = { isStaff: true, isSuperuser: false };
  const { user: staff } = await createUser(context, by, {
    username: `Staff of ${username}`,
    password: PASSWORD,
    openingCredits: 0,
    ...flags,
  });
  const user = await context.users.byUsername(username);
  assert.ok(user);
  await context.users.noteSeen(context.lastSeen.take());
  const principal = { actor: `user:${staff.id}`, address, user: staff } as const;
  const { path } = await passwordLinkFor(context, principal, user.id);
  const token = path.split('#')[1] ?? '';
  await choosePassword(context, { token, password: NEW, address });

  await page.waitForTimeout(1_100);
  await page.reload();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(NEW);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const notice = page.getByText(`with a link that ${staff.username} made`);
  await notice.waitFor();
  await page.reload();
  await notice.waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await eventuallyEqual(() => notice.count(), 0);
  await page.reload();
  await page.getByLabel('Ask anything').waitFor();
  await eventuallyEqual(() => notice.count(), 0);
});

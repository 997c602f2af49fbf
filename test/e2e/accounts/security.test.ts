/** What the page tells of who can use the account, and how other sessions are ended. */
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD, type Person } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;
let here: Person;
let there: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(100))]);
  here = await site.meet('margaret');
  there = await site.meet('margaret');
});
after(async () => {
  await here?.leave();
  await there?.leave();
  await site?.close();
});

test('a sign-in in another browser is told here, once, and can be ended from there', async () => {
  const { page } = here;
  await here.enter();
  const { users, lastSeen } = site.server.chit.context;
  await users.noteSeen(lastSeen.take());
  await there.enter();
  const news = page.getByText(/^New sign-in: .+, from 127\.0\.0\.1\.$/);
  // Nobody is told of the sign-in that they have just made.
  await there.page.reload();
  await there.page.getByLabel('Ask anything').waitFor();
  await page.reload();
  await news.waitFor();
  await eventuallyEqual(() => there.page.getByText('New sign-in').count(), 0);

  await page.getByRole('button', { name: 'It wasn’t me' }).click();
  const sessions = page.locator('section', { hasText: 'Active sessions' });
  await sessions.getByText('from 127.0.0.1').first().waitFor();
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await page.getByText('You are signed in only here now.').waitFor();
  await eventuallyEqual(() => sessions.locator('li').count(), 1);
  await news.waitFor();

  await there.page.reload();
  await there.page.getByLabel('Password').waitFor();
  await page.goto('/');
  await page.getByLabel('Ask anything').waitFor();
  await page.waitForLoadState('networkidle');
  await eventuallyEqual(() => news.count(), 0);
});

test('the account page is in parts, with what belongs together in one', async () => {
  const { page } = here;
  await here.openAccount();
  await page.getByRole('heading', { name: 'Account activity' }).waitFor();
  const parts = page.locator('.account-group');
  await eventuallyEqual(
    () => parts.locator('> h2').allInnerTexts(),
    [
      'Display and chats',
      'Tokens and API keys',
      'Sign-in and security',
      'E-mail and notifications',
      'Files and data',
    ],
  );
  await eventuallyEqual(
    () => parts.nth(2).locator('section h2').allInnerTexts(),
    ['Passkeys and second factors', 'Change password', 'Active sessions', 'Account activity'],
  );
  await page.goto('/');
});

test('what one has done here is not told here, but on the account page', async () => {
  const { page } = here;
  await here.openAccount();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('another passphrase');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password was changed.').waitFor();
  const read = page.waitForResponse((it) => it.url().includes('/api/account/notices/'));
  await page.goto('/');
  await read;
  await page.getByLabel('Ask anything').waitFor();
  await eventuallyEqual(() => page.getByText('Your password was changed,').count(), 0);
  await here.openAccount();
  await page.getByText(/^Your password was changed, .+, from 127\.0\.0\.1\.$/).waitFor();
});

/** The page under a path of its host: loading, signing in, links, the panel, and a shared chat. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../src/core/pricing.ts';
import { PASSWORD, type Person } from '../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../support/browser-test.ts';
import { createAccount } from '../support/chit.ts';
import { eventuallyEqual } from '../support/eventually.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { type Site, startSite } from '../support/site.ts';

const PUBLIC = 'https://people.test/team/chat';

let site: Site;
let boss: Person;
let page: Page;
/** Paths that the page asked for outside of the path of the site. */
let outside: string[];

before(async () => {
  const settings = { CHIT_PUBLIC_URL: `${PUBLIC}/` };
  site = await startSite([scriptedModel(flatPrice(1))], settings);
  const staff = { username: 'boss', password: PASSWORD, isStaff: true, isSuperuser: true };
  await createAccount(site.server.chit.context, staff);
});
beforeEach(async () => {
  boss = await site.meet('boss');
  page = boss.page;
  outside = [];
  page.on('request', (request) => {
    const { protocol, pathname } = new URL(request.url());
    if (/^http/.test(protocol) && !pathname.startsWith('/team/chat/')) outside.push(pathname);
  });
});
afterEach(async () => {
  assert.deepEqual(outside, []);
  await boss.leave();
});
after(() => site?.close());

/** Waits for the address of a page of the site. */
function shows(path: string): Promise<void> {
  return page.waitForURL(`${site.server.url}/team/chat${path}`);
}

test('the chat stays under the path of the site', async () => {
  await page.goto('/team/chat/');
  await boss.enter();
  await boss.say(script({ say: 'Hello from below' }));
  const answer = page.getByText('Hello from below', { exact: true });
  await answer.waitFor();
  await shows('/c/*');
  await page.reload();
  await answer.waitFor();

  await boss.choose('Share');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  const link = await dialog.getByLabel('Link to this chat').inputValue();
  assert.ok(link.startsWith(`${PUBLIC}/shared/`), link);
  await page.keyboard.press('Escape');

  await boss.openAccount();
  await shows('/account');
  await eventuallyEqual(() => page.locator('a.back').getAttribute('href'), '/team/chat/');
  await page.goBack();
  await answer.waitFor();

  await page.goto(link.replace(PUBLIC, '/team/chat'));
  await answer.waitFor();
  await page.goto('/team/chat/nowhere/at/all');
  await page.locator('a.button').click();
  await shows('/');
});

test('the panel stays there too, and its links for others have the public address', async () => {
  await page.goto('/team/chat/admin/');
  await boss.signIn();
  await page.getByRole('link', { name: 'New user' }).click();
  await shows('/admin/users/new');
  await page.getByLabel('Username').fill('carol');
  await page.getByRole('button', { name: 'Create' }).click();
  const link = await page.locator('.fresh-key code').innerText();
  assert.ok(link.startsWith(`${PUBLIC}/reset#`), link);
  await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click();
  await shows('/admin/models');
  await page.locator('a.to-chat').click();
  await shows('/');
  await page.getByLabel('Ask anything').waitFor();

  await page.goto(link.replace(PUBLIC, '/team/chat'));
  await page.locator('input[type=password]').first().waitFor();
});

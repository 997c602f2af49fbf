/** Backups in the panel, in a real browser. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { horizontalOverflow, PASSWORD, Person, sharedBrowser } from '../../support/browser.ts';
import { closeContexts } from '../../support/browser-contexts.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import { newFolder } from '../../support/server.ts';

const folder = newFolder();
const file = join(folder, 'chit.json');
let browser: Browser;
let server: FileServer;

before(async () => {
  const models = [{ name: 'small', provider: 'demo', price: { perMessage: 10 } }];
  writeFileSync(file, JSON.stringify({ models }));
  server = await startFileServer(file, {
    CHIT_DATABASE_URL: `sqlite:${join(folder, 'chit.db')}`,
  });
  for (const [username, isSuperuser] of Object.entries({ boss: true, clerk: false })) {
    const flags = { isStaff: true, isSuperuser };
    await createAccount(server.chit.context, { username, password: PASSWORD, ...flags });
  }
  browser = await sharedBrowser();
});
after(async () => {
  if (browser) await closeContexts(browser);
  await server?.close();
  rmSync(folder, { recursive: true });
});

test('it is asked until the backup is done, also after an answer that failed', async () => {
  const boss = await Person.meet(browser, server.url, 'boss');
  const { page } = boss;
  let asks = 0;
  await page.route('**/api/admin/backups/', async (route) => {
    asks += 1;
    if (asks === 3) return route.fulfill({ status: 502, body: '' });
    const answer = await route.fetch();
    const running = asks < 5 ? { since: '2026-01-01T00:00:00Z' } : null;
    return route.fulfill({ json: { ...(await answer.json()), running } });
  });
  await page.goto('/admin/backups');
  await boss.signIn();
  await page.locator('button:enabled', { hasText: 'Back up now' }).waitFor();
  assert.equal(asks, 5);
  await page.close();
});

test('a superuser makes a backup and sees it, and what is wrong', async () => {
  const boss = await Person.meet(browser, server.url, 'boss');
  const { page } = boss;
  await page.goto('/admin/backups');
  await boss.signIn();
  await page.getByText('There are no backups yet.').waitFor();
  const button = page.getByRole('button', { name: 'Back up now' });
  await button.click();
  await page.getByRole('row', { name: /panel .* kB 2 .* ledger verified chit-/ }).waitFor();
  await page.getByText('Last good backup:').waitFor();
  await page.getByText('A backup is made every day and before each upgrade.').waitFor();
  await eventuallyEqual(() => page.getByRole('alert').count(), 0);
  for (const width of [390, 820, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await horizontalOverflow(page), 0);
  }
  await page.locator('button:enabled', { hasText: 'Back up now' }).waitFor();
  rmSync(join(folder, 'backups'), { recursive: true });
  writeFileSync(join(folder, 'backups'), 'in the way');
  await button.click();
  await page
    .getByRole('alert')
    .getByText(/^The backup of .* failed:/)
    .waitFor();
  await page.close();
});

test('for other staff there is no such page', async () => {
  const clerk = await Person.meet(browser, server.url, 'clerk');
  const { page } = clerk;
  await page.goto('/admin/backups');
  await clerk.signIn();
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await eventuallyEqual(() => page.getByRole('link', { name: 'Backups' }).count(), 0);
});

/** The health check of the panel, in a real browser. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { horizontalOverflow, PASSWORD, Person, sharedBrowser } from '../../support/browser.ts';
import { closeContexts } from '../../support/browser-contexts.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { eventuallyEqual, eventuallyMatch, eventuallyPasses } from '../../support/eventually.ts';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import { newFolder } from '../../support/server.ts';

const folder = newFolder();
const file = join(folder, 'chit.json');
let browser: Browser;
let server: FileServer;

before(async () => {
  const providers = { dead: { wire: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } };
  const models = [{ name: 'small', provider: 'dead', price: { perMessage: 10 } }];
  writeFileSync(file, JSON.stringify({ providers, models }));
  server = await startFileServer(file, {
    CHIT_DATABASE_URL: `sqlite:${join(folder, 'chit.db')}`,
    CHIT_PASSWORD_MIN_LENGTH: '1',
  });
  const flags = { isStaff: true, isSuperuser: true };
  await createAccount(server.chit.context, { username: 'boss', password: PASSWORD, ...flags });
  browser = await sharedBrowser();
});
after(async () => {
  if (browser) await closeContexts(browser);
  await server?.close();
  rmSync(folder, { recursive: true });
});

test('a superuser has the installation checked and reads what to do, in both languages', async () => {
  const boss = await Person.meet(browser, server.url, 'boss');
  const { page } = boss;
  await page.goto('/admin/doctor');
  await boss.signIn();
  const button = page.getByRole('button', { name: 'Check now' });
  await button.waitFor();
  await eventuallyEqual(() => page.getByRole('row').count(), 0, 'nothing is checked unasked');
  await button.click();
  const fault = page.getByRole('row', { name: /^Providers Fault dead cannot be used/ });
  await fault.waitFor();
  await page.getByRole('row', { name: /Warning Passwords may have a single character/ }).waitFor();
  await page.getByText(/^\d+ findings to look at\.$/).waitFor();
  for (const width of [390, 820, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await horizontalOverflow(page), 0);
  }
  // The worst comes first, and what to do stands below what was found, also on a phone.
  await eventuallyMatch(() => page.locator('tbody tr').first().innerText(), /Fault/);
  await page.setViewportSize({ width: 390, height: 800 });
  await eventuallyPasses(async () => {
    const advice = await page.locator('.faulty .hint').boundingBox();
    const found = await page.locator('.faulty [data-name=Found] > div').boundingBox();
    assert.ok(advice && found && advice.x === found.x && advice.width > 200);
  });
  await page.setViewportSize({ width: 1440, height: 800 });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('link', { name: 'Prüfung' }).click();
  await page.getByRole('button', { name: 'Jetzt prüfen' }).click();
  await page.getByRole('row', { name: /^Anbieter Fehler dead ist nicht nutzbar/ }).waitFor();
  await page.close();
});

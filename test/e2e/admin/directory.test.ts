/** Tokens of directories in the panel, in a real browser. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { horizontalOverflow, PASSWORD, Person, sharedBrowser } from '../../support/browser.ts';
import { closeContexts } from '../../support/browser-contexts.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

let browser: Browser;
let server: ModelServer;

before(async () => {
  server = await startModelServer([scriptedModel(flatPrice(1))]);
  for (const [username, isSuperuser] of Object.entries({ boss: true, clerk: false })) {
    const flags = { isStaff: true, isSuperuser };
    await createAccount(server.chit.context, { username, password: PASSWORD, ...flags });
  }
  browser = await sharedBrowser();
});
after(async () => {
  if (browser) await closeContexts(browser);
  await server?.close();
});

test('a superuser makes a token, a directory uses it, and it is revoked', async () => {
  const boss = await Person.meet(browser, server.url, 'boss');
  const { page } = boss;
  await page.goto('/admin/directory');
  await boss.signIn();
  await page.getByText('There are no SCIM tokens yet.').waitFor();
  await page.getByText('/scim/v2').waitFor();
  await page.getByLabel('Name of the directory').fill('Entra ID');
  await page.getByLabel('Valid for').selectOption('90 days');
  await page.getByRole('button', { name: 'Create SCIM token' }).click();
  const shown = page.getByText(/^chit_scim_.{40,}$/);
  await shown.waitFor();
  const token = (await shown.textContent()) ?? '';
  const row = page.getByRole('row', { name: /^Entra ID chit_scim_/ });
  await row.getByText('never').waitFor();
  await row.getByText('boss').waitFor();
  const users = () =>
    send(`${server.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await users()).status, 200);
  for (const width of [390, 820, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await horizontalOverflow(page), 0);
  }
  await page.getByRole('button', { name: 'Revoke the SCIM token “Entra ID”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('The SCIM token is revoked.').waitFor();
  await page.getByText('There are no SCIM tokens yet.').waitFor();
  await eventuallyEqual(() => shown.count(), 0, 'what does not work is not offered to be copied');
  assert.equal((await users()).status, 401);
  await page.close();
});

test('for other staff there is no such page', async () => {
  const clerk = await Person.meet(browser, server.url, 'clerk');
  const { page } = clerk;
  await page.goto('/admin/directory');
  await clerk.signIn();
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await eventuallyEqual(() => page.getByRole('link', { name: 'Directory' }).count(), 0);
});

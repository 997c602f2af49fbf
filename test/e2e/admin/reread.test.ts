/** The configuration file in the panel, in a real browser. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
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

const write = (perMessage: number, more: object = {}) =>
  writeFileSync(
    file,
    JSON.stringify({
      models: [{ name: 'small', provider: 'demo', price: { perMessage } }],
      ...more,
    }),
  );

before(async () => {
  write(10, { limits: { account: { requestsPerMinute: 60 } }, aliases: { 'gpt-4o': 'small' } });
  server = await startFileServer(file, { CHIT_CONCURRENT_GENERATIONS: '4' });
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

async function enter(username: string): Promise<Person> {
  const person = await Person.meet(browser, server.url, username);
  await person.page.goto('/admin/models');
  await person.signIn();
  await person.page.getByText('60', { exact: true }).waitFor();
  return person;
}

test('a superuser sees what the file would change, and puts it in force', async () => {
  const boss = await enter('boss');
  const { page } = boss;
  const limits = page.getByRole('region', { name: 'Rate limits' });
  await limits.getByRole('row', { name: /requests per minute, each account 60 conf/ }).waitFor();
  await limits.getByText('CHIT_CONCURRENT_GENERATIONS').waitFor();
  await page.getByText('gpt-4o').waitFor();

  const check = page.getByRole('button', { name: 'Check for changes' });
  await check.click();
  await page.getByText('The file matches the configuration in effect.').waitFor();

  writeFileSync(file, '{ "models": ');
  await check.click();
  await page.getByText('the file ends here, but the { in line 1 is not closed.').waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Apply' }).count(), 0);

  write(25);
  await check.click();
  await page.getByRole('row', { name: 'models.small.price.perMessage 10 25' }).waitFor();
  assert.deepEqual(server.chit.context.catalogue.find('small')?.price, flatPrice(10));
  assert.equal(await horizontalOverflow(page), 0);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText(/^Applied\./).waitFor();
  await page.getByText('25 per message').waitFor();
  assert.deepEqual(server.chit.context.catalogue.find('small')?.price, flatPrice(25));
  write(10, { limits: { account: { requestsPerMinute: 60 } } });
  await check.click();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('10 per message').waitFor();
  await boss.leave();
});

test('staff see the limits, but no button', async () => {
  const clerk = await enter('clerk');
  await eventuallyEqual(
    () => clerk.page.getByRole('button', { name: 'Check for changes' }).count(),
    0,
  );
  await clerk.leave();
});

/** Who pays, what limits it, and what the page says of it. */
import assert from 'node:assert/strict';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { accessibilityViolations, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { databaseKind } from '../../support/databases.ts';
import { eventuallyEqual, eventuallyMatch } from '../../support/eventually.ts';
import { newPool } from '../../support/pools.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;
let database: OpenDatabase;
let ada: Person;

before(async () => {
  const url = await (await databaseKind('SQLite')).newUrl();
  site = await startSite([scriptedModel(flatPrice(100))], { CHIT_DATABASE_URL: url });
  database = openDatabase(url);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(async () => {
  await database?.close();
  await site?.close();
});

async function idOf({ username }: Person): Promise<number> {
  return (await site.server.chit.context.users.byUsername(username))?.id ?? 0;
}

test('the composer shows who pays and lets the user choose; the ticket opens the rest', async () => {
  const { page } = ada;
  const members = [await idOf(ada)];
  const { name } = await newPool(database.kysely, site.server.chit, { members, credits: 150 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.enter();
  await ada.shows(150);
  await page.getByText(`${name} pays`).waitFor();
  await ada.say('The pool pays');
  await ada.answered();
  await eventuallyMatch(
    () => page.locator('.cost').innerText(),
    new RegExp(`100 tokens .* ${name}$`),
  );
  await page.locator('.cost').click();
  await page.locator('tr.wanted').getByRole('cell', { name: '−100' }).waitFor();
  await page.goBack();
  await ada.shows(50);
  await page.getByText('This costs 100 tokens and you have 50. Let another account pay.').waitFor();
  await page.getByLabel('Who pays').selectOption({ label: 'Your own account · 4,000 tokens left' });
  await ada.shows(4_000);
  await ada.say('I pay');
  await page.locator('.cost').nth(1).waitFor();
  await ada.shows(3_900);
  await page.reload();
  await page.getByText('You pay').waitFor();
  await page.locator('.ticket').click();
  const popover = page.locator('.limits-popover');
  await popover.getByText('50 tokens left').waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await accessibilityViolations(page, colorScheme), []);
  }
  await popover.getByRole('link', { name: 'Limit what you spend' }).click();
  await page.getByLabel('Tokens', { exact: true }).fill('0');
  await page.getByRole('button', { name: 'Set limit' }).click();
  await page.getByText('Limit set.').waitFor();
  await page.getByRole('link', { name: 'Back' }).click();
  await page.getByText('You have reached the limit that you set for yourself.').waitFor();
  await page.locator('.ticket.low').waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Send' }).isDisabled(), true);
});

/** The pictures of the panel, of a site with some weeks of made-up usage. */
import type { Browser, Page } from 'playwright-core';
import { changeUser, createUser, passwordLinkFor } from '../../src/app/accounts/manage-users.ts';
import { readChats } from '../../src/app/admin/read-chats.ts';
import type { Principal } from '../../src/app/principal.ts';
import { rollUp } from '../../src/app/usage/roll-up.ts';
import type { Chit } from '../../src/compose.ts';
import { flatPrice, textPrice } from '../../src/core/pricing.ts';
import { PASSWORD, Person } from './browser.ts';
import { createAccount } from './chit.ts';
import { startModelServer } from './model-server.ts';
import { fillWithUse } from './sample-use.ts';
import { scriptedModel } from './scripted-model.ts';

const PRICE = textPrice({
  perMillionInput: 2_000,
  perMillionCachedInput: 200,
  perMillionOutput: 10_000,
});
const PROVIDER_PRICE = textPrice({
  perMillionInput: 1_500,
  perMillionCachedInput: 200,
  perMillionOutput: 7_500,
});
const AMOUNT = { users: 60, days: 45, messagesADay: 40 };

/** Opens each part of the panel and has a picture taken of it. */
export async function visitPanel(
  browser: Browser,
  take: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const models = [
    { ...scriptedModel(flatPrice(10)), name: 'local' },
    { ...scriptedModel(PRICE), name: 'claude', providerPrice: PROVIDER_PRICE },
    { ...scriptedModel(PRICE), name: 'gpt', providerPrice: PROVIDER_PRICE },
  ];
  const server = await startModelServer(models, { CHIT_STAFF_READS_CHATS: '1' });
  const { context } = server.chit;
  const flags = { isStaff: true, isSuperuser: true };
  await createAccount(context, { username: 'root', password: PASSWORD, ...flags });
  const ids = await fillWithUse(server.chit, AMOUNT);
  await rollUp(context);
  await doThings(server.chit, ids);
  const root = await Person.meet(browser, server.url, 'root');
  const { page } = root;
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/admin/');
  await root.signIn();
  await page.locator('tbody tr').first().waitFor();

  await page.goto('/admin/credits');
  await page.getByLabel('Users and tokens').fill('ada 500\ngrace 500\nbarbara 250\nedsger -40');
  await page.getByLabel('Reason').fill('Term begins');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('4 accounts:').waitFor();
  await take(page, 'panel-credits');
  await page.getByRole('button', { name: 'Apply to' }).click();
  await page.getByText('Done. 4 accounts:').waitFor();

  await page.goto('/admin/?sort=-balance');
  await page.locator('tbody tr').nth(2).locator('input').click();
  const last = page.locator('tbody tr').nth(5).locator('input');
  await last.click({ modifiers: ['Shift'] });
  await take(page, 'panel-users');
  await page.goto(`/admin/users/${ids[0]}`);
  await page.getByText('Term begins').waitFor();
  await take(page, 'panel-user');
  await page.goto('/admin/usage');
  await page.locator('.charts canvas').nth(5).waitFor();
  await take(page, 'panel-usage');
  await page.goto('/admin/models');
  await page.getByRole('table').first().waitFor();
  await take(page, 'panel-models');
  await page.goto('/admin/audit');
  await page.getByText('Term begins').first().waitFor();
  await take(page, 'panel-audit');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/admin/usage');
  await page.locator('.charts canvas').nth(5).waitFor();
  await take(page, 'panel-phone');
  await root.leave();
  await server.close();
}

/** Fills the audit log. */
async function doThings({ context }: Chit, ids: readonly number[]): Promise<void> {
  const user = await context.users.byUsername('root');
  const by: Principal = { actor: `user:${user?.id ?? 0}`, address: '192.0.2.7', user };
  const [ada = 0, grace = 0, alan = 0, edsger = 0] = ids;
  await changeUser(context, by, ada, { isStaff: true, reason: 'Runs the computer room' });
  await passwordLinkFor(context, by, grace);
  await changeUser(context, by, alan, { isActive: false, reason: 'Left the school' });
  const look = { userId: edsger, search: undefined, beforeId: undefined, limit: 10 };
  await readChats(context, by, { ...look, reason: 'Asked for by edsger, about a wrong answer' });
  await createUser(
    context,
    { actor: 'cli:root', address: undefined, user: undefined },
    {
      username: 'frances',
      password: PASSWORD,
      openingCredits: 500,
      isStaff: false,
      isSuperuser: false,
    },
  );
}

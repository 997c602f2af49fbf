/** A site with some usage, and staff who use its panel. */
import type { Page } from 'playwright-core';
import { rollUp } from '../../src/app/usage/roll-up.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { PASSWORD, type Person } from './browser.ts';
import { createAccount } from './chit.ts';
import { fillWithUse } from './sample-use.ts';
import { scriptedModel } from './scripted-model.ts';
import { type Site, startSite } from './site.ts';

export interface PanelSite extends Site {
  /** The ids of its users, who have names such as `ada` and `ada.8`. */
  readonly ids: readonly number[];
  /** Signs in to the panel in a new window: `boss` is a superuser, `clerk` is not. */
  enter(username: 'boss' | 'clerk'): Promise<Person>;
  /** The available balance of a user; undefined if there is no user of this name. */
  tokensOf(username: string): Promise<number | undefined>;
}

/**
 * Opens another part of the panel as its links do, without loading the page anew, and waits until
 * its data is there.
 * @param place the path after `/admin/`, another one than is open
 */
export async function openPart(page: Page, place: string): Promise<void> {
  await page.evaluate(`document.querySelector('h1').dataset.isOld = '';
    history.pushState(null, '', ${JSON.stringify(`/admin/${place}`)});
    dispatchEvent(new PopStateEvent('popstate'))`);
  await page.locator('h1:not([data-is-old])').waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** Starts the site and the browser. */
export async function startPanelSite(): Promise<PanelSite> {
  const model = scriptedModel(flatPrice(100));
  const site = await startSite([model], { CHIT_STAFF_READS_CHATS: '1' });
  const { chit } = site.server;
  const { context } = chit;
  for (const [username, isSuperuser] of Object.entries({ boss: true, clerk: false })) {
    const flags = { isStaff: true, isSuperuser };
    await createAccount(context, { username, password: PASSWORD, ...flags });
  }
  const ids = await fillWithUse(chit, { users: 12, days: 8, messagesADay: 20 });
  await rollUp(context);
  return {
    ...site,
    ids,
    enter: async (username) => {
      const person = await site.meet(username);
      await person.page.setViewportSize({ width: 1_440, height: 900 });
      await person.page.goto('/admin/');
      await person.signIn();
      await person.page.locator('tbody tr').first().waitFor();
      return person;
    },
    tokensOf: async (username) => {
      const [user] = await context.users.among({ usernames: [username], ids: [] });
      return user?.availableCredits;
    },
  };
}

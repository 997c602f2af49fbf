/** A site with some use, and somebody who may do everything in its panel. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { rollUp } from '../../src/app/roll-up.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { PASSWORD, Person, startBrowser } from './browser.ts';
import { createAccount, faultsOf } from './chit.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { fillWithUse } from './sample-use.ts';
import { scriptedModel } from './scripted-model.ts';

export interface PanelSite {
  readonly browser: Browser;
  readonly server: ModelServer;
  /** Of users with names such as `ada` and `ada.8`. */
  readonly ids: readonly number[];
  /** Opens a window in the panel for somebody on the staff: `boss` is a superuser, `clerk` none. */
  enter(username: 'boss' | 'clerk'): Promise<Person>;
  /** What somebody can spend; undefined if there is nobody of this name. */
  tokensOf(username: string): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Starts the site and the browser. */
export async function startPanelSite(): Promise<PanelSite> {
  const model = scriptedModel(flatPrice(100));
  const server = await startModelServer([model], { CHIT_STAFF_READS_CHATS: '1' });
  const { context } = server.chit;
  for (const [username, isSuperuser] of Object.entries({ boss: true, clerk: false })) {
    const flags = { isStaff: true, isSuperuser };
    await createAccount(context, { username, password: PASSWORD, ...flags });
  }
  const ids = await fillWithUse(server.chit, { users: 12, days: 8, messagesADay: 20 });
  await rollUp(context);
  const browser = await startBrowser();
  return {
    ...{ browser, server, ids },
    enter: async (username) => {
      const person = await Person.meet(browser, server.url, username);
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
    close: async () => {
      await browser.close();
      const faults = await faultsOf(server.chit);
      await server.close();
      assert.deepEqual(faults, []);
    },
  };
}

/** A site with some use, and somebody who may do everything in its panel. */
import { rollUp } from '../../src/app/usage/roll-up.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { PASSWORD, type Person } from './browser.ts';
import { createAccount } from './chit.ts';
import { fillWithUse } from './sample-use.ts';
import { scriptedModel } from './scripted-model.ts';
import { type Site, startSite } from './site.ts';

export interface PanelSite extends Site {
  /** Of users with names such as `ada` and `ada.8`. */
  readonly ids: readonly number[];
  /** Opens a window in the panel for somebody on the staff: `boss` is a superuser, `clerk` none. */
  enter(username: 'boss' | 'clerk'): Promise<Person>;
  /** What somebody can spend; undefined if there is nobody of this name. */
  tokensOf(username: string): Promise<number | undefined>;
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

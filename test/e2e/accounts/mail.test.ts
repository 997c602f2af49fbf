/** Mail in the page: an address is given and confirmed, and a forgotten password chosen anew. */
import assert from 'node:assert/strict';
import { MailDelivery } from '../../../src/app/notices/deliver-mail.ts';
import { handOn } from '../../../src/app/notices/hand-on.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { accessibilityViolations, type Person, until } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import {
  linkIn,
  type MailServer,
  type ReceivedMail,
  startMailServer,
} from '../../support/mail-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let mail: MailServer;
let site: Site;
let ada: Person;

before(async () => {
  mail = await startMailServer();
  site = await startSite([scriptedModel(flatPrice(100))], {
    CHIT_SMTP_URL: mail.url,
    CHIT_MAIL_FROM: 'Chit <chit@example.org>',
    CHIT_PUBLIC_URL: 'http://chat.example.org',
  });
  ada = await site.meet();
});
after(async () => {
  await ada.leave();
  await site.close();
  await mail.stop();
});

/** The next mail, sent as the background jobs do. */
async function nextMail(): Promise<ReceivedMail> {
  const { context } = site.server.chit;
  const delivery = new MailDelivery(context);
  await until(async () => {
    await handOn(context);
    return (await delivery.run()) > 0;
  });
  return mail.next();
}

/** The path of the link in the next mail. */
async function nextPath(): Promise<string> {
  const { pathname, hash } = linkIn(await nextMail());
  return pathname + hash;
}

test('an address is confirmed, and a forgotten password is chosen by a mailed link', async () => {
  const { page, username } = ada;
  await ada.enter();
  await ada.openAccount();
  const section = page.locator('#email');
  await page.getByLabel('E-mail address').fill('ada@example.org');
  await section.getByRole('button', { name: 'Send link' }).click();
  await section.getByText('A link was sent to ada@example.org.').waitFor();
  await page.goto(site.server.url + (await nextPath()));
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Confirmed: mail goes to ada@example.org.').waitFor();

  await page.goto(`${site.server.url}/account`);
  await section.getByText('Mail goes to ada@example.org.').waitFor();
  await section.getByLabel('when my plan gives me new tokens').click();
  await section.getByText('Saved.').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Sign out' }).click();

  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Username or e-mail address').fill(username);
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Send link' }).click();
  await page.getByText('If there is such an account').waitFor();
  const reset = site.server.url + (await nextPath());
  await page.goto(reset);
  await page.getByLabel('Password').fill('velvet-tram-19');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Your password is set.').waitFor();
  assert.match((await nextMail()).subject ?? '', /password at chat\.example\.org was changed/);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill('velvet-tram-19');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Ask anything').waitFor();

  await page.goto(reset);
  await page.reload();
  await page.getByLabel('Password').fill('amber-kite-31');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').waitFor();
  // A link that is over leads on to another one.
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Username or e-mail address').waitFor();
});

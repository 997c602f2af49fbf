/** What ended elsewhere, or was away for a while, is told, and there is a way on from it. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { ProviderFailure } from '../../../src/models/provider-client/provider-failure.ts';
import {
  accessibilityViolations,
  PASSWORD,
  type Person,
  showsShortly,
  until,
} from '../../support/browser.ts';
import { keepToOneself } from '../../support/browser-contexts.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { intercept } from '../../support/intercept.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;
let ada: Person;
/** For how long the model's provider asks to be left alone, once. */
let busySeconds = 0;

before(async () => {
  const model = scriptedModel(flatPrice(100));
  const mayBeBusy: typeof model = {
    ...model,
    async *generate(request) {
      const details = { status: 429, retryAfterMs: busySeconds * 1_000 };
      busySeconds = 0;
      if (details.retryAfterMs > 0) throw new ProviderFailure('refused', 'it is busy', details);
      yield* model.generate(request);
    },
  };
  site = await startSite([mayBeBusy], { CHIT_STAFF_READS_CHATS: '1' });
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

const field = (page: Page) => page.getByLabel('Ask anything');
const pathOf = (page: Page) => new URL(page.url()).pathname;

async function talkerOf(): Promise<Talker> {
  return Talker.of(site.server.url, ada.username, PASSWORD);
}

test('a message to a chat that was deleted elsewhere is sent as a new chat', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const gone = pathOf(page);
  const talker = await talkerOf();
  await talker.call('DELETE', `/api/conversations/${gone.slice('/c/'.length)}/`);
  await ada.say('two');
  await page.getByRole('alert').getByText('This chat was deleted').waitFor();
  await page.getByText('You said: one').waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Try again' }).count(), 0);
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Send as a new chat' }).click();
  await page.getByText('You said: two').waitFor();
  await ada.answered();
  await until(async () => pathOf(page) !== gone);
  await eventuallyEqual(() => field(page).inputValue(), '');
  await eventuallyEqual(async () => (await talker.conversations()).length, 1);
  await ada.shows(3_800);
});

test('what stands in the composer of a chat that is gone is a draft for a new one', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  await field(page).fill('not sent yet');
  const talker = await talkerOf();
  await talker.call('DELETE', `/api/conversations/${pathOf(page).slice('/c/'.length)}/`);
  await page.waitForTimeout(1_100);
  await page.evaluate("window.dispatchEvent(new Event('focus'))");
  await page.getByRole('alert').getByText('Chat not found.').waitFor();
  await eventuallyEqual(() => field(page).inputValue(), 'not sent yet');
  await field(page).press('Enter');
  await page.getByText('You said: not sent yet').waitFor();
  await page.waitForURL('**/c/*');
  await eventuallyEqual(async () => (await talker.conversations()).length, 1);
});

test('a chat that is not there has a way out and a composer', async () => {
  const { page } = ada;
  await ada.enter();
  await page.goto('/c/nothing');
  await page.getByRole('alert').getByText('Chat not found.').waitFor();
  await page.getByRole('alert').getByRole('link', { name: 'New chat' }).click();
  await page.getByText('Hello,').waitFor();
  await page.goto('/c/nothing');
  await page.getByRole('alert').getByText('Chat not found.').waitFor();
  await ada.say('one');
  await page.getByText('You said: one').waitFor();
  await page.waitForURL(/\/c\/(?!nothing)/);
});

test('the next user begins at the start page, also after a reload', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const chat = pathOf(page);
  await page.context().clearCookies();
  await page.reload();
  await page.getByLabel('Password').waitFor();
  assert.equal(pathOf(page), chat);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('The people who run this site can read your chats').waitFor();
  await page.getByLabel('Username').fill(`${ada.username}-too`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText(`Hello, ${ada.username}-too.`).waitFor();
  await eventuallyEqual(async () => pathOf(page), '/');
  await page.keyboard.press('Control+/');
  await page.getByRole('dialog').getByText('can read your chats').waitFor();
});

test('a server that is back is not said to be away, and what failed is there', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const interception = await intercept(page, '**/api/**', (route) => route.abort());
  await ada.say('two');
  const alert = page.getByRole('alert');
  await alert.getByText('Can’t reach the server.').waitFor();
  interception.end();
  await alert.getByText('Your message may not have arrived.').waitFor();
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('You said: two').waitFor();
  await ada.answered();
  await ada.shows(3_800);
  const cut = await intercept(page, '**/api/conversations/**', (route) => route.abort());
  await page.reload();
  await alert.getByText('Can’t reach the server.').waitFor();
  cut.end();
  await page.getByText('You said: two').waitFor();
  await eventuallyEqual(() => alert.count(), 0);
});

test('a page that is looked at says that its session was ended elsewhere', async () => {
  const { page } = ada;
  keepToOneself(page.context());
  await page.clock.install();
  await ada.enter();
  await field(page).fill('a draft');
  const talker = await talkerOf();
  const passwords = { old_password: PASSWORD, new_password: 'another passphrase' };
  assert.equal((await talker.call('POST', '/api/password/', passwords)).status, 200);
  // Servers take a token that was valid for up to a second longer.
  const said = page.getByText('You are signed out: your session expired or was ended');
  await until(async () => {
    await page.clock.fastForward(61_000);
    return (await said.count()) > 0;
  });
  await ada.signIn('another passphrase');
  await field(page).waitFor();
  await eventuallyEqual(() => field(page).inputValue(), 'a draft');
});

test('the ticket says the same while a reply is written, before and after a reload', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.shows(4_000);
  await ada.say(script({ say: 'a part' }, { hang: true }));
  await page.locator('.answer').getByText('a part').waitFor();
  await ada.shows(4_000);
  await page.reload();
  await page.locator('.answer').getByText('a part').waitFor();
  await ada.shows(4_000);
  await page.getByRole('button', { name: 'Stop' }).click();
  await ada.answered();
  await ada.shows(3_900);
});

test('an API key is revoked after a question, and is not offered any longer', async () => {
  const { page } = ada;
  await ada.enter();
  await page.goto('/account');
  await page.getByLabel('Name', { exact: true }).fill('editor');
  await page.getByRole('button', { name: 'Create key' }).click();
  const made = page.getByText('Copy this key now; it won’t be shown again.');
  await made.waitFor();
  await page.getByRole('button', { name: 'Revoke' }).click();
  const question = page.getByRole('group', { name: 'Revoke “editor”?' });
  await question.getByText('Programs that use it stop working at once.').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await made.waitFor();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await question.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('You have no API keys.').waitFor();
  await eventuallyEqual(() => made.count(), 0);
  await page.getByText('Linux', { exact: true }).waitFor();
  await page.getByText('this device').waitFor();
});

test('an answer that was cut short goes on as a message of its own', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: 'a part' }, { fail: 'the provider' }));
  await page.locator('.failure').getByText('The answer was cut short.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('.bubble').getByText('Please continue exactly where').waitFor();
  await ada.answered();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Continue' }).count(), 0);
  await ada.shows(3_800);
});

test('a busy model is asked again when its provider says so, and nothing is charged', async () => {
  const { page } = ada;
  busySeconds = 6;
  await ada.enter();
  const counting = { selector: '.failure button:disabled', pattern: /^Try again in [1-6] s$/ };
  await showsShortly(page, counting, () => ada.say('one'));
  const failure = page.locator('.failure');
  await failure.getByText('The model is busy right now. You were not charged.').waitFor();
  await failure.getByRole('button', { name: 'Try again', exact: true }).click();
  await page.getByText('You said: one').waitFor();
  await ada.shows(3_900);
});

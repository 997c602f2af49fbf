/** Sessions in one tab and in several: nothing of one user reaches another. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { eventuallyEqual, eventuallyPasses } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { intercept } from '../../support/intercept.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const SECRETS = /the diary of ada|a letter of ada|an unsaid word/;

let site: Site;
let ada: Person;
let grace: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(100))]);
});
beforeEach(async () => {
  ada = await site.meet();
  grace = await site.meet();
});
afterEach(async () => {
  await ada.leave();
  await grace.leave();
});
after(() => site?.close());

/** Expires the session: the token is refused, and the cookie yields no other. */
async function expire(page: Page): Promise<void> {
  await page.context().clearCookies();
  const interception = await intercept(page, '**/api/limits/**', (route) =>
    route.fulfill({ status: 401, json: {} }),
  );
  await lookAgain(page);
  await page.getByText('You are signed out: your session').waitFor();
  interception.end();
}

/** Makes the page refresh, as it does when the user comes back to it. */
async function lookAgain(page: Page): Promise<void> {
  await page.waitForTimeout(1_100);
  await page.evaluate("window.dispatchEvent(new Event('focus'))");
}

async function signInAs(person: Person, page: Page): Promise<void> {
  await page.getByLabel('Username').fill(person.username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Ask anything').waitFor();
}

async function signOut(page: Page, { username }: Person): Promise<void> {
  await page.getByRole('button', { name: username }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
}

/** Waits until the page neither shows this nor has it in its fields. */
async function hasNoneOf(page: Page, words: RegExp): Promise<void> {
  const all = `document.title + document.body.innerText +
    [...document.querySelectorAll('input, textarea')].map((it) => it.value).join(' ')`;
  await eventuallyPasses(async () => assert.doesNotMatch(await page.evaluate(all), words));
}

/** Waits until the page is at this path. */
function isAt(page: Page, path: string): Promise<void> {
  return eventuallyEqual(async () => new URL(page.url()).pathname, path);
}

test('the next user of the page sees nothing of the one whose session expired', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('the diary of ada');
  await ada.answered();
  await page.getByLabel('Ask anything').fill('an unsaid word');
  await expire(page);
  await signInAs(grace, page);
  await page.getByText(`Hello, ${grace.username}.`).waitFor();
  await page.getByText('Your chats will appear here.').waitFor();
  await hasNoneOf(page, SECRETS);
  await isAt(page, '/');
  await signOut(page, grace);
  await signInAs(ada, page);
  await page.locator('.conversation').getByText('the diary of ada').click();
  await page.getByText('You said: the diary of ada').waitFor();
  await eventuallyEqual(() => page.getByLabel('Ask anything').inputValue(), 'an unsaid word');
});

test('failed messages and replies in progress are hidden from the next user', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: 'the diary of ada' }, held().step));
  await page.locator('.answer').getByText('the diary of ada').waitFor();
  await page.locator('.new-chat').click();
  await page.getByText('Hello,').waitFor();
  const interception = await intercept(page, '**/api/conversations/**', (route) => route.abort());
  await ada.say('a letter of ada');
  await page.getByText('Can’t reach the server.').waitFor();
  interception.end();
  await expire(page);
  await signInAs(grace, page);
  await page.getByText('Your chats will appear here.').waitFor();
  await hasNoneOf(page, SECRETS);
  await eventuallyEqual(() => page.getByRole('alert').count(), 0);
  await eventuallyEqual(() => page.getByRole('button', { name: 'Stop' }).count(), 0);
});

test('signing out says so, and deletes the drafts', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('the diary of ada');
  await ada.answered();
  await page.getByLabel('Ask anything').fill('an unsaid word');
  assert.match(new URL(page.url()).pathname, /^\/c\//);
  await signOut(page, ada);
  await page.getByText('You are signed out.').waitFor();
  // Whoever comes next begins anew, not at a chat that is not theirs.
  await isAt(page, '/');
  await eventuallyEqual(() => page.getByText('You are signed out: your session').count(), 0);
  await eventuallyPasses(async () =>
    assert.doesNotMatch(String(await page.evaluate('JSON.stringify(localStorage)')), SECRETS),
  );
  await signInAs(ada, page);
  await eventuallyEqual(() => page.getByLabel('Ask anything').inputValue(), '');
  await ada.openAccount();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('You are signed out.').waitFor();
  await isAt(page, '/');
});

test('signing out in one tab signs out the others, and so does another user', async () => {
  const { page, context } = ada;
  await ada.enter();
  await ada.say('the diary of ada');
  await ada.answered();
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByText('You said: the diary of ada').waitFor();
  await signOut(page, ada);
  await other.getByText('You signed out in another window.').waitFor();
  await hasNoneOf(other, SECRETS);
  await signInAs(grace, page);
  await eventuallyEqual(() => other.getByLabel('Ask anything').count(), 0);
  await signInAs(ada, other);
  await page.getByText('Someone else signed in on this browser').waitFor();
  await hasNoneOf(page, new RegExp(grace.username));
});

test('a tab does not act as another user who signed in elsewhere', async () => {
  const { page, context } = ada;
  await ada.enter();
  await ada.say('the diary of ada');
  await ada.answered();
  // Without notifying the other windows, like a page of an older version.
  await context.request.post('/api/session/', {
    data: { username: grace.username, password: PASSWORD },
  });
  await intercept(page, '**/messages/', (route) => route.fulfill({ status: 401, json: {} }), {
    times: 1,
  });
  await ada.say('a letter of ada');
  await page.getByText('Someone else signed in on this browser').waitFor();
  const talker = await Talker.of(site.server.url, grace.username, PASSWORD);
  await eventuallyEqual(() => talker.conversations(), []);
  await hasNoneOf(page, SECRETS);
  await signInAs(ada, page);
  await page.locator('.conversation').getByText('the diary of ada').click();
  await page.getByText('You said: the diary of ada').waitFor();
  await eventuallyEqual(() => page.getByLabel('Ask anything').inputValue(), 'a letter of ada');
});

test('a dark page is dark before it is drawn', async () => {
  const { page } = ada;
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await page.evaluate("localStorage.setItem('chit.theme', 'dark')");
  // With scripts blocked, only the first paint is there.
  await page.route('**/assets/*.js', (route) => route.abort());
  for (const path of ['/', '/admin/']) {
    await page.goto(path);
    const scheme = await page.evaluate('getComputedStyle(document.documentElement).colorScheme');
    assert.equal(scheme, 'dark', path);
  }
});

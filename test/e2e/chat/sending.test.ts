/** Sending a message: it is sent once, charged once and never lost. */
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { holdBack, PASSWORD, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { intercept } from '../../support/intercept.ts';
import { chooseModel, shownModel } from '../../support/models.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;
let ada: Person;

before(async () => {
  const other = { ...scriptedModel(flatPrice(7)), name: 'other' };
  site = await startSite([scriptedModel(flatPrice(100)), other]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

const field = (page: Page) => page.getByLabel('Ask anything');
const talkerFor = (who: Person) => Talker.of(site.server.url, who.username, PASSWORD);

/** Lets a request through but loses its response. */
async function loseAnswer(page: Page, where: string): Promise<void> {
  await intercept(
    page,
    where,
    async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
}

test('a message whose response was lost is retried and charged once', async () => {
  const { page } = ada;
  await ada.enter();
  await loseAnswer(page, '**/messages/');
  await ada.say('charge me once');
  await page.getByText('Can’t reach the server.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await ada.answered();
  await ada.shows(3_900);
  await eventuallyEqual(() => page.locator('.bubble').count(), 1);
  await eventuallyEqual(() => page.locator('.branches').count(), 0);
  await eventuallyEqual(() => field(page).inputValue(), '');
  await eventuallyEqual(async () => (await (await talkerFor(ada)).conversations()).length, 1);
});

test('it is charged once, even after a reload or while the reply is in progress', async () => {
  const { page } = ada;
  await ada.enter();
  await loseAnswer(page, '**/messages/');
  const rest = held();
  const words = script({ say: 'slowly' }, rest.step, { say: ' done' });
  await ada.say(words);
  await page.getByText('Can’t reach the server.').waitFor();
  await page.reload();
  await field(page).waitFor();
  await eventuallyEqual(() => field(page).inputValue(), words);
  await field(page).press('Enter');
  await page.locator('.bubble').waitFor();
  rest.release();
  await page.getByText('slowly done', { exact: true }).waitFor();
  await ada.shows(3_900);
  await eventuallyEqual(() => page.locator('.bubble').count(), 1);
});

test('a conversation is not created twice when the response is lost', async () => {
  const { page } = ada;
  await ada.enter();
  await loseAnswer(page, '**/api/conversations/');
  await ada.say('only once');
  await page.getByText('Can’t reach the server.').waitFor();
  await eventuallyEqual(() => page.locator('.conversation').count(), 0);
  await page.getByRole('button', { name: 'Try again' }).click();
  await ada.answered();
  await eventuallyEqual(async () => (await (await talkerFor(ada)).conversations()).length, 1);
});

test('pressing Enter twice or double-clicking sends once', async () => {
  const { page } = ada;
  await ada.enter();
  await field(page).fill('once');
  await page.evaluate(`for (let i = 0; i < 2; i += 1) {
    document.getElementById('composer').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  }`);
  await ada.answered();
  await ada.shows(3_900);
  await page.getByRole('button', { name: 'get another answer' }).dblclick();
  await page.getByText('2/2').waitFor();
  await ada.answered();
  await ada.shows(3_800);
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await page.locator('.edit textarea').fill('changed');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).dblclick();
  await page.locator('.words-line').getByText('2/2').waitFor();
  await ada.answered();
  await ada.shows(3_700);
  await eventuallyEqual(async () => (await (await talkerFor(ada)).conversations()).length, 1);
});

test('a starter fills the composer and costs nothing until it is sent', async () => {
  const { page } = ada;
  await ada.enter();
  await page.getByRole('button', { name: 'Draft a polite reminder' }).click();
  await eventuallyEqual(() => field(page).inputValue(), 'Draft a polite reminder');
  await eventuallyEqual(() => page.evaluate('document.activeElement.id'), 'composer');
  await eventuallyEqual(async () => (await talkerFor(ada)).conversations(), []);
  await page.keyboard.press('Enter');
  await page.getByText('You said: Draft a polite reminder').waitFor();
});

test('an edit that fails keeps its text in the form', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('first');
  await ada.answered();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await page.locator('.edit textarea').fill('better words');
  await loseAnswer(page, '**/messages/');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await page.getByText('Can’t reach the server.').waitFor();
  await eventuallyEqual(() => page.locator('.edit textarea').inputValue(), 'better words');
  await eventuallyEqual(() => field(page).inputValue(), '');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await page.getByText('You said: better words').waitFor();
  await page.getByText('2/2').waitFor();
  await ada.shows(3_800);
});

test('a message is shown at once, and text typed meanwhile stays', async () => {
  const { page } = ada;
  await ada.enter();
  const { pass } = await holdBack(page);
  await ada.say('on its way');
  await page.locator('.bubble').getByText('on its way').waitFor();
  await page.getByText('Thinking…').waitFor();
  await eventuallyEqual(() => field(page).inputValue(), '');
  await field(page).fill('the next thought');
  await eventuallyEqual(() => page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await field(page).press('Enter');
  pass();
  await page.getByText('You said: on its way').waitFor();
  await ada.answered();
  await eventuallyEqual(() => field(page).inputValue(), 'the next thought');
  await eventuallyEqual(() => page.locator('.bubble').count(), 1);
  await ada.shows(3_900);
});

test('setting instructions keeps the draft and the model of a new chat', async () => {
  const { page } = ada;
  await ada.enter();
  await chooseModel(page, 'other');
  await field(page).fill('half a thought');
  await page.getByRole('button', { name: 'Instructions' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Instructions').last().fill('Be kind');
  await intercept(page, '**/api/conversations/', (route) => route.abort(), { times: 1 });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Can’t reach the server.').waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForURL('**/c/*');
  await eventuallyEqual(() => field(page).inputValue(), 'half a thought');
  await eventuallyEqual(() => shownModel(page), 'other');
  await field(page).press('Enter');
  await ada.answered();
  await ada.shows(3_993);
});

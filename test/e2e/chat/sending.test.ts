/** Words on their way: sent once, charged once, and never lost. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { grant, PASSWORD, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
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

const field = (page: Page) => page.getByLabel('Say something');
const talkerFor = (who: Person) => Talker.of(site.server.url, who.username, PASSWORD);

/** Lets a request through and loses its answer. */
async function loseAnswer(page: Page, where: string): Promise<void> {
  await page.route(
    where,
    async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
}

test('an answer that was lost is asked for again, and charged once', async () => {
  const { page } = ada;
  await ada.enter();
  await loseAnswer(page, '**/messages/');
  await ada.say('charge me once');
  await page.getByText('The server cannot be reached.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await ada.answered();
  await ada.shows(3_900);
  assert.equal(await page.locator('.bubble').count(), 1);
  assert.equal(await page.locator('.branches').count(), 0);
  assert.equal(await field(page).inputValue(), '');
  assert.equal((await (await talkerFor(ada)).conversations()).length, 1);
});

test('so it is after a reload, and while the answer is still being written', async () => {
  const { page } = ada;
  await ada.enter();
  await loseAnswer(page, '**/messages/');
  const words = script({ say: 'slowly' }, { waitMs: 2_500 }, { say: ' done' });
  await ada.say(words);
  await page.getByText('The server cannot be reached.').waitFor();
  await page.reload();
  await field(page).waitFor();
  assert.equal(await field(page).inputValue(), words);
  await field(page).press('Enter');
  await page.getByText('slowly done', { exact: true }).waitFor();
  await ada.shows(3_900);
  assert.equal(await page.locator('.bubble').count(), 1);
});

test('what arrived without an answer is found when the conversation is opened', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('first');
  await ada.answered();
  await loseAnswer(page, '**/messages/');
  await ada.say('second');
  await page.getByText('The server cannot be reached.').waitFor();
  assert.equal(await field(page).inputValue(), 'second');
  await page.reload();
  await page.getByText('You said: second').waitFor();
  assert.equal(await field(page).inputValue(), '');
  await ada.shows(3_800);
});

test('a conversation whose making was not heard of is not made again', async () => {
  const { page } = ada;
  await ada.enter();
  await loseAnswer(page, '**/api/conversations/');
  await ada.say('only once');
  await page.getByText('The server cannot be reached.').waitFor();
  assert.equal(await page.locator('.conversation').count(), 0);
  await page.getByRole('button', { name: 'Try again' }).click();
  await ada.answered();
  assert.equal((await (await talkerFor(ada)).conversations()).length, 1);
});

test('two Enters and double clicks say it once', async () => {
  const { page } = ada;
  await ada.enter();
  await field(page).fill('once');
  await page.evaluate(`for (let i = 0; i < 2; i += 1) {
    document.getElementById('composer').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  }`);
  await ada.answered();
  await ada.shows(3_900);
  await page.getByRole('button', { name: 'Ask for another answer' }).dblclick();
  await page.getByText('2/2').waitFor();
  await ada.answered();
  await ada.shows(3_800);
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await page.locator('.edit textarea').fill('changed');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).dblclick();
  await page.getByText('3/3').waitFor();
  await ada.answered();
  await ada.shows(3_700);
  assert.equal((await (await talkerFor(ada)).conversations()).length, 1);
});

test('a start fills the composer and costs nothing until it is sent', async () => {
  const { page } = ada;
  await ada.enter();
  await page.getByRole('button', { name: 'Draft a polite reminder' }).click();
  assert.equal(await field(page).inputValue(), 'Draft a polite reminder');
  assert.equal(await page.evaluate('document.activeElement.id'), 'composer');
  assert.deepEqual(await (await talkerFor(ada)).conversations(), []);
  await page.keyboard.press('Enter');
  await page.getByText('You said: Draft a polite reminder').waitFor();
});

test('an edit that fails keeps its words, where they were written', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('first');
  await ada.answered();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await page.locator('.edit textarea').fill('better words');
  await loseAnswer(page, '**/messages/');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await page.getByText('The server cannot be reached.').waitFor();
  assert.equal(await page.locator('.edit textarea').inputValue(), 'better words');
  assert.equal(await field(page).inputValue(), '');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await page.getByText('You said: better words').waitFor();
  await page.getByText('2/2').waitFor();
  await ada.shows(3_800);
});

test('an edit that is refused keeps its words too', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('first');
  await ada.answered();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await page.locator('.edit textarea').fill('better words');
  await grant(site.server, ada, -3_850);
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await page.getByText('This costs 100 tokens and you have 50.').waitFor();
  assert.equal(await page.locator('.edit textarea').inputValue(), 'better words');
  await ada.shows(50);
});

test('another answer that failed is tried again without what is being written', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('first');
  await ada.answered();
  await field(page).fill('something else');
  await loseAnswer(page, '**/messages/');
  await page.getByRole('button', { name: 'Ask for another answer' }).click();
  await page.getByText('The server cannot be reached.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('2/2').waitFor();
  await ada.answered();
  assert.equal(await field(page).inputValue(), 'something else');
  await ada.shows(3_800);
});

test('a first message that is refused leaves no empty chat, and New chat forgets it', async () => {
  const { page } = ada;
  await ada.enter();
  await page.route('**/messages/', (route) =>
    route.fulfill({ status: 400, json: { detail: 'Not this one.' } }),
  );
  await ada.say('not like this');
  await page.getByRole('alert').getByText('Not this one.').waitFor();
  assert.equal(await field(page).inputValue(), 'not like this');
  assert.equal(await page.locator('.conversation').count(), 0);
  assert.deepEqual(await (await talkerFor(ada)).conversations(), []);
  await page.locator('.new-chat').click();
  await page.getByText('Hello,').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
});

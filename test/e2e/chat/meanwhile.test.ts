/** What is written or read while words are on their way: it stays where it is. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { holdBack, type Person, until } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
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

test('words are seen at once, and what is typed meanwhile stays', async () => {
  const { page } = ada;
  await ada.enter();
  const { pass } = await holdBack(page);
  await ada.say('on its way');
  await page.locator('.bubble').getByText('on its way').waitFor();
  await page.getByText('Waiting for the first word').waitFor();
  assert.equal(await field(page).inputValue(), '');
  await field(page).fill('the next thought');
  assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await field(page).press('Enter');
  pass();
  await page.getByText('You said: on its way').waitFor();
  await ada.answered();
  assert.equal(await field(page).inputValue(), 'the next thought');
  assert.equal(await page.locator('.bubble').count(), 1);
  await ada.shows(3_900);
});

test('saying how it answers keeps the words and the model of a new chat', async () => {
  const { page } = ada;
  await ada.enter();
  await page.getByLabel('Model').selectOption('other');
  await field(page).fill('half a thought');
  await page.getByRole('button', { name: 'How it answers' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('How it answers').last().fill('Be kind');
  await page.route('**/api/conversations/', (route) => route.abort(), { times: 1 });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('The server cannot be reached.').waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForURL('**/c/*');
  assert.equal(await field(page).inputValue(), 'half a thought');
  assert.equal(await page.getByLabel('Model').inputValue(), 'other');
  await field(page).press('Enter');
  await ada.answered();
  await ada.shows(3_993);
});

test('who goes on reading elsewhere is not fetched back by what they said', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('the first chat');
  await ada.answered();
  await page.locator('.new-chat').click();
  await page.getByText('Hello,').waitFor();
  const { pass } = await holdBack(page);
  await ada.say('the second chat');
  await page.locator('.conversation').getByText('the first chat').click();
  await page.getByText('You said: the first chat').waitFor();
  const { pathname } = new URL(page.url());
  pass();
  await page.locator('.conversation').getByText('the second chat').waitFor();
  assert.equal(new URL(page.url()).pathname, pathname);
  assert.equal(await page.locator('.bubble').count(), 1);
  assert.equal(await field(page).inputValue(), '');
  await page.locator('.new-chat').click();
  await page.getByText('Hello,').waitFor();
  assert.equal(await field(page).inputValue(), '');
  await page.locator('.conversation').getByText('the second chat').click();
  await page.getByText('You said: the second chat').waitFor();
  await ada.shows(3_800);
});

test('words that fail beside others that were typed meanwhile wait in the thread', async () => {
  const { page } = ada;
  await ada.enter();
  const { lose } = await holdBack(page);
  await ada.say('the first thought');
  await field(page).fill('the next thought');
  lose();
  await page.getByText('The server cannot be reached.').waitFor();
  assert.equal(await field(page).inputValue(), 'the next thought');
  assert.equal(await page.locator('.bubble').innerText(), 'the first thought');
  await page.reload();
  const words = 'the first thought\n\nthe next thought';
  await until(async () => (await field(page).inputValue()) === words);
});

test('words that fail behind their writer are said to have failed, and are there again', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('the first chat');
  await ada.answered();
  const { lose } = await holdBack(page);
  await ada.say('the second message');
  await page.locator('.new-chat').click();
  await page.getByText('Hello,').waitFor();
  lose();
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
  assert.equal(await field(page).inputValue(), '');
  await page.locator('.conversation').getByText('the first chat').click();
  await page.getByText('You said: the first chat').waitFor();
  assert.equal(await field(page).inputValue(), 'the second message');
  assert.equal(await page.locator('.bubble').count(), 1);
});

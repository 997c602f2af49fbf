/** What the page shows is what there is, and what did not work is said. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { grant, PASSWORD, type Person, until } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const METERED = { perMessage: 0, perMillionInput: 1_000_000, perMillionCachedInput: 0 };

let site: Site;
let ada: Person;

before(async () => {
  const price = { ...METERED, perMillionOutput: 1_000_000 };
  const metered = { ...scriptedModel(price, { outputLimit: 300 }), name: 'metered' };
  site = await startSite([scriptedModel(flatPrice(100)), metered]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

const field = (page: Page) => page.getByLabel('Say something');
const alertOf = (page: Page, words: string) => page.getByRole('alert').getByText(words);
const comeBack = (page: Page) => page.evaluate("window.dispatchEvent(new Event('focus'))");

test('a window that is open already has what is said in another, and goes on from there', async () => {
  const { page, context } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByText('You said: one').waitFor();
  await ada.say(script({ say: 'a while ' }, { waitMs: 900 }, { say: 'longer' }));
  await other.getByText('a while', { exact: true }).waitFor();
  await other.getByRole('button', { name: 'Stop' }).waitFor();
  await other.getByText('a while longer', { exact: true }).waitFor();
  await other.locator('.ticket-number').getByText('3,800', { exact: true }).waitFor();
  await field(other).fill('from there');
  await field(other).press('Enter');
  await page.getByText('You said: from there').waitFor();
  assert.equal(await page.locator('.exchange').count(), 3);
  assert.equal(await page.locator('.branches').count(), 0);
  await ada.shows(3_700);
});

test('who comes back finds what was said, begun and granted elsewhere', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const [open] = await talker.conversations();
  await talker.exchange(open?.id ?? '', 'by telephone', { parent: open?.leaf });
  const { id } = await talker.begin();
  await talker.exchange(id, 'begun elsewhere');
  await grant(site.server, ada, 1_000);
  assert.equal(await page.getByText('by telephone').count(), 0);
  await comeBack(page);
  await page.getByText('You said: by telephone').waitFor();
  await page.locator('.conversation').getByText('begun elsewhere').waitFor();
  await ada.shows(4_700);
  await ada.say('three');
  await ada.answered();
  assert.equal(await page.locator('.exchange').count(), 3);
  assert.equal(await page.locator('.branches').count(), 0);
});

test('a conversation and a list that cannot be read say so, and are read again by one click', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  await page.route('**/api/conversations/**', (route) => route.abort());
  await page.reload();
  await alertOf(page, 'The server cannot be reached.').waitFor();
  await alertOf(page, 'The list cannot be read just now.').waitFor();
  assert.equal(await field(page).count(), 0);
  await page.unroute('**/api/conversations/**');
  const again = page.getByRole('button', { name: 'Try again' });
  await page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
  await page.getByText('You said: one').waitFor();
  await again.click();
  await page.locator('.conversation').getByText('one').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.goto('/c/nothing');
  await alertOf(page, 'This conversation is not there').waitFor();
  assert.equal(await field(page).count(), 0);
});

test('a change of the model, a branch and Stop say so when they do not work', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const isPatch = (method: string) => method === 'PATCH';
  await page.route('**/api/conversations/*/', (route) =>
    isPatch(route.request().method()) ? route.abort() : route.fallback(),
  );
  await page.getByLabel('Model').selectOption('metered');
  await alertOf(page, 'The server cannot be reached.').waitFor();
  assert.equal(await page.getByLabel('Model').inputValue(), 'scripted');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Ask for another answer' }).click();
  await page.getByText('2/2').waitFor();
  await ada.answered();
  await page.getByRole('button', { name: 'Previous version' }).click();
  await alertOf(page, 'The server cannot be reached.').waitFor();
  await page.unroute('**/api/conversations/*/');
  await ada.say(script({ say: 'a part' }, { hang: true }));
  await page.getByText('a part', { exact: true }).waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.route('**/stop/', (route) => route.abort(), { times: 1 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await alertOf(page, 'The server cannot be reached.').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped.').waitFor();
  await page.getByRole('status').getByText('The answer was not finished.').waitFor();
});

test('where a model is gone, the one that is shown is the one that answers', async () => {
  const { page } = ada;
  await ada.enter();
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const { id } = await talker.begin({ title: 'old', model: 'metered' });
  await page.route('**/api/models/', async (route) => {
    const answer = await route.fetch();
    const { models } = (await answer.json()) as { models: { name: string }[] };
    await route.fulfill({ json: { models: models.filter(({ name }) => name !== 'metered') } });
  });
  await page.goto(`/c/${id}`);
  await field(page).waitFor();
  assert.equal(await page.getByLabel('Model').inputValue(), 'scripted');
  await ada.say('who is there?');
  await ada.answered();
  assert.match(await page.locator('.cost').innerText(), /^100 tokens · scripted/);
});

test('what is charged is never more than what was said before sending', async () => {
  const { page } = ada;
  await grant(site.server, ada, 100_000);
  await ada.enter();
  await page.getByLabel('Model').selectOption('metered');
  // Of these the model makes more tokens than there are characters.
  const dense = ['𒀀𒁀𒂀𒃀'.repeat(60), '\u{1F9D1}\u{1F3FD}\u200D\u{1F680}'.repeat(40)];
  for (const words of [...dense, ' a1!'.repeat(80)]) {
    await field(page).fill(words);
    const price = await page.locator('.price').innerText();
    const most = Number(/^costs ([\d,]+) tokens at most$/.exec(price)?.[1]?.replaceAll(',', ''));
    await field(page).press('Enter');
    await ada.answered();
    const cost = await page.locator('.cost').last().innerText();
    const charged = Number(/^([\d,]+) tokens/.exec(cost)?.[1]?.replaceAll(',', ''));
    assert.ok(charged > 0 && charged <= most, `${cost}, ${price}`);
  }
  assert.equal(await page.locator('.exchange').count(), 3);
});

test('the window is called after the conversation, and the list marks what is being written', async () => {
  const { page } = ada;
  await ada.enter();
  assert.equal(await page.title(), 'Chit');
  await ada.say(script({ say: 'slow' }, { waitMs: 1_500 }));
  const mark = page.locator('.conversation').getByLabel('The answer is being written.');
  await mark.waitFor();
  await until(async () => /^\[\{.* – Chit$/.test(await page.title()));
  await page.locator('.new-chat').click();
  await until(async () => (await page.title()) === 'Chit');
  await mark.waitFor();
  await mark.waitFor({ state: 'detached' });
  await ada.shows(3_900);
});

test('who sends while reading further up is taken to their own words', async () => {
  const { page } = ada;
  await page.setViewportSize({ width: 800, height: 400 });
  await ada.enter();
  await ada.say(script({ say: 'a line\n\n'.repeat(60) }));
  await ada.answered();
  await page.locator('.thread').hover();
  await page.mouse.wheel(0, -800);
  await page.getByRole('button', { name: 'To the end' }).waitFor();
  await ada.say('my own words');
  const bubble = page.locator('.bubble').getByText('my own words', { exact: true });
  await ada.answered();
  await until(async () => {
    const box = await bubble.boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height < 400;
  });
  assert.equal(await page.getByRole('button', { name: 'To the end' }).count(), 0);
});

test('who hears the page hears that there is no answer where there is none', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ fail: 'down' }));
  await page.getByRole('status').getByText('There is no answer.').waitFor();
  assert.equal(await page.getByText('The answer is there.').count(), 0);
});

test('what is found in another branch is shown there, and New chat ends the search', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('about walruses');
  await ada.answered();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await page.locator('.edit textarea').fill('about geese');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await page.getByText('You said: about geese').waitFor();
  await page.locator('.new-chat').click();
  await page.getByText('Hello,').waitFor();
  await page.getByLabel('Search conversations').last().fill('Walruses');
  await page.locator('.conversation a').click();
  await page.getByText('You said: about walruses').waitFor();
  await page.getByText('1/2').waitFor();
  await page.locator('.new-chat').click();
  await until(async () => (await page.locator('#search').inputValue()) === '');
});

/** The page shows the current state and reports failures. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice, textPrice } from '../../../src/core/pricing.ts';
import { grant, PASSWORD, type Person, showsShortly, until } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { eventuallyEqual, eventuallyMatch } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { intercept } from '../../support/intercept.ts';
import { chooseModel, shownModel } from '../../support/models.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const METERED = textPrice({
  perMillionInput: 1_000_000,
  perMillionCachedInput: 0,
  perMillionOutput: 1_000_000,
});

let site: Site;
let ada: Person;

before(async () => {
  const metered = { ...scriptedModel(METERED, { outputLimit: 300 }), name: 'metered' };
  site = await startSite([scriptedModel(flatPrice(100)), metered]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

const field = (page: Page) => page.getByLabel('Ask anything');
const alertOf = (page: Page, words: string) => page.getByRole('alert').getByText(words);
const comeBack = (page: Page) => page.evaluate("window.dispatchEvent(new Event('focus'))");

test('a tab shows messages sent in another tab, and continues from them', async () => {
  const { page, context } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByText('You said: one').waitFor();
  const rest = held();
  await ada.say(script({ say: 'a while ' }, rest.step, { say: 'longer' }));
  await other.getByText('a while', { exact: true }).waitFor();
  await other.getByRole('button', { name: 'Stop' }).waitFor();
  rest.release();
  await other.getByText('a while longer', { exact: true }).waitFor();
  await other.locator('.ticket-number').getByText('3,800', { exact: true }).waitFor();
  await field(other).fill('from there');
  await field(other).press('Enter');
  await page.getByText('You said: from there').waitFor();
  await eventuallyEqual(() => page.locator('.exchange').count(), 3);
  await eventuallyEqual(() => page.locator('.branches').count(), 0);
  await ada.shows(3_700);
});

test('coming back shows messages, chats and tokens that arrived elsewhere', async () => {
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
  await eventuallyEqual(() => page.getByText('by telephone').count(), 0);
  await comeBack(page);
  await page.getByText('You said: by telephone').waitFor();
  await page.locator('.conversation').getByText('begun elsewhere').waitFor();
  await ada.shows(4_700);
  await ada.say('three');
  await ada.answered();
  await eventuallyEqual(() => page.locator('.exchange').count(), 3);
  await eventuallyEqual(() => page.locator('.branches').count(), 0);
});

test('a chat or list that fails to load says so, and one click loads it again', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const interception = await intercept(page, '**/api/conversations/**', (route) => route.abort());
  await page.reload();
  await alertOf(page, 'Can’t reach the server.').waitFor();
  await alertOf(page, 'Couldn’t load your chats.').waitFor();
  await eventuallyEqual(() => field(page).count(), 0);
  interception.end();
  // It would also be loaded again by itself.
  const main = page.getByRole('main');
  await main
    .getByRole('button', { name: 'Try again' })
    .click({ timeout: 500 })
    .catch(() => {});
  await page.getByText('You said: one').waitFor();
  await page.locator('.conversation').getByText('one').waitFor();
  await eventuallyEqual(() => page.getByRole('alert').count(), 0);
  await page.goto('/c/nothing');
  await alertOf(page, 'Chat not found.').waitFor();
  await eventuallyEqual(() => field(page).count(), 1);
});

test('failures to change the model or branch, or to stop, are reported', async () => {
  const { page } = ada;
  // The alert goes again once the page has reached the server.
  const alert = { selector: '[role=alert]', pattern: /Can’t reach the server\./ };
  const told = (deed: () => Promise<void>) => showsShortly(page, alert, deed);
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const isPatch = (method: string) => method === 'PATCH';
  const interception = await intercept(page, '**/api/conversations/*/', (route) =>
    isPatch(route.request().method()) ? route.abort() : route.fallback(),
  );
  await told(() => chooseModel(page, 'metered'));
  await eventuallyEqual(() => shownModel(page), 'scripted');
  await alertOf(page, 'Can’t reach the server.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'get another answer' }).click();
  await page.getByText('2/2').waitFor();
  await ada.answered();
  await told(() => page.getByRole('button', { name: 'Previous version' }).click());
  interception.end();
  await ada.say(script({ say: 'a part' }, { hang: true }));
  await page.getByText('a part', { exact: true }).waitFor();
  await eventuallyEqual(() => page.getByRole('alert').count(), 0);
  await intercept(page, '**/stop/', (route) => route.abort(), { times: 1 });
  await told(() => page.getByRole('button', { name: 'Stop' }).click());
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped.').waitFor();
  await page.getByRole('status').getByText('The answer is incomplete.').waitFor();
});

test('when a model is gone, the model shown replies', async () => {
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
  await eventuallyEqual(() => shownModel(page), 'scripted');
  await ada.say('who is there?');
  await ada.answered();
  await eventuallyMatch(() => page.locator('.cost').innerText(), /^100 tokens · scripted/);
});

test('a message never costs more than the price shown before sending', async () => {
  const { page } = ada;
  await grant(site.server, ada, 100_000);
  await ada.enter();
  await chooseModel(page, 'metered');
  // Each of these characters is more than one token.
  const dense = ['𒀀𒁀𒂀𒃀'.repeat(60), '\u{1F9D1}\u{1F3FD}\u200D\u{1F680}'.repeat(40)];
  for (const words of [...dense, ' a1!'.repeat(80)]) {
    const shown = page.locator('.price');
    const before = await shown.allInnerTexts();
    await field(page).fill(words);
    // Each of these texts has another price than what stood there.
    await until(async () => /(Up to|at most) \d/.test(await shown.innerText()));
    await until(async () => !before.includes(await shown.innerText()));
    const price = await shown.innerText();
    const most = Number(/(?:Up to|at most) ([\d,]+)/.exec(price)?.[1]?.replaceAll(',', ''));
    await field(page).press('Enter');
    await ada.answered();
    await page.locator('.exchange').last().locator('.cost').waitFor();
    const cost = await page.locator('.cost').last().innerText();
    const charged = Number(/^([\d,]+) tokens/.exec(cost)?.[1]?.replaceAll(',', ''));
    assert.ok(charged > 0 && charged <= most, `${cost}, ${price}`);
  }
  await eventuallyEqual(() => page.locator('.exchange').count(), 3);
});

test('the tab has the title of the chat, and the list marks replies in progress', async () => {
  const { page } = ada;
  await ada.enter();
  await eventuallyEqual(() => page.title(), 'Chit');
  const end = held();
  await ada.say(script({ say: 'slow' }, end.step));
  const mark = page.locator('.conversation').getByLabel('The answer is being written.');
  await mark.waitFor();
  await until(async () => /^● \[\{.* – Chit$/.test(await page.title()));
  await page.locator('.new-chat').click();
  await until(async () => (await page.title()) === '● Chit');
  await mark.waitFor();
  end.release();
  await mark.waitFor({ state: 'detached' });
  await eventuallyEqual(() => page.title(), 'Chit');
  await ada.shows(3_900);
});

test('sending while scrolled up scrolls to the new message', async () => {
  const { page } = ada;
  await page.setViewportSize({ width: 800, height: 400 });
  await ada.enter();
  await ada.say(script({ say: 'a line\n\n'.repeat(60) }));
  await ada.answered();
  await page.locator('.thread').hover();
  await page.mouse.wheel(0, -800);
  await page.getByRole('button', { name: 'Scroll to the end' }).waitFor();
  await ada.say('my own words');
  const bubble = page.locator('.bubble').getByText('my own words', { exact: true });
  await ada.answered();
  await until(async () => {
    const box = await bubble.boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height < 400;
  });
  await eventuallyEqual(() => page.getByRole('button', { name: 'Scroll to the end' }).count(), 0);
});

test('a missing response is announced to screen readers', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ fail: 'down' }));
  await page.getByRole('status').getByText('No answer.').waitFor();
  await eventuallyEqual(() => page.getByText('The answer is ready.').count(), 0);
});

test('a search hit in another branch opens that branch, and New chat clears the search', async () => {
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
  await page.locator('#search').fill('Walruses');
  await page.locator('.conversation a').click();
  await page.getByText('You said: about walruses').waitFor();
  await page.getByText('1/2').waitFor();
  await page.locator('.new-chat').click();
  await until(async () => (await page.locator('#search').inputValue()) === '');
});

/** The page in a real browser: from sign-up to a reply, and what can go wrong. */
import assert from 'node:assert/strict';
import { flatPrice } from '../../../src/core/pricing.ts';
import { grant, PASSWORD, type Person, until } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { setActive } from '../../support/chit.ts';
import { eventuallyEqual, eventuallyMatch } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { intercept } from '../../support/intercept.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const WORDS = Array.from({ length: 12 }, (_, index) => `word${index} `);
const WHOLE = WORDS.join('').trim();

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(100))]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

test('from sign-up to a reply, with its price before and its cost after', async () => {
  const { page } = ada;
  await page.goto('/');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByLabel('Username').fill(`${ada.username}-new`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await ada.shows(4_000);
  await eventuallyEqual(() => page.locator('.price').innerText(), 'Costs 100 tokens');
  await ada.say('Hello');
  await ada.answered();
  await eventuallyEqual(() => ada.answer(), 'You said: Hello');
  await eventuallyMatch(
    () => page.locator('.cost').innerText(),
    /^100 tokens · scripted · [\d.]+ s$/,
  );
  await page.getByText('3,900').first().waitFor();
  await page.locator('.cost').click();
  await page.locator('tr.wanted').getByRole('cell', { name: '−100' }).waitFor();
  await page.goBack();
  await page.getByText('You said: Hello').waitFor();
  await page.locator('.ticket').click();
  await page.locator('.limits-popover').getByRole('link', { name: 'Statement' }).click();
  await page.getByRole('cell', { name: '−100' }).waitFor();
});

test('a wrong password and a taken username are refused with an explanation', async () => {
  const { page } = ada;
  await page.goto('/');
  await ada.signIn('wrong-tram-19');
  await page.getByText('Wrong username or password.').waitFor();
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('That username is taken.').waitFor();
});

test('Stop keeps the partial reply; regenerating and editing create branches', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: 'half of it' }, { hang: true }));
  await page.getByText('half of it', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped.').waitFor();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await page.locator('.edit textarea').fill('Other words');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await page.getByText('You said: Other words').waitFor();
  const wordings = page.getByRole('group', { name: 'Versions of your message' });
  const answers = page.getByRole('group', { name: 'Versions of the answer' });
  await wordings.getByText('2/2').waitFor();
  await eventuallyEqual(() => answers.count(), 0, 'an edit is no other answer');
  await page.getByRole('button', { name: 'get another answer' }).click();
  await answers.getByText('2/2').waitFor();
  await wordings.getByText('2/2').waitFor();
  await ada.answered();
  await answers.getByRole('button', { name: 'Previous version' }).click();
  await answers.getByText('1/2').waitFor();
  await wordings.getByRole('button', { name: 'Previous version' }).click();
  await page.getByText('half of it', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('half of it', { exact: true }).waitFor();
  await wordings.getByText('1/2').waitFor();
});

test('a reload during a reply continues it, and so does a second tab', async () => {
  const { page, context } = ada;
  await ada.enter();
  const rest = held();
  const words = WORDS.map((say) => ({ say }));
  await ada.say(script(...words.slice(0, 6), rest.step, ...words.slice(6)));
  await page.locator('.answer').getByText('word5').waitFor();
  await page.reload();
  const tab = await context.newPage();
  await tab.goto(page.url());
  for (const it of [page, tab]) await it.locator('.answer').getByText('word5').waitFor();
  rest.release();
  await ada.answered();
  await eventuallyEqual(() => ada.answer(), WHOLE);
  await tab.locator('.answer-line').waitFor();
  await eventuallyEqual(() => tab.locator('.answer .markdown').innerText(), WHOLE);
  await ada.shows(3_900);
});

test('a reply is complete after the network was lost and restored', async () => {
  const { page, context } = ada;
  await ada.enter();
  // Cut in the page and at the server: the browser's offline mode keeps open connections.
  const cut = await intercept(page, '**/stream/', (route) => route.abort());
  await ada.say(script(...WORDS.flatMap((say) => [{ say }, { waitMs: 120 }])));
  await page.getByText('Connection lost.').waitFor();
  cut.end();
  await context.setOffline(true);
  await context.setOffline(false);
  await ada.answered();
  await eventuallyEqual(() => ada.answer(), WHOLE);
  await eventuallyEqual(() => page.getByText('Connection lost.').count(), 0);
});

test('without a server the message stays, and one click sends it when it is back', async () => {
  const { page } = ada;
  await ada.enter();
  const interception = await intercept(page, '**/api/conversations/**', (route) => route.abort());
  await ada.say('Are you there?');
  await page.getByText('Can’t reach the server.').waitFor();
  await eventuallyEqual(() => page.getByLabel('Ask anything').inputValue(), 'Are you there?');
  interception.end();
  // The list of conversations also retries if it had not loaded when the server stopped.
  await page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
  await page.getByText('You said: Are you there?').waitFor();
  await eventuallyEqual(() => page.getByLabel('Ask anything').inputValue(), '');
  await ada.shows(3_900);
});

test('an unavailable model is reported in place of its reply, and one click retries', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ fail: 'down' }));
  const failed = page.locator('.answer .failure');
  await failed.getByText('The model failed with an error. You were not charged.').waitFor();
  await failed.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('2/2').waitFor();
  await ada.shows(4_000);
});

test('a user without enough tokens is told once what is missing and whom to ask', async () => {
  const { page } = ada;
  await ada.enter();
  await grant(site.server, ada, -3_850);
  await ada.say('the last one');
  await ada.answered();
  await page.getByText('This costs 100 tokens and you have 50.').waitFor();
  await page.locator('.ticket.low').waitFor();
  await ada.say('one more');
  await eventuallyEqual(() => page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await eventuallyEqual(() => page.locator('.exchange').count(), 1);
  // Enter is not ignored without a word, and says it in the same place.
  await eventuallyMatch(
    () => page.getByRole('alert').innerText(),
    /^This costs 100 tokens and you have 50/,
  );
  await ada.shows(50);
  await grant(site.server, ada, 1_000);
  await page.evaluate("window.dispatchEvent(new Event('focus'))");
  await ada.shows(1_050);
  await eventuallyEqual(() => page.locator('.low').count(), 0);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('You said: one more').waitFor();
});

test('an expired session asks to sign in, and the draft is still there', async () => {
  const { page } = ada;
  await ada.enter();
  await page.getByLabel('Ask anything').fill('half a thought');
  const { users } = site.server.chit.context;
  const user = await users.byUsername(ada.username);
  await setActive(site.server.chit, user?.id ?? 0, false);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await page.getByLabel('Ask anything').press('Enter');
  await page.getByText('You are signed out: your session').waitFor();
  await setActive(site.server.chit, user?.id ?? 0, true);
  await ada.signIn();
  // The field is there before the draft is in it.
  const field = page.getByLabel('Ask anything');
  await until(async () => (await field.inputValue()) === 'half a thought');
});

test('the page follows the reply until the reader scrolls up, and announces it', async () => {
  const { page } = ada;
  await page.setViewportSize({ width: 800, height: 400 });
  await ada.enter();
  const lines = Array.from({ length: 40 }, (_, index) => ({ say: `line ${index}\n\n` }));
  const rest = held();
  await ada.say(script(...lines.slice(0, 16), rest.step, ...lines.slice(16)));
  const fromEnd = async () =>
    Number(
      await page.evaluate(
        '(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)' +
          "(document.querySelector('.thread'))",
      ),
    );
  await page.getByRole('status').getByText('The answer is being written.').waitFor();
  await page.locator('.answer').getByText('line 15').waitFor();
  await until(async () => (await fromEnd()) < 48);
  await page.locator('.thread').hover();
  await page.mouse.wheel(0, -300);
  await page.getByRole('button', { name: 'Scroll to the end' }).waitFor();
  rest.release();
  await page.locator('.answer').getByText('line 30').waitFor();
  assert.ok((await fromEnd()) > 200, 'it stays where its reader is');
  await page.getByRole('button', { name: 'Scroll to the end' }).click();
  await ada.answered();
  await until(async () => (await fromEnd()) < 48);
  await page.getByRole('status').getByText('The answer is ready.').waitFor();
});

test('Enter during IME composition sends nothing', async () => {
  const { page } = ada;
  await ada.enter();
  const field = page.getByLabel('Ask anything');
  await field.fill('かな');
  const press = (how: string) =>
    page.evaluate(`document.getElementById('composer').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ${how} }))`);
  // Whether the page leaves Enter to the browser, which ends composing.
  assert.equal(await press('isComposing: true'), true);
  assert.equal(await press('keyCode: 229'), true);
  await eventuallyEqual(() => field.inputValue(), 'かな');
  await eventuallyEqual(() => page.locator('.exchange').count(), 0);
  assert.equal(await press(''), false);
  await ada.answered();
});

test('a message that is too long is refused with an explanation, and its text stays', async () => {
  const { page } = ada;
  await ada.enter();
  const field = page.getByLabel('Ask anything');
  await field.fill('x'.repeat(100_001));
  await field.press('Enter');
  const refusal = 'This message has 100,001 characters; the limit is 100,000.';
  await page.getByRole('alert').getByText(refusal).waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await eventuallyEqual(async () => (await field.inputValue()).length, 100_001);
  await ada.shows(4_000);
});

/** Models on the page: thinking, the choice of one, settings, costs before sending, comparing. */
import assert from 'node:assert/strict';
import { flatPrice, textPrice } from '../../../src/core/pricing.ts';
import { ProviderFailure } from '../../../src/models/provider-client/provider-failure.ts';
import { accessibilityViolations, type Person, until } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyMatch, eventuallyPasses } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { chooseModel, shownModel } from '../../support/models.ts';
import { type ScriptedModel, script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const METERED = textPrice({ perMillionInput: 100_000, perMillionOutput: 200_000 });

const NOT_THERE = new ProviderFailure('refused', 'No such model.', {
  status: 404,
  body: '{"error":{"message":"model not found","code":"model_not_found"}}',
});

let site: Site;
let ada: Person;
let clever: ScriptedModel;

before(async () => {
  const options = {
    descriptions: { en: 'Thinks before it replies.', de: 'Denkt nach.' },
    thinks: true,
    efforts: ['low', 'high'],
    takesTemperature: true,
    contextTokens: 128_000,
  } as const;
  clever = Object.assign(
    scriptedModel(METERED, { outputLimit: 10_000 }),
    { name: 'clever' },
    options,
  );
  const plain = Object.assign(scriptedModel(flatPrice(100)), { name: 'plain' });
  const refusing = Object.assign(scriptedModel(flatPrice(10)), {
    name: 'refusing',
    generate: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(NOT_THERE) }) }),
  });
  const dear = Object.assign(scriptedModel(flatPrice(9_000)), { name: 'dear' });
  site = await startSite([plain, clever, dear, refusing]);
});
beforeEach(async () => {
  ada = await site.meet();
  await ada.page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.enter();
});
afterEach(() => ada.leave());
after(() => site?.close());

test('thinking is shown while it lasts, folded, and is there again after a reload', async () => {
  const { page } = ada;
  const thought = { nonReplyOutput: 'Let me **count**.' };
  const rest = held();
  await ada.say(script(thought, rest.step, { say: 'Four.' }));
  // The seconds go on while nothing else is heard of the model.
  await page.getByText(/^Thinking… ([2-9]|\d\d+) s$/).waitFor();
  await page.locator('.thought.lasting summary').click();
  await page.locator('.thought-text strong', { hasText: 'count' }).waitFor();
  rest.release();
  await ada.answered();
  const fold = page.locator('summary', { hasText: /Thought for \d+ s/ });
  await fold.waitFor();
  // What was opened stays so.
  await page.locator('.thought-text strong', { hasText: 'count' }).waitFor();
  await page.reload();
  await fold.waitFor();
  await eventuallyEqual(() => page.locator('.thought-text').count(), 0);
  await fold.click();
  await page.locator('.thought-text strong', { hasText: 'count' }).waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
});

test('a model is found and chosen by the keyboard, and remembered for new chats', async () => {
  const { page } = ada;
  await page.getByRole('button', { name: 'Model: plain' }).click();
  const search = page.getByRole('combobox', { name: 'Search models' });
  await page.getByRole('option', { name: /clever.*128K context · thinks/i }).waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await search.fill('thinks before');
  const found = page.getByRole('listbox', { name: 'Model' }).getByRole('option');
  await eventuallyEqual(() => found.count(), 1);
  await search.press('Enter');
  await eventuallyEqual(() => shownModel(page), 'clever');
  await page.getByRole('button', { name: 'Model: clever' }).click();
  await search.press('ArrowUp');
  await search.press('ArrowDown');
  await search.press('Escape');
  await eventuallyEqual(() => shownModel(page), 'clever');
  await page.reload();
  await ada.say('hello');
  await ada.answered();
  await eventuallyMatch(() => page.locator('.cost').innerText(), / · clever · /);
  await page.keyboard.press('Control+Shift+o');
  await page.goto('/');
  await eventuallyEqual(() => shownModel(page), 'clever');
});

test('effort and temperature are set for a chat and told to its model; the ceiling shows it', async () => {
  const { page } = ada;
  await chooseModel(page, 'clever');
  await page.getByRole('button', { name: 'Model: clever' }).click();
  await page.getByText('Settings for this chat').click();
  await page.getByRole('radio', { name: 'High' }).check();
  await page.getByRole('slider').fill('0.3');
  await page.keyboard.press('Escape');
  await eventuallyEqual(() => shownModel(page), 'clever · High');
  await ada.say('think');
  await ada.answered();
  assert.deepEqual(clever.requests.at(-1)?.options, { effort: 'high', temperature: 0.3 });
  await page.reload();
  await page.getByRole('button', { name: 'Model: clever · High' }).waitFor();
});

test('what is usual comes before the ceiling, also where a message is edited or sent again', async () => {
  const { page } = ada;
  await chooseModel(page, 'clever');
  const words = /^About [\d,]+ tokens, at most [\d,]+$/;
  await eventuallyMatch(() => page.locator('#price').innerText(), words);
  // Longer than two messages of a comparison are apart.
  await ada.say(script({ waitMs: 600 }, { say: 'one' }));
  await ada.answered();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await eventuallyMatch(() => page.locator('.edit .price').innerText(), words);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'get another answer' }).hover();
  await eventuallyMatch(() => page.locator('.regenerate-price').innerText(), words);
  await page.getByRole('button', { name: 'Regenerate with…' }).click();
  await page.getByRole('menuitem', { name: /plain/ }).click();
  await page.getByText('2/2').waitFor();
  await ada.answered();
  await eventuallyMatch(() => page.locator('.cost').innerText(), /^100 tokens · plain · /);
  await eventuallyEqual(() => page.locator('.comparison').count(), 0);
});

test('where the balance is too low, Enter says so and a model that is affordable is one click away', async () => {
  const { page } = ada;
  await chooseModel(page, 'dear');
  const field = page.getByRole('textbox', { name: 'Ask anything' });
  await field.fill('hello');
  await field.press('Enter');
  await page.getByRole('alert').getByText('This costs 9,000 tokens').waitFor();
  await eventuallyEqual(() => page.locator('.bubble').count(), 0);
  await page.getByRole('button', { name: 'plain · 100 tokens' }).click();
  await field.press('Enter');
  await ada.answered();
  await ada.shows(3_900);
});

test('a model that did not answer has others beside Try again', async () => {
  const { page } = ada;
  await chooseModel(page, 'clever');
  await ada.say(script({ fail: 'reset' }));
  const failure = page.locator('.failure');
  await failure.getByRole('button', { name: 'Try again' }).waitFor();
  await eventuallyMatch(() => failure.locator('.price').innerText(), /^About/);
  await failure.getByRole('button', { name: 'Another model' }).click();
  await page.getByRole('menuitem', { name: /^plain\s*100 tokens/ }).click();
  await page.getByText('2/2').waitFor();
  await ada.shows(4_000);
});

test('a failure that will come again leads to the choice of models first', async () => {
  const { page } = ada;
  await chooseModel(page, 'refusing');
  await ada.say('hello');
  const failure = page.locator('.failure');
  const choose = failure.locator('button[aria-haspopup]').and(failure.locator('.primary'));
  await choose.press('Enter');
  await page.getByRole('menuitem', { name: /^plain\s*100 tokens/ }).waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('menuitem', { name: 'All models…' }).press('Enter');
  const search = page.getByRole('combobox', { name: 'Search models' });
  await search.fill('plain');
  await search.press('Enter');
  await eventuallyEqual(() => shownModel(page), 'plain');
  // The focus is where the choice began, and what is chosen answers.
  await until(async () =>
    page.evaluate("document.activeElement?.textContent === 'Another model'").then(Boolean),
  );
  await failure.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('2/2').waitFor();
  await ada.answered();
  await eventuallyMatch(() => page.locator('.cost').innerText(), /^100 tokens · plain · /);
  await ada.shows(3_900);
});

test('by touch a model is chosen and set, its thoughts are read, and another one asked', async () => {
  const phone = await site.browser.newContext({
    baseURL: site.server.url,
    storageState: await ada.context.storageState(),
    locale: 'en-GB',
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  phone.setDefaultTimeout(30_000);
  const page = await phone.newPage();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/');
  await page.getByRole('button', { name: 'Model: plain' }).tap();
  const option = page.locator('.model-option', { hasText: 'clever' });
  await option.waitFor();
  // The keyboard of the phone stays away, and all models are in sight.
  assert.equal(await page.evaluate("document.activeElement.matches('input')"), false);
  await eventuallyEqual(() => page.getByRole('slider').isVisible(), false);
  await option.tap();
  await page.getByRole('button', { name: 'Model: clever' }).tap();
  await page.getByText('Settings for this chat').tap();
  await page.getByRole('radio', { name: 'High' }).tap();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.touchscreen.tap(195, 830);
  await page.getByRole('button', { name: 'Model: clever · High' }).waitFor();
  const thought = { nonReplyOutput: 'Let me **count**.' };
  await page.getByLabel('Ask anything').fill(script(thought, { waitMs: 600 }, { say: 'Four.' }));
  await page.getByRole('button', { name: 'Send', exact: true }).tap();
  await page.locator('summary', { hasText: /Thought for \d+ s/ }).tap();
  await page.locator('.thought-text strong', { hasText: 'count' }).waitFor();
  await page.getByRole('button', { name: 'Regenerate with…' }).tap();
  await page.getByRole('menuitem', { name: /plain/ }).tap();
  await page.getByText('2/2').waitFor();
  await page.locator('.cost', { hasText: '100 tokens · plain' }).waitFor();
  await phone.close();
});

test('two models answer the same message side by side, paid as two messages', async () => {
  const { page } = ada;
  await page.getByRole('button', { name: 'Model: plain' }).click();
  await page.getByText('Settings for this chat').click();
  await page.getByLabel('Compare with').selectOption('clever');
  await page.keyboard.press('Escape');
  await eventuallyMatch(
    () => page.locator('#price').innerText(),
    /^About [\d,]+ tokens, at most [\d,]+ for two answers$/,
  );
  await ada.say(script({ say: 'Hi.' }, { usage: { input: 10, output: 20 } }));
  const compared = page.locator('.compared-one');
  await compared.nth(1).locator('.cost').waitFor();
  await eventuallyPasses(async () => {
    const costs = await page.locator('.compared-one .cost').allInnerTexts();
    assert.match(costs[0] ?? '', /^100 tokens · plain/);
    assert.match(costs[1] ?? '', /^5 tokens · clever/);
  });
  await ada.shows(3_895);
  assert.deepEqual(await accessibilityViolations(page), []);
  const boxes = () => Promise.all([0, 1].map((nth) => compared.nth(nth).boundingBox()));
  await eventuallyPasses(async () => {
    const [first, second] = await boxes();
    assert.ok((first?.x ?? 0) < (second?.x ?? 0));
  });
  await page.setViewportSize({ width: 390, height: 800 });
  await eventuallyPasses(async () => {
    const [first, second] = await boxes();
    assert.ok((first?.y ?? 0) < (second?.y ?? 0));
  });
  await page.getByRole('button', { name: 'Continue with clever' }).click();
  await page.getByText('2/2').waitFor();
  await eventuallyEqual(() => shownModel(page), 'clever');
});

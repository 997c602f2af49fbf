/** What the page reports about actions and failures, and where links lead. */
import assert from 'node:assert/strict';
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD, type Person, showsShortly } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

test('copying also works over plain http and inside a dialog', async () => {
  const { page } = ada;
  await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await ada.enter();
  await ada.say('a few words');
  await ada.answered();
  const copied = { selector: 'button', pattern: /^Copied$/ };
  await showsShortly(page, copied, () =>
    page.getByRole('button', { name: 'Copy the answer' }).click(),
  );
  await page.getByRole('button', { name: 'Copied' }).waitFor({ state: 'detached' });
  await page.locator('#composer').focus();
  await page.keyboard.press('Control+v');
  await eventuallyEqual(() => page.locator('#composer').inputValue(), 'You said: a few words');
  await page.locator('#composer').fill('');
  await ada.choose('Share');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await showsShortly(page, copied, () => dialog.getByRole('button', { name: 'Copy link' }).click());
  const link = await dialog.getByLabel('Link to this chat').inputValue();
  await page.keyboard.press('Escape');
  await page.locator('#composer').focus();
  await page.keyboard.press('Control+v');
  await eventuallyEqual(() => page.locator('#composer').inputValue(), link);
  await page.keyboard.press('Control+Shift+C');
  await page.getByRole('status').getByText('Copied').waitFor();
  await page.locator('.conversation').getByTitle('shared').waitFor();
});

test('what cannot be done says why and stays open', async () => {
  const { page, context } = ada;
  await ada.enter();
  await ada.say('something');
  await ada.answered();
  const dialog = page.getByRole('dialog');
  // Opened once while their code can be loaded.
  await ada.choose('Delete');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Instructions' }).click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await ada.choose('Share');
  await dialog.getByRole('button', { name: 'Create link' }).waitFor();
  await context.setOffline(true);
  const offline = page.getByRole('alert').getByText('Can’t reach the server.');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await offline.waitFor();
  await page.keyboard.press('Escape');
  await ada.choose('Rename');
  await page.getByLabel('Rename').fill('   ');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Enter a title.').waitFor();
  await page.getByLabel('Rename').fill('Another name');
  await page.keyboard.press('Enter');
  await offline.waitFor();
  await eventuallyEqual(() => page.getByLabel('Rename').inputValue(), 'Another name');
  await page.keyboard.press('Escape');
  await ada.choose('Download as Markdown');
  await offline.waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await ada.choose('Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await offline.waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Instructions' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await offline.waitFor();
  await context.setOffline(false);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('a cost links to its statement line, however old, and Back returns', async () => {
  const { page } = ada;
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const { id } = await talker.begin({ title: 'the first one' });
  await talker.exchange(id, 'the first words');
  const { id: later } = await talker.begin();
  for (let count = 0; count < 60; count += 1) await talker.exchange(later, `words ${count}`);
  await ada.signIn();
  await page.getByTitle('the first one').click();
  await page.locator('.cost').click();
  const line = page.locator('tr.wanted');
  await line.getByRole('cell', { name: '−1', exact: true }).waitFor();
  const chat = line.getByRole('link', { name: 'the first one', exact: true });
  await eventuallyEqual(() => chat.getAttribute('href'), `/c/${id}`);
  await page.getByRole('link', { name: 'Back' }).click();
  await page.getByText('You said: the first words').waitFor();
  await page.goto('/statement#nothing');
  await page.getByText('isn’t among the most recent ones').waitFor();
});

test('a shared chat shows a reply once it is complete', async () => {
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const { id } = await talker.begin();
  const end = held();
  await talker.say(id, script({ say: 'at last' }, end.step));
  const { json } = await talker.call('POST', `/api/conversations/${id}/share/`, { kind: 'live' });
  const { page } = ada;
  await page.goto((json as { share: string }).share);
  await page.getByText('The answer is being written.').waitFor();
  end.release();
  await page.getByText('at last', { exact: true }).waitFor();
  await eventuallyEqual(() => page.getByText('The answer is being written.').count(), 0);
});

test('formulas are typeset, tasks have checkboxes, an incomplete table waits', async () => {
  const { page } = ada;
  await ada.enter();
  const say = 'So \\(x^2\\) and\n\\[\ny = 2\n\\]\n\n- [x] done\n- [ ] to do\n\n';
  const head = '| one | two |\n';
  const rest = held();
  await ada.say(
    script({ say: say + head }, rest.step, { say: '|---|---|\n| 1 | 2 |\n' }, { hang: true }),
  );
  const answer = page.locator('.answer .markdown');
  await answer.getByText('done').waitFor();
  assert.ok(!(await answer.innerText()).includes('|'), 'a table is shown as what it is not');
  rest.release();
  await answer.getByRole('cell', { name: '1' }).waitFor();
  await answer.locator('math').nth(1).waitFor();
  await eventuallyEqual(
    async () => (await answer.locator('.task').allInnerTexts()).map((it) => it[0]),
    ['☑', '☐'],
  );
});

test('an unknown path says so, signed in or not', async () => {
  const { page } = ada;
  const answer = await page.goto('/nope');
  assert.equal(answer?.status(), 404);
  await page.getByText('Page not found.').waitFor();
  await page.getByRole('link', { name: 'Open chat' }).click();
  await page.getByLabel('Username').waitFor();
});

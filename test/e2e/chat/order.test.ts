/** Finding and ordering chats on the page: the palette, jumps, pins, folders, the archive. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { accessibilityViolations, PASSWORD, type Person, until } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;
let ada: Person;
let talker: Talker;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))]);
});
beforeEach(async () => {
  ada = await site.meet();
  talker = await Talker.of(site.server.url, ada.username, PASSWORD);
});
afterEach(() => ada.leave());
after(() => site?.close());

const palette = (page: Page) => page.getByRole('combobox', { name: 'Search chats and commands' });
const option = (page: Page, name: string | RegExp) => page.getByRole('option', { name });
const titles = (page: Page) => page.locator('.sidebar .conversation-title').allInnerTexts();

/** Waits until what Enter would choose has this in its name. */
async function chosenIs(page: Page, words: string): Promise<void> {
  await page.getByRole('option', { selected: true, name: new RegExp(words, 'i') }).waitFor();
}

test('the palette finds words in any order, and goes to the match in another branch', async () => {
  const { page } = ada;
  const { id } = await talker.begin({ title: 'Fruit' });
  const first = await talker.exchange(id, 'tell me about quinces and marmalade');
  let parent: string | null = null;
  for (let turn = 0; turn < 12; turn += 1) {
    const other = await talker.exchange(id, `something else ${turn}\n\n${'line\n\n'.repeat(9)}`, {
      parent,
    });
    parent = other.id;
  }
  await ada.enter();
  await page.keyboard.press('Control+k');
  await palette(page).fill('marmalade quinc');
  const hit = option(page, /Fruit/);
  await hit.waitFor();
  await eventuallyEqual(() => hit.locator('mark').allInnerTexts(), ['quinc', 'marmalade']);
  assert.deepEqual(await accessibilityViolations(page), []);
  await chosenIs(page, 'Fruit');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/c/${id}`);
  const found = page.locator(`[data-message="${first.id}"]`);
  await found.waitFor();
  await until(async () =>
    page.evaluate('CSS.highlights.get("found")?.size > 0').then((it) => it === true),
  );
  const focused = 'document.activeElement?.dataset.message';
  await until(async () => (await page.evaluate(focused)) === first.id);
  // Only the page shows that branch; the chat itself stays as it was.
  const [kept] = await talker.conversations();
  assert.equal(kept?.leaf, parent);
});

test('the match is scrolled to far up in a long chat, and stays there', async () => {
  const { page } = ada;
  const { id } = await talker.begin({ title: 'Long' });
  let parent: string | null = null;
  let wanted = '';
  for (let turn = 0; turn < 50; turn += 1) {
    const words: string = turn === 3 ? 'the persimmon' : `turn ${turn}`;
    const sent: { id: string } = await talker.exchange(id, `${words}\n\n${'x\n\n'.repeat(5)}`, {
      parent,
    });
    parent = sent.id;
    if (turn === 3) wanted = sent.id;
  }
  await ada.enter();
  await page.goto(`/c/${id}`);
  await page.locator('.exchange').first().waitFor();
  await page.keyboard.press('Control+k');
  await palette(page).fill('persimmon');
  await option(page, /persimmon/).click();
  const found = page.locator(`[data-message="${wanted}"]`);
  await until(async () => {
    const box = await found.boundingBox();
    return box !== null && box.y > -50 && box.y < 700;
  });
});

test('commands: arrow keys, rename in place, pin, archive, and back from the archive', async () => {
  const { page } = ada;
  for (const title of ['one', 'two', 'three'])
    await talker.exchange((await talker.begin({ title })).id, title);
  await ada.enter();
  await page.getByRole('link', { name: 'one', exact: true }).click();
  await page.getByText('You said: one').waitFor();
  const run = async (words: string) => {
    await page.keyboard.press('Control+k');
    await palette(page).fill(words);
    await chosenIs(page, words);
    await page.keyboard.press('Enter');
  };
  await run('rename');
  await page.getByRole('combobox', { name: 'New name' }).fill('first');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'first', exact: true }).waitFor();
  await run('pin');
  await page.getByRole('heading', { name: 'Pinned' }).waitFor();
  await eventuallyEqual(() => titles(page), ['first', 'three', 'two']);
  await page.keyboard.press('Control+k');
  await palette(page).waitFor();
  const chosen = () => page.getByRole('option', { selected: true }).innerText();
  const first = await chosen();
  await page.keyboard.press('ArrowDown');
  await until(async () => (await chosen()) !== first);
  await page.keyboard.press('ArrowUp');
  await eventuallyEqual(chosen, first);
  await page.keyboard.press('Escape');
  await palette(page).waitFor({ state: 'detached' });
  await run('archive');
  await until(async () => (await titles(page)).length === 2);
  await page.getByRole('link', { name: 'All chats and archive' }).click();
  await page.getByRole('button', { name: 'Archive', exact: true }).first().click();
  await page.getByLabel('Select first').check();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Restore from archive' }).click();
  await page.getByText('Your archive is empty.').waitFor();
  const [restored] = await talker.conversations('?shelf=pinned');
  assert.equal(restored?.title, 'first');
});

test('several chats are deleted with one question; Cancel keeps them', async () => {
  const { page } = ada;
  for (const title of ['one', 'two', 'three']) await talker.begin({ title });
  await ada.enter();
  await page.goto('/chats');
  await page.getByLabel('Select one').check();
  await page.getByLabel('Select three').check();
  await page.getByText('2 selected').waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 2 chats?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await eventuallyEqual(async () => (await talker.conversations()).length, 3);
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByLabel('Select two').waitFor();
  await until(async () => (await page.getByLabel(/^Select (one|three)$/).count()) === 0);
  assert.deepEqual(
    (await talker.conversations()).map(({ title }) => title),
    ['two'],
  );
});

test('a chat is moved into a new folder, which is removed without losing it', async () => {
  const { page } = ada;
  const { id } = await talker.begin({ title: 'Lisbon' });
  await talker.exchange(id, 'hello');
  await ada.enter();
  await page.goto(`/c/${id}`);
  await page.getByText('You said: hello').waitFor();
  await page.keyboard.press('Control+k');
  await palette(page).fill('folder');
  await chosenIs(page, 'folder');
  await page.keyboard.press('Enter');
  await page.getByLabel('Name of the folder').fill('Travel');
  await page.getByRole('button', { name: 'Create' }).click();
  const folder = page.getByRole('button', { name: 'Travel', exact: true });
  await folder.click();
  const inside = page.getByRole('list', { name: 'Folder Travel' });
  await inside.getByRole('link', { name: 'Lisbon' }).waitFor();
  await eventuallyEqual(async () => (await titles(page)).length, 1);
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Menu of the folder Travel' }).click();
  await page.getByRole('menuitem', { name: 'Remove folder' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove folder' }).click();
  await folder.waitFor({ state: 'detached' });
  await until(async () => (await titles(page)).includes('Lisbon'));
});

test('a temporary chat says so, is charged, warns before a reload, and is gone then', async () => {
  const { page } = ada;
  await ada.enter();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await page.getByRole('note').getByText('Not kept').waitFor();
  await ada.say('for now');
  await ada.answered();
  await page.getByRole('note').getByText('Not kept').waitFor();
  await ada.shows(3_999);
  const { pathname } = new URL(page.url());
  assert.match(pathname, /^\/c\//);
  await eventuallyEqual(() => talker.conversations(), []);
  const warnings: string[] = [];
  page.removeAllListeners('dialog');
  page.on('dialog', (dialog) => {
    warnings.push(dialog.type());
    void dialog.accept();
  });
  await page.reload();
  await page.waitForURL('**/');
  assert.deepEqual(warnings, ['beforeunload']);
  await until(
    async () =>
      (await talker.call('GET', `/api/conversations${pathname.slice(2)}/`)).status === 404,
  );
  await ada.shows(3_999);
});

/** What goes out and comes in: sharing, importing, deleting an account; and the page as an app. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../src/core/pricing.ts';
import { accessibilityViolations, PASSWORD, type Person } from '../support/browser.ts';
import { after, before, test } from '../support/browser-test.ts';
import { eventuallyEqual } from '../support/eventually.ts';
import { startModelServer } from '../support/model-server.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { type Site, startSite } from '../support/site.ts';

let site: Site;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(100))]);
});
after(() => site?.close());

/** Asks until it is so. Playwright's own way needs `eval`, which the policy of the page forbids. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

async function accessibleInBothThemes(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await accessibilityViolations(page, colorScheme), []);
  }
}

async function shares(ada: Person): Promise<string> {
  const { page } = ada;
  const dialog = page.getByRole('dialog');
  await ada.choose('Share');
  await dialog.getByText('Nothing you write or edit later is added').waitFor();
  await accessibleInBothThemes(page);
  await dialog.getByLabel('Link works for').selectOption('7 days');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await dialog.getByText(/Snapshot of .+ The link ends on/).waitFor();
  await accessibleInBothThemes(page);
  return dialog.getByLabel('Link to this chat').inputValue();
}

test('a snapshot stays as it is, a live chat goes on, and what ended is gone', async () => {
  const ada = await site.meet();
  const { page } = ada;
  await ada.enter();
  await ada.say('for all');
  await ada.answered();
  const link = await shares(ada);
  const dialog = page.getByRole('dialog');
  await page.keyboard.press('Escape');
  await ada.say('not for all');
  await page.getByText('You said: not for all').waitFor();
  const reader = await site.browser.newPage();
  await reader.goto(link);
  await reader.getByText('You said: for all').waitFor();
  await reader.getByText(/As of .+ The link works until/).waitFor();
  // Who opens a link sees whose site it is.
  await reader.getByRole('main').getByRole('link', { name: 'Chit', exact: true }).waitFor();
  await eventuallyEqual(() => reader.getByText('not for all').count(), 0);
  await eventuallyEqual(() => reader.locator('.cost').count(), 0);
  await ada.choose('Share');
  await dialog.getByLabel('The live chat').check();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await dialog.getByText('Live: new messages are included.').waitFor();
  await reader.reload();
  await reader.getByText('You said: not for all').waitFor();
  await dialog.getByRole('button', { name: 'Stop sharing' }).click();
  await dialog.getByRole('button', { name: 'Create link' }).waitFor();
  await reader.reload();
  await reader.getByText('This link no longer works.').waitFor();
  await reader.close();
  await ada.leave();
});

test('an export is looked at, imported once, and taken along again', async () => {
  const ada = await site.meet();
  const { page } = ada;
  await ada.enter();
  await ada.openAccount();
  await page.getByRole('link', { name: 'Import chats…' }).click();
  const said = (id: string, parent: string | null, role: string, text: string) => [
    id,
    {
      id,
      parent,
      message: { author: { role }, content: { content_type: 'text', parts: [text] } },
    },
  ];
  const chat = {
    conversation_id: 'gpt-1',
    title: 'From elsewhere',
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    mapping: Object.fromEntries([
      said('u', null, 'user', 'A question of old'),
      said('a', 'u', 'assistant', 'An answer of old'),
    ]),
  };
  const zip = zipSync({ 'conversations.json': strToU8(JSON.stringify([chat])) });
  const file = (name: string, buffer: Buffer) => ({ name, buffer, mimeType: 'application/zip' });
  const choose = page.locator('input[type=file]');
  await page.getByRole('heading', { name: 'Import chats' }).waitFor();
  await accessibleInBothThemes(page);
  await choose.setInputFiles(file('photo.zip', Buffer.from('PK no zip')));
  await page.getByRole('alert').waitFor();
  await accessibleInBothThemes(page);
  for (const words of ['Done: 1 message added.', 'Done: 0 messages added. 1 here already.']) {
    await choose.setInputFiles(file('export.zip', Buffer.from(zip)));
    await page.getByText('An export of ChatGPT with 1 chat and 1 message.').waitFor();
    await accessibleInBothThemes(page);
    await page.getByRole('button', { name: 'Import 1 chat' }).click();
    await page.getByText(words).waitFor();
    await accessibleInBothThemes(page);
  }
  await page.getByRole('link', { name: 'Open chat' }).click();
  await page.getByRole('link', { name: 'From elsewhere' }).click();
  await page.getByText('An answer of old').waitFor();
  await eventuallyEqual(() => page.locator('.cost').count(), 0);
  await ada.openAccount();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download everything' }).click();
  const archive = unzipSync(readFileSync(await (await saved).path()));
  const texts = Object.entries(archive).map(([, it]) => strFromU8(it));
  assert.equal(texts.filter((it) => it.includes('An answer of old')).length, 2);
  await ada.leave();
});

test('an account is deleted after its name and password were typed', async () => {
  const ada = await site.meet();
  const { page, username } = ada;
  await ada.enter();
  await ada.openAccount();
  await page.getByRole('button', { name: 'Delete account…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('without your name').waitFor();
  const remove = dialog.getByRole('button', { name: 'Delete for good' });
  await dialog.getByLabel('Password').fill('not the password');
  await eventuallyEqual(() => remove.isDisabled(), true);
  await dialog.getByLabel(`Type your username, ${username}, to confirm`).fill(username);
  await remove.click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Password').fill(PASSWORD);
  await remove.click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await ada.signIn();
  await page.getByText('Wrong username or password.').waitFor();
  await ada.leave();
});

test('the tab says that an answer comes', async () => {
  const ada = await site.meet();
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: 'half' }, { hang: true }));
  await until(async () => (await page.title()).startsWith('● '));
  await page.keyboard.press('Escape');
  await until(async () => !(await page.title()).startsWith('●'));
  await ada.leave();
});

test('the app opens where its server cannot be reached, under a path as well', async () => {
  const settings = { CHIT_PUBLIC_URL: 'https://people.test/team/chat/' };
  const server = await startModelServer([scriptedModel(flatPrice(1))], settings);
  const context = await site.browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Manifest/i.test(message.text())) refused.push(message.text());
  });
  const address = `${server.url}/team/chat/`;
  await page.goto(address);
  const manifest = await page.evaluate<{ start_url: string; icons: { src: string }[] }>(
    "fetch(document.querySelector('link[rel=manifest]').href).then((it) => it.json())",
  );
  for (const { src } of manifest.icons) {
    assert.equal((await fetch(new URL(src, address))).status, 200, src);
  }
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
  await until(() => page.evaluate<boolean>('navigator.serviceWorker.controller !== null'));
  await page.reload();
  const isKept = `caches.match('${address}').then((it) => it !== undefined)`;
  await until(() => page.evaluate<boolean>(isKept));
  await page.getByLabel('Username').waitFor();
  await server.close();
  await page.reload();
  await page.getByLabel('Username').waitFor();
  assert.deepEqual(refused, []);
  await context.close();
});

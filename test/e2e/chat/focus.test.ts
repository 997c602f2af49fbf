/** Keyboard use: where the focus is, and what Escape ends. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const PHONE = { width: 390, height: 844 };
const HANGING = script({ say: 'a part' }, { hang: true });

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))]);
});
beforeEach(async () => {
  ada = await site.meet();
  await ada.enter();
});
afterEach(() => ada.leave());
after(() => site?.close());

/** Waits until the element of the selector has the focus. */
async function hasFocus(page: Page, selector: string): Promise<void> {
  const untilMs = Date.now() + 30_000;
  for (;;) {
    const focused = await page.evaluate(`(it => it?.matches(${JSON.stringify(selector)})
      ? '' : String(it?.outerHTML.slice(0, 200)))(document.activeElement)`);
    if (focused === '') return;
    assert.ok(Date.now() < untilMs, `${selector} has no focus; ${focused} has`);
    await page.waitForTimeout(20);
  }
}

test('a dialog returns the focus to what opened it, however it is closed', async () => {
  const { page } = ada;
  await ada.say('to be renamed');
  await ada.answered();
  const opener = page.locator('.conversation .menu-button');
  const dialog = page.getByRole('dialog');
  const ways: [string, () => Promise<void>][] = [
    ['Escape', () => page.keyboard.press('Escape')],
    ['×', () => dialog.getByRole('button', { name: 'Close' }).click()],
    ['a click beside it', () => page.mouse.click(1_200, 700)],
    ['Cancel', () => dialog.getByRole('button', { name: 'Cancel' }).click()],
  ];
  for (const [way, close] of ways) {
    await opener.focus();
    await page.keyboard.press('Enter');
    await hasFocus(page, '[role=menuitem]');
    await page.keyboard.press('End');
    await hasFocus(page, '[data-label=Delete]');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await close();
    await dialog.waitFor({ state: 'detached' });
    await hasFocus(page, '.conversation .menu-button').catch((error: unknown) => {
      throw new Error(way, { cause: error });
    });
  }
  await page.getByRole('button', { name: 'Instructions' }).click();
  await dialog.getByRole('textbox').fill('Briefly.');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await hasFocus(page, '.instructed');
  await page.getByRole('button', { name: 'Instructions set' }).waitFor();
  await ada.choose('Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await hasFocus(page, '#composer');
});

test('the focus follows the conversation', async () => {
  const { page } = ada;
  await hasFocus(page, '#composer');
  await ada.say('one');
  await ada.answered();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await hasFocus(page, '.edit textarea');
  await page.keyboard.press('Escape');
  await hasFocus(page, '.words-line .edit-button');
  await page.keyboard.press('Enter');
  await hasFocus(page, '.edit textarea');
  await page.keyboard.type(', in other words');
  await page.keyboard.press('Enter');
  await page.getByText('You said: one, in other words').waitFor();
  await hasFocus(page, '#composer');
  await page.getByRole('button', { name: 'Previous version' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('1/2').waitFor();
  // The first version has no previous one, so the other button has the focus.
  await hasFocus(page, '.words-line .next');
  await page.getByRole('button', { name: 'Regenerate' }).click();
  await page.getByText('2/2').waitFor();
  await hasFocus(page, '#composer');
  await page.locator('.answer-line .previous').click();
  await page.locator('.answer-line').getByText('1/2').waitFor();
  await hasFocus(page, '.answer-line .next');
  await page.keyboard.press('Control+Shift+O');
  await page.getByText('Hello,').waitFor();
  await hasFocus(page, '#composer');
  await ada.say(HANGING);
  await page.getByText('a part', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.locator('.stopped').waitFor();
  await hasFocus(page, '#composer');
  await page.locator('.conversation a').last().click();
  await page.locator('.answer-line').getByText('1/2').waitFor();
  await hasFocus(page, '#composer');
});

test('Escape stops a reply only where it has no other meaning', async () => {
  const { page } = ada;
  await ada.say('one');
  await ada.answered();
  await ada.say(HANGING);
  await page.getByText('a part', { exact: true }).waitFor();
  await page.locator('#search').fill('x');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Edit your message' }).first().click();
  await hasFocus(page, '.edit textarea');
  await page.keyboard.press('Escape');
  await page.locator('.edit').waitFor({ state: 'detached' });
  const composing = "new KeyboardEvent('keydown', { key: 'Escape', keyCode: 229, bubbles: true })";
  await page.evaluate(`document.getElementById('composer').dispatchEvent(${composing})`);
  await page.waitForTimeout(300);
  await eventuallyEqual(() => page.locator('.stopped').count(), 0);
  await page.locator('#composer').focus();
  await page.keyboard.press('Escape');
  await page.locator('.stopped').waitFor();
  await eventuallyEqual(
    () => page.locator('.failure').count(),
    0,
    'what was wished for is no failure',
  );
});

test('on a touch screen no keyboard opens by itself', async () => {
  const phone = await site.browser.newContext({
    baseURL: site.server.url,
    locale: 'en-GB',
    hasTouch: true,
    isMobile: true,
    viewport: PHONE,
  });
  const page = await phone.newPage();
  await page.goto('/');
  await page.getByLabel('Username').fill(ada.username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).tap();
  await page.locator('#composer').fill('one');
  await page.getByRole('button', { name: 'Send' }).tap();
  await page.getByText('You said: one').waitFor();
  await page.reload();
  await page.getByText('You said: one').waitFor();
  await page.getByRole('button', { name: 'Show chats' }).tap();
  await page.locator('.conversation .menu-button').tap();
  await page.getByRole('menuitem', { name: 'Share' }).tap();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.conversation > a').tap();
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate("document.activeElement.matches('input, textarea')"), false);
  await phone.close();
});

test('on a phone the sidebar is a sheet that keeps the focus until it is closed', async () => {
  const { page } = ada;
  await page.setViewportSize(PHONE);
  await ada.say(HANGING);
  await page.getByText('a part', { exact: true }).waitFor();
  const toggle = page.getByRole('button', { name: 'Show chats' });
  await toggle.focus();
  await page.keyboard.press('Enter');
  await hasFocus(page, '.new-chat');
  const outside = "document.activeElement.closest('main') !== null";
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab');
    await eventuallyEqual(() => page.evaluate(outside), false, 'the focus left the sheet');
  }
  await page.keyboard.press('Escape');
  await hasFocus(page, '.menu-toggle');
  await eventuallyEqual(() => page.locator('.stopped').count(), 0, 'the answer goes on');
  await page.keyboard.press('Enter');
  await page.locator('.conversation .menu-button').click();
  await hasFocus(page, '[role=menuitem]');
  await page.keyboard.press('Escape');
  await hasFocus(page, '.sidebar .menu-button');
  await page.locator('.scrim').click({ position: { x: 380, y: 400 } });
  await hasFocus(page, '.menu-toggle');
  await page.locator('#composer').focus();
  await page.keyboard.press('Control+k');
  await hasFocus(page, '.palette input');
  await page.keyboard.press('Escape');
  await hasFocus(page, '#composer');
});

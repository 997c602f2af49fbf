/** Files in the chat: chosen, dropped, pasted, sent, seen again, and refused in words. */
import assert from 'node:assert/strict';
import { accessibilityViolations, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { docx, greyPng } from '../../support/sample-files.ts';
import { type Site, startSite } from '../../support/site.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let emulator: ProviderEmulator;
let site: Site;
let ada: Person;

before(async () => {
  emulator = await startProviderEmulator();
  const openAi = providerAt(emulator, 'openai', { kind: 'openai' });
  site = await startSite(
    [
      modelAt(openAi, 'sees', { upstreamModel: 'gpt-4o' }),
      modelAt(openAi, 'blind', { upstreamModel: 'gpt-3.5-turbo' }),
    ],
    { CHIT_SIGNUP_TOKENS: '1000000' },
  );
});
beforeEach(async () => {
  emulator.reset();
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(async () => {
  await site?.close();
  await emulator?.close();
});

const picture = () => ({ name: 'cat.png', mimeType: 'image/png', buffer: greyPng(2_400, 1_200) });
const letter = () => ({
  name: 'letter.docx',
  mimeType: 'application/octet-stream',
  buffer: docx('Dear all'),
});

/** A script that makes what is dragged or pasted: a text of this name. */
const transferOf = (name: string) => `(() => {
  const made = new DataTransfer();
  made.items.add(new File(['${name}'], '${name}.txt', { type: 'text/plain' }));
  return made;
})()`;

/** Holds back uploads until the test passes them on or loses them. */
async function holdUploads(): Promise<{ readonly pass: () => void; readonly lose: () => void }> {
  const held = Promise.withResolvers<'pass' | 'lose'>();
  await ada.page.route('**/api/files/', async (route) => {
    if (route.request().method() !== 'POST') await route.continue();
    else if ((await held.promise) === 'pass') await route.continue();
    else await route.abort();
  });
  return { pass: () => held.resolve('pass'), lose: () => held.resolve('lose') };
}

/** Sends a text and the files, and waits for nothing: the page does. */
async function sayOnceUploaded(text: string): Promise<void> {
  await ada.page.getByLabel('Ask anything').fill(text);
  await ada.page.locator('.send:enabled').click();
}

test('a picture and a document are sent, paid, shown, opened and downloaded', async () => {
  const { page } = ada;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.enter();
  await page.locator('input[type=file]').setInputFiles([picture(), letter()]);
  const chips = page.getByRole('list', { name: 'Attached files' });
  await chips.getByText('letter.docx').waitFor();
  await chips.locator('img').waitFor();
  await page.getByText(/^About [\d,]+ tokens, at most [\d,]+$/).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await accessibilityViolations(page, colorScheme), []);
  }
  emulator.behave({ text: 'a grey cat', usage: { inputTokens: 500, outputTokens: 3 } });
  await sayOnceUploaded('What is this?');
  await ada.answered();
  await eventuallyEqual(() => chips.count(), 0);
  await ada.shows(1_000_000 - 506);
  const body = JSON.stringify(emulator.requests[0]?.json);
  assert.match(body, /Dear all/);
  // As large as models read it.
  const [, base64 = ''] = /data:image\/png;base64,([^"]+)/.exec(body) ?? [];
  assert.equal(Buffer.from(base64, 'base64').readUInt32BE(16), 2_000);
  const files = page.getByRole('list', { name: 'Files of this message' });
  await files.locator('img').waitFor();
  // The page's policy lets the browser draw it.
  const drawn = await files.locator('img').evaluate(async (element) => {
    const image = element as unknown as { decode(): Promise<void>; naturalWidth: number };
    await image.decode();
    return image.naturalWidth;
  });
  assert.ok(drawn > 0);
  assert.deepEqual(await accessibilityViolations(page), []);
  const saved = page.waitForEvent('download');
  await files.getByRole('button', { name: 'letter.docx' }).click();
  assert.equal((await saved).suggestedFilename(), 'letter.docx');
  await page.reload();
  await files.getByRole('button', { name: 'Open picture cat.png' }).click();
  await page.getByRole('dialog').locator('img').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.keyboard.press('Escape');
  // The next message has them as well.
  await ada.say('And now?');
  await page.locator('.cost').nth(1).waitFor();
  assert.match(JSON.stringify(emulator.requests[1]?.json), /Dear all/);
});

test('whoever has the link of a chat sees its pictures and downloads its files', async () => {
  const { page } = ada;
  await ada.enter();
  await page.locator('input[type=file]').setInputFiles([picture(), letter()]);
  await page.getByText(/^About [\d,]+ tokens, at most [\d,]+$/).waitFor();
  emulator.behave({ text: 'a grey cat', usage: { inputTokens: 500, outputTokens: 3 } });
  await sayOnceUploaded('What is this?');
  await ada.answered();
  await ada.choose('Share');
  const popover = page.getByRole('dialog');
  await popover.getByRole('button', { name: 'Create link' }).click();
  const link = await popover.getByLabel('Link to this chat').inputValue();
  const stranger = await site.browser.newPage();
  await stranger.goto(link);
  const files = stranger.getByRole('list', { name: 'Files of this message' });
  const image = files.getByRole('link', { name: 'Open picture cat.png' }).locator('img');
  await image.waitFor();
  const drawn = await image.evaluate(async (element) => {
    const it = element as unknown as { decode(): Promise<void>; naturalWidth: number };
    await it.decode();
    return it.naturalWidth;
  });
  assert.equal(drawn, 2_000);
  assert.deepEqual(await accessibilityViolations(stranger), []);
  const saved = stranger.waitForEvent('download');
  await files.getByRole('link', { name: /letter\.docx/ }).click();
  assert.equal((await saved).suggestedFilename(), 'letter.docx');
  await stranger.close();
});

test('a dropped file never replaces the page, and a pasted one is attached', async () => {
  const { page } = ada;
  await ada.enter();
  const transfer = await page.evaluateHandle(transferOf('dropped'));
  await page.dispatchEvent('.ticket', 'dragenter', { dataTransfer: transfer });
  await page.getByText('Drop files to attach them').waitFor();
  await page.dispatchEvent('.ticket', 'drop', { dataTransfer: transfer });
  const chips = page.getByRole('list', { name: 'Attached files' });
  await chips.getByText('dropped.txt').waitFor();
  await page.evaluate(
    `document.getElementById('composer').dispatchEvent(new ClipboardEvent('paste', {
      clipboardData: ${transferOf('pasted')}, cancelable: true, bubbles: true }))`,
  );
  await chips.getByText('pasted.txt').waitFor();
  // What is still on its way does not outlive the page.
  await page.locator('.chip[aria-busy=false]').nth(1).waitFor();
  // They are there again after a reload, and can be taken out by keyboard.
  await page.reload();
  await chips.getByText('dropped.txt').waitFor();
  await page.getByRole('button', { name: 'Remove pasted.txt' }).press('Enter');
  await chips.getByText('pasted.txt').waitFor({ state: 'detached' });
  await eventuallyEqual(() => page.evaluate('document.activeElement.id'), 'composer');
  // A message may have nothing but files.
  await page.getByRole('button', { name: 'Send' }).click();
  await ada.answered();
  assert.match(JSON.stringify(emulator.requests[0]?.json), /dropped/);
});

test('a message is sent by itself once its files are there, if nobody takes that back', async () => {
  const { page } = ada;
  await ada.enter();
  const uploads = await holdUploads();
  await page.locator('input[type=file]').setInputFiles([letter()]);
  await ada.say('What is this?');
  const waiting = page.getByRole('status').getByText('Sends once the files are uploaded.');
  await waiting.waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await eventuallyEqual(
    () => page.getByRole('button', { name: 'Send', exact: true }).isDisabled(),
    true,
  );
  // Taken back by a click, by Escape and by writing on; sent again each time.
  const field = page.getByLabel('Ask anything');
  await page.getByRole('button', { name: 'Don’t send yet' }).click();
  await waiting.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await waiting.waitFor();
  await field.press('Escape');
  await waiting.waitFor({ state: 'detached' });
  await field.press('Enter');
  await waiting.waitFor();
  await field.press('End');
  await page.keyboard.type(' Say it.');
  await waiting.waitFor({ state: 'detached' });
  await field.press('Enter');
  await waiting.waitFor();
  await eventuallyEqual(() => page.locator('.bubble').count(), 0);
  assert.equal(emulator.requests.length, 0);
  uploads.pass();
  await ada.answered();
  assert.equal(emulator.requests.length, 1);
  const body = JSON.stringify(emulator.requests[0]?.json);
  assert.match(body, /Dear all/);
  assert.match(body, /What is this\? Say it\./);
  await eventuallyEqual(() => field.inputValue(), '');
});

test('a message whose file is not uploaded is not sent, and neither is one that was left', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('first');
  await ada.answered();
  const uploads = await holdUploads();
  await page.locator('input[type=file]').setInputFiles([letter()]);
  await ada.say('with a letter');
  const waiting = page.getByText('Sends once the files are uploaded.');
  await waiting.waitFor();
  await page.locator('.new-chat').click();
  await page.locator('.greeting').waitFor();
  await page.locator('.conversation a').click();
  await page.getByRole('list', { name: 'Attached files' }).getByText('letter.docx').waitFor();
  const field = page.getByLabel('Ask anything');
  await eventuallyEqual(() => field.inputValue(), 'with a letter');
  await eventuallyEqual(() => waiting.count(), 0);
  await field.press('Enter');
  await waiting.waitFor();
  uploads.lose();
  await page.locator('.chip.faulty').waitFor();
  await waiting.waitFor({ state: 'detached' });
  await field.press('Enter');
  await page.getByRole('alert').getByText('Remove the files that couldn’t be uploaded.').waitFor();
  await eventuallyEqual(() => field.inputValue(), 'with a letter');
  assert.equal(emulator.requests.length, 1);
  await ada.shows(1_000_000 - Number((await page.locator('.cost').innerText()).split(' ')[0]));
});

test('what cannot be read or seen is said in words, before anything is paid', async () => {
  const { page } = ada;
  await ada.enter();
  const broken = { name: 'broken.docx', mimeType: '', buffer: Buffer.from('PK\x03\x04 no') };
  await page.locator('input[type=file]').setInputFiles([broken, picture()]);
  await page.getByText('This file is damaged.', { exact: true }).waitFor();
  const send = page.getByRole('button', { name: 'Send' });
  await eventuallyEqual(() => send.isDisabled(), true);
  await page.getByRole('button', { name: 'Remove broken.docx' }).click();
  await page.getByText(/^About [\d,]+ tokens, at most/).waitFor();
  await page.locator('.model-picker').click();
  const list = page.getByRole('listbox', { name: 'Model' });
  await list.getByRole('option', { name: /^blind/ }).click();
  await page.getByText('blind can’t see pictures.').waitFor();
  await page.getByRole('button', { name: 'Use sees' }).click();
  await page.getByText('blind can’t see pictures.').waitFor({ state: 'detached' });
  await ada.shows(1_000_000);
  assert.equal(emulator.requests.length, 0);
});

/** What a device adds, faked: notices, a voice, a microphone, a touch screen, a camera. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import {
  accessibilityViolations,
  horizontalOverflow,
  type Person,
  until,
} from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { greyPng } from '../../support/sample-files.ts';
import { newScratchFolder } from '../../support/scratch.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const model = Object.assign(scriptedModel(flatPrice(1)), { reads: ['image'] as const });

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([model]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

/** Notices that were shown, and whether the page is looked at. */
const NOTICES = `
  window.notices = [];
  window.isAway = false;
  Object.defineProperty(document, 'visibilityState', {
    get: () => (window.isAway ? 'hidden' : 'visible'),
  });
  window.Notification = class {
    static permission = 'default';
    static async requestPermission() {
      Notification.permission = window.answer ?? 'granted';
      return Notification.permission;
    }
    constructor(title, options) {
      window.notices.push([title, options.body]);
    }
  };`;

test('who wants it is told of an answer that is ready while they are elsewhere, and nobody else', async () => {
  const { page } = ada;
  const folder = newScratchFolder();
  await page.addInitScript(NOTICES);
  await ada.enter();
  const answered = async (name: string, isAway: boolean) => {
    const file = join(folder, name);
    await ada.say(
      script({ note: name }, { say: 'a part ' }, { waitForFile: file }, { say: 'END' }),
    );
    await page.locator('.growing').waitFor();
    await page.evaluate(`window.isAway = ${isAway}`);
    writeFileSync(file, '');
    await ada.answered();
    // The list of what is being answered is what is watched.
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
    await page.evaluate('window.isAway = false');
  };
  const notices = () => page.evaluate('window.notices');
  await answered('unwanted', true);
  await eventuallyEqual(notices, []);
  await ada.openAccount();
  const box = page.getByLabel('Tell me when an answer is ready while I am elsewhere');
  await page.evaluate("window.answer = 'denied'");
  await box.click();
  await page.getByRole('alert').getByText('Your browser does not allow it.').waitFor();
  await eventuallyEqual(() => box.isChecked(), false);
  await page.evaluate("window.answer = 'granted'");
  await box.check();
  await page.getByRole('link', { name: 'Back' }).click();
  await page.getByLabel('Ask anything').waitFor();
  await answered('seen', false);
  await eventuallyEqual(notices, [], 'who looks needs no notice');
  await answered('away', true);
  await until(async () => ((await notices()) as unknown[]).length === 1);
  const [[title, body]] = (await notices()) as [[string, string]];
  assert.match(title, /note/);
  assert.equal(body, 'The answer is ready.');
});

/** Voices; the one that is a server's must not be chosen. */
const VOICES = `
  window.spoken = [];
  window.SpeechSynthesisUtterance = class {
    constructor(text) {
      this.text = text;
    }
  };
  const speech = new EventTarget();
  Object.assign(speech, {
    voices: [],
    getVoices: () => speech.voices,
    speak: (it) => window.spoken.push(it),
    cancel: () => window.spoken.splice(0),
  });
  Object.defineProperty(speech, 'speaking', { get: () => window.spoken.length > 0 });
  Object.defineProperty(window, 'speechSynthesis', { value: speech });
  window.haveVoices = (...voices) => {
    speech.voices = voices;
    speech.dispatchEvent(new Event('voiceschanged'));
  };`;

test('an answer is read aloud by a voice of the device, and only by such a one', async () => {
  const { page } = ada;
  await page.addInitScript(VOICES);
  await ada.enter();
  await ada.say(script({ say: '**Bees** are insects. They make `honey`.' }));
  await ada.answered();
  const read = async (name = 'Read aloud') => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const spoken = () => page.evaluate('window.spoken.map((it) => [it.voice.name, it.text])');
  await page.evaluate("haveVoices({ name: 'cloud', lang: 'en-GB', localService: false })");
  await read();
  await page.getByRole('status').getByText('has no voice of its own').waitFor();
  await eventuallyEqual(spoken, []);
  await page.evaluate(`haveVoices({ name: 'cloud', lang: 'en-GB', localService: false },
    { name: 'Anna', lang: 'de-DE', localService: true },
    { name: 'Kate', lang: 'en-GB', localService: true })`);
  await read();
  await until(async () => ((await spoken()) as unknown[]).length === 2);
  await eventuallyEqual(spoken, [
    ['Kate', 'Bees are insects.'],
    ['Kate', 'They make honey.'],
  ]);
  await read('Stop reading');
  await until(async () => ((await spoken()) as unknown[]).length === 0);
  // Once it has come to its end it begins anew.
  await read();
  await until(async () => ((await spoken()) as unknown[]).length === 2);
  await page.evaluate('window.spoken.splice(0).forEach((it) => it.onend())');
  await read();
  await until(async () => ((await spoken()) as unknown[]).length === 2);
});

/** A microphone; \`heard\` says something into it. */
const MICROPHONE = `
  window.SpeechRecognition = class extends EventTarget {
    start() {
      window.listening = this;
    }
    stop() {
      window.listening = undefined;
      this.onend();
    }
    static async available() {
      return window.isLocal ? 'available' : 'downloadable';
    }
  };
  window.heard = (transcript, isFinal) => {
    const result = Object.assign([{ transcript }], { isFinal });
    window.listening.onresult({ resultIndex: 0, results: [result] });
  };`;

test('what is said is written behind what stands there, once it is known who hears it', async () => {
  const { page } = ada;
  await page.addInitScript(MICROPHONE);
  await ada.enter();
  const field = page.getByLabel('Ask anything');
  const button = page.getByRole('button', { name: 'Dictate', exact: true });
  await field.fill('Dear landlord,');
  await button.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Your browser sends what you say to its maker').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await eventuallyEqual(() => page.evaluate('window.listening'), undefined, 'nobody listens yet');
  await button.click();
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await until(async () => (await button.getAttribute('aria-pressed')) === 'true');
  await eventuallyEqual(
    () => page.evaluate('[listening.lang, listening.continuous]'),
    ['en-GB', true],
  );
  await page.evaluate("heard('the hea', false)");
  await eventuallyEqual(() => field.inputValue(), 'Dear landlord,');
  await page.evaluate("heard(' the heating is cold ', true)");
  await until(async () => (await field.inputValue()) === 'Dear landlord, the heating is cold');
  await button.click();
  await until(async () => (await button.getAttribute('aria-pressed')) === 'false');
  await eventuallyEqual(() => page.evaluate('window.listening'), undefined);
  // It is remembered; and what stays on the device needs no question.
  await page.reload();
  await page.evaluate('window.isLocal = true');
  await button.click();
  await until(async () => (await button.getAttribute('aria-pressed')) === 'true');
  await eventuallyEqual(() => page.evaluate('listening.processLocally'), true);
  await page.evaluate("listening.onerror({ error: 'not-allowed' })");
  await page.getByRole('status').getByText('The microphone is not allowed.').waitFor();
  await eventuallyEqual(() => page.locator('.bubble').count(), 0, 'nothing is sent by itself');
});

/** The same person on a phone. */
async function onPhone(run: (page: Page) => Promise<void>): Promise<void> {
  const phone = await site.browser.newContext({
    baseURL: site.server.url,
    storageState: await ada.context.storageState(),
    locale: 'en-GB',
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  phone.setDefaultTimeout(30_000);
  try {
    const page = await phone.newPage();
    await page.goto('/');
    await page.getByLabel('Ask anything').waitFor();
    await run(page);
  } finally {
    await phone.close();
  }
}

test('by touch the search finds a chat, acts, and is closed again', async () => {
  await ada.enter();
  await ada.say('tell me about quinces');
  await ada.answered();
  await onPhone(async (page) => {
    const open = async () => {
      await page.getByRole('button', { name: 'Show chats' }).tap();
      await page.getByRole('button', { name: 'Search chats and commands' }).tap();
      await page.locator('.palette').waitFor();
    };
    await open();
    const small = () =>
      page.evaluate(`[...document.querySelectorAll('.palette :is(button, input, [role=option])')]
        .map((it) => [it.outerHTML.slice(0, 60), it.getBoundingClientRect().height])
        .filter(([, height]) => height > 0 && height < 44)`);
    await eventuallyEqual(small, []);
    assert.ok((await horizontalOverflow(page)) <= 0);
    assert.deepEqual(await accessibilityViolations(page), []);
    await page.locator('.palette').getByRole('button', { name: 'Close' }).tap();
    await page.locator('.palette').waitFor({ state: 'detached' });
    await open();
    await page.getByRole('combobox').fill('quinc');
    await page.getByRole('option', { name: /quinces/ }).tap();
    await page.getByText('You said: tell me about quinces').waitFor();
    await open();
    await page.getByRole('option', { name: 'Statement' }).tap();
    await page.getByRole('heading', { name: 'Statement' }).waitFor();
  });
});

test('a phone offers its camera, and a photo is sent as small as models read it', async () => {
  await ada.enter();
  await onPhone(async (page) => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Attach files' }).tap();
    const accepted = await page.locator('input[type=file]').getAttribute('accept');
    // Phones offer the camera where all kinds of pictures are taken and none is forced.
    assert.match(accepted ?? '', /^image\/\*,/);
    await eventuallyEqual(() => page.locator('input[type=file]').getAttribute('capture'), null);
    assert.ok((await chooser).isMultiple());
    const photo = { name: 'image.jpg', mimeType: 'image/png', buffer: greyPng(3_000, 2_000) };
    await (await chooser).setFiles([photo]);
    await page.locator('.chip[aria-busy=false] img').waitFor();
    assert.ok((await horizontalOverflow(page)) <= 0);
    await page.getByLabel('Ask anything').fill('What is this?');
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
    await page.locator('.answer-line').waitFor();
  });
  const [file] = model.requests.at(-1)?.promptContext.files ?? [];
  assert.ok(file?.kind === 'picture');
  assert.deepEqual([file.width, file.height], [2_000, 1_333]);
});

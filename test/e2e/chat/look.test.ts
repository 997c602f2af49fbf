/** How the page is used: menus, dialogs, the list, long messages, code, touch and paper. */
import assert from 'node:assert/strict';
import { flatPrice } from '../../../src/core/pricing.ts';
import {
  horizontalOverflow,
  PASSWORD,
  type Person,
  showsShortly,
  smallTargets,
  until,
} from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { Talker } from '../../support/conversations.ts';
import { eventuallyEqual, eventuallyMatch, eventuallyPasses } from '../../support/eventually.ts';
import { held } from '../../support/held-answer.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const HANGING = script({ say: 'a part' }, { hang: true });

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))], { CHIT_SIGNUP_TOKENS: '999999999999' });
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

const focused = (selector: string) =>
  until(async () =>
    Boolean(await ada.page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)),
  );

test('a new chat is quiet: greeting, composer and starters together, the balance in the ticket', async () => {
  const { page } = ada;
  await ada.enter();
  await page.getByText('Each message uses tokens from your balance.').waitFor();
  const boxOf = async (selector: string) =>
    (await page.locator(selector).first().boundingBox()) ?? assert.fail(selector);
  await eventuallyPasses(async () => {
    const greeting = await boxOf('.greeting h1');
    const composer = await boxOf('.composer');
    const starters = await boxOf('.starters');
    assert.ok(composer.y - greeting.y < 160, 'the composer is below the greeting');
    assert.ok(starters.y - (composer.y + composer.height) < 80, 'the starters are below it');
    const { height = 0 } = page.viewportSize() ?? {};
    assert.ok(greeting.y > height / 5 && composer.y < height * 0.7, 'they are in the middle');
    const tops = await page.evaluate(
      "[...document.querySelectorAll('.starters li')].map((it) => it.getBoundingClientRect().y)",
    );
    assert.equal(new Set(tops as number[]).size, 1, 'the starters are in one row');
  });
  const balances = page.getByText('999,999,999,999').filter({ visible: true });
  await eventuallyEqual(() => balances.count(), 1, 'the balance is said once');
  // Neither a colour nor an edge makes it louder than the ticket.
  const loudness = () =>
    page.evaluate(
      `(it => [it.backgroundColor, it.borderWidth])(
        getComputedStyle(document.querySelector('.new-chat')))`,
    );
  await eventuallyEqual(loudness, ['rgba(0, 0, 0, 0)', '0px']);
  await eventuallyEqual(() => page.locator('.instructions').innerText(), 'Instructions');
  await ada.say('one');
  await ada.answered();
  const actions = page.locator('.answer-line button');
  await until(async () => (await actions.count()) === (await actions.locator('svg').count()));
});

const LEVELS = ['## Two', '### Three', '#### Four', 'Text'].join('\n\n');
const WIDE_TABLE = [
  `|${' one |'.repeat(9)}`,
  `|${'---|'.repeat(9)}`,
  `|${' it may go on in two lines |'.repeat(9)}`,
].join('\n');

test('levels of headings are told apart; a wide table is scrolled before its cells are narrow', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: `${LEVELS}\n\n${WIDE_TABLE}` }));
  await ada.answered();
  const looks = () =>
    page.evaluate<string[]>(`[...document.querySelectorAll('.answer :is(.heading, p)')]
      .map((it) => getComputedStyle(it)).map((it) => it.fontSize + ' ' + it.fontWeight)`);
  await eventuallyEqual(async () => new Set(await looks()).size, 4);
  const isScrolled =
    "(it => it.scrollWidth > it.clientWidth)(document.querySelector('.answer .table'))";
  await eventuallyEqual(() => page.evaluate(isScrolled), true);
  const narrowest = `Math.min(
    ...[...document.querySelectorAll('.answer td')].map((it) => it.offsetWidth))`;
  await until(async () => Number(await page.evaluate(narrowest)) >= 90);
  assert.ok((await horizontalOverflow(page)) <= 0);
});

test('a menu is used by keyboard, and stops no answer', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(HANGING);
  await page.getByText('a part', { exact: true }).waitFor();
  const chip = page.locator('.account-chip');
  await chip.focus();
  await page.keyboard.press('ArrowUp');
  await focused('[data-label="Sign out"]');
  await page.keyboard.press('ArrowDown');
  await focused('[data-label="Account"]');
  await page.keyboard.press('k');
  await focused('[data-label="Keyboard shortcuts"]');
  await page.keyboard.press('Escape');
  await focused('.account-chip');
  await until(async () => (await chip.getAttribute('aria-expanded')) === 'false');
  await eventuallyEqual(() => page.locator('.stopped').count(), 0);
  await chip.click();
  await page.getByRole('menu').waitFor();
  await chip.click();
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await focused('[role=menuitem]');
  await page.keyboard.press('Tab');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await chip.click();
  await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
  await page.getByRole('dialog').getByText('Ctrl + K').waitFor();
});

test('a dialog keeps its text, wherever a press ends', async () => {
  const { page } = ada;
  await ada.enter();
  await page.getByRole('button', { name: 'Instructions' }).click();
  const field = page.getByRole('dialog').getByRole('textbox');
  // Text is selected from inside the dialog to outside it.
  await field.hover();
  await page.mouse.down();
  await page.mouse.move(20, 20);
  await page.mouse.up();
  await eventuallyEqual(() => page.getByRole('dialog').count(), 1, 'the press began inside');
  await field.fill('In verse.');
  await page.mouse.click(20, 20);
  await eventuallyEqual(() => field.inputValue(), 'In verse.', 'a text is not thrown away');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Instructions' }).click();
  await eventuallyEqual(() => field.inputValue(), 'In verse.', 'it is there again');
});

test('a list of chats is one stop for Tab, renamed in place, and can be skipped', async () => {
  const { page } = ada;
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  for (const title of ['one', 'two', 'three']) await talker.begin({ title });
  await ada.enter();
  await page.locator('.conversation').nth(2).waitFor();
  await page.locator('.new-chat').focus();
  await page.keyboard.press('Shift+Tab');
  await focused('.skip-link');
  await page.keyboard.press('Enter');
  await focused('#composer');
  const stops = () =>
    page
      .locator('.conversations')
      .locator('a, button')
      .evaluateAll(
        (all) => all.filter((it) => (it as unknown as { tabIndex: number }).tabIndex === 0).length,
      );
  await eventuallyEqual(stops, 2, 'a chat and its menu');
  await page.locator('.conversation a').first().focus();
  await page.keyboard.press('End');
  await focused('[title="one"]');
  await page.keyboard.press('ArrowUp');
  await focused('[title="two"]');
  await page.keyboard.press('F2');
  await focused('.rename input');
  await page.keyboard.type('second');
  await page.keyboard.press('Enter');
  await focused('[title="second"]');
  await page.keyboard.press('F2');
  await focused('.rename input');
  await page.keyboard.type('never');
  await page.keyboard.press('Escape');
  await focused('[title="second"]');
  await eventuallyEqual(() => page.getByText('never').count(), 0);
});

test('what shrinks and grows again at the end is followed', async () => {
  const { page } = ada;
  await ada.enter();
  for (const words of ['one', 'two']) {
    await ada.say(`${words}\n`.repeat(20));
    await ada.answered();
  }
  // It grows after the page has gone to the new end, and before it is told that it has scrolled.
  await page.evaluate(`new Promise((done) => {
    const last = [...document.querySelectorAll('.exchange')].at(-1);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      last.style.display = '';
      document.querySelector('.thread').addEventListener('scroll', done, { once: true });
    };
    const observer = new ResizeObserver(() => {
      if (last.style.display === 'none') channel.port2.postMessage('');
    });
    observer.observe(document.querySelector('.column'));
    requestAnimationFrame(() => last.style.setProperty('display', 'none'));
  })`);
  await until(async () => {
    const left =
      "(it => it.scrollHeight - it.scrollTop - it.clientHeight)(document.querySelector('.thread'))";
    return Number(await page.evaluate(left)) < 2;
  });
  await eventuallyEqual(() => page.locator('.to-end').count(), 0);
});

test('a long message of one’s own is folded, and is copied whole', async () => {
  const { page, context } = ada;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ada.enter();
  const words = Array.from({ length: 400 }, (_, index) => `line ${index}`).join('\n');
  await ada.say(words);
  await ada.answered();
  const height = async () => (await page.locator('.bubble').boundingBox())?.height ?? 0;
  await page.getByRole('button', { name: 'Show all' }).waitFor();
  await until(async () => (await height()) > 0 && (await height()) < 450);
  await page.getByRole('button', { name: 'Show all' }).click();
  await until(async () => (await height()) > 5_000);
  await showsShortly(page, { selector: '.words button', pattern: /^Copied$/ }, () =>
    page.getByRole('button', { name: 'Copy your message' }).click(),
  );
  await eventuallyEqual(() => page.evaluate('navigator.clipboard.readText()'), words);
});

test('what is selected in a growing paragraph stays selected', async () => {
  const { page } = ada;
  await ada.enter();
  const more = Array.from({ length: 20 }, () => [{ say: 'and **more** ' }, { waitMs: 30 }]).flat();
  const rest = held();
  await ada.say(script({ say: 'The first words ' }, rest.step, ...more, { say: 'END' }));
  await page.locator('.answer .markdown p').waitFor();
  await page.evaluate(`(() => {
    const text = document.querySelector('.answer .markdown p').firstChild;
    getSelection().setBaseAndExtent(text, 4, text, 9);
  })()`);
  // A caret stands at its end for as long as it grows.
  const caret = () =>
    page.evaluate(
      "getComputedStyle(document.querySelector('.answer .markdown p'), '::after').content",
    );
  await eventuallyEqual(caret, '""');
  rest.release();
  await ada.answered();
  await eventuallyEqual(caret, 'none');
  await eventuallyMatch(() => ada.answer(), /END$/);
  await eventuallyEqual(() => page.evaluate('String(getSelection())'), 'first');
});

const CODE = Array.from({ length: 80 }, (_, index) => `line_${index} = ${'1 + '.repeat(60)}1`);

test('code is wrapped, downloaded, and its Copy stays in sight', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: `\`\`\`python\n${CODE.join('\n')}\n\`\`\`\n\n\`\`\`\nls\n\`\`\`` }));
  await ada.answered();
  // What is drawn last.
  await page.locator('.code.bare').waitFor();
  await page.evaluate(
    "document.querySelector('.thread').scrollTop = document.querySelector('.code').offsetTop + 400",
  );
  const copy = page.locator('.code .copy').first();
  await until(async () => {
    const top = (await copy.boundingBox())?.y ?? -1;
    return top > 50 && top < 120;
  });
  const isWide = () =>
    page.evaluate("(it => it.scrollWidth > it.clientWidth)(document.querySelector('.code pre'))");
  await eventuallyEqual(isWide, true);
  await page.getByRole('button', { name: 'Wrap long lines' }).first().click();
  await eventuallyEqual(isWide, false);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as a file' }).first().click();
  assert.equal((await saved).suggestedFilename(), 'code.py');
  await eventuallyEqual(() => page.locator('.code.bare .language').count(), 0);
});

test('text of either direction is set in its own', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: 'مرحبا بالعالم\n\n- `code` أولا\n\n```\nls\n```\n\nEnglish' }));
  await ada.answered();
  const directions = () =>
    page.evaluate(`[...document.querySelectorAll('.answer .markdown > div')]
      .map((it) => it.matches(':dir(rtl)'))`);
  await eventuallyEqual(directions, [true, true, false, false]);
  await page.locator('#composer').fill('שלום');
  await eventuallyEqual(() => page.locator('#composer:dir(rtl)').count(), 1);
  await ada.say('שלום');
  await ada.answered();
  await eventuallyEqual(() => page.locator('.bubble-text:dir(rtl)').count(), 1);
});

test('the sidebar is folded away and stays so; a narrow window does not drag it over', async () => {
  const { page } = ada;
  await ada.enter();
  const sidebar = page.locator('.sidebar');
  await page.setViewportSize({ width: 690, height: 800 });
  await eventuallyEqual(() => page.evaluate('innerWidth'), 690);
  const animations = "document.querySelector('.sidebar').getAnimations().length";
  await eventuallyEqual(() => page.evaluate(animations), 0);
  assert.ok(((await sidebar.boundingBox())?.x ?? 0) < -200, 'it is out of sight at once');
  await page.setViewportSize({ width: 820, height: 1_180 });
  await page.getByRole('button', { name: 'Hide the sidebar' }).click();
  await focused('.menu-toggle');
  await page.reload();
  await page.getByLabel('Ask anything').waitFor();
  await eventuallyEqual(() => sidebar.isVisible(), false);
  await page.getByRole('button', { name: 'Show chats' }).click();
  await focused('.fold');
  await eventuallyEqual(() => sidebar.isVisible(), true);
});

test('a huge balance fits a small phone', async () => {
  const { page } = ada;
  await page.setViewportSize({ width: 320, height: 568 });
  await ada.enter();
  await page.locator('.ticket-short').waitFor();
  await eventuallyPasses(async () => {
    const box = await page.locator('.ticket').boundingBox();
    assert.ok(box && box.x > 0 && box.x + box.width <= 320, JSON.stringify(box));
  });
  assert.ok((await horizontalOverflow(page)) <= 0);
});

test('a touch screen has fields that do not zoom, and targets for fingers', async () => {
  await ada.enter();
  await ada.say('one');
  await ada.answered();
  const phone = await site.browser.newContext({
    baseURL: site.server.url,
    storageState: await ada.context.storageState(),
    locale: 'en-GB',
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  const page = await phone.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: 'Show chats' }).tap();
  await page.locator('.conversation a').tap();
  await page.locator('.answer-line').waitFor();
  const inWindow = (selector: string) =>
    eventuallyPasses(async () => {
      const box = await page.locator(selector).boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= 390 && box.y >= 0, JSON.stringify(box));
      assert.ok(box.y + box.height <= 844, JSON.stringify(box));
    });
  await page.getByRole('button', { name: 'More actions' }).tap();
  await inWindow('.menu');
  await page.getByRole('button', { name: 'More actions' }).tap();
  await page.locator('.menu').waitFor({ state: 'detached' });
  const targets = 'main :is(button, a, select, textarea), .sidebar :is(button, a, input)';
  assert.deepEqual(await smallTargets(page, targets), []);
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const [chat] = await talker.conversations();
  const path = `/api/conversations/${chat?.id}/share/`;
  const { json } = await talker.call('POST', path, { kind: 'snapshot' });
  for (const other of ['/statement', (json as { share: string }).share]) {
    await page.goto(other);
    await page.locator('.page :is(td, .answer)').first().waitFor();
    assert.deepEqual(await smallTargets(page, '.page :is(button, a, select)'), [], other);
    assert.ok((await horizontalOverflow(page)) <= 0, other);
  }
  await phone.close();
});

test('on paper there are all messages, and nothing to press', async () => {
  const { page } = ada;
  const talker = await Talker.of(site.server.url, ada.username, PASSWORD);
  const { id } = await talker.begin({ title: 'long' });
  let parent: string | null = null;
  for (let index = 0; index < 40; index += 1) {
    parent = (await talker.exchange(id, `message ${index}`, { parent })).id;
  }
  await ada.enter();
  await page.goto(`/c/${id}`);
  await page.getByText('You said: message 39').waitFor();
  await until(async () => (await page.locator('.exchange').count()) === 30);
  // What is seen stays in its place while older messages are drawn above it.
  const seen = page.locator('.exchange').filter({ hasText: 'You said: message 12' });
  const scroll = `(() => {
    const all = [...document.querySelectorAll('.exchange')];
    const { top } = all[2].getBoundingClientRect();
    if (all.length === 30) document.querySelector('.thread').scrollTop += top - 120;
  })()`;
  await until(async () => {
    // Again if the page went back to its end before it was told of that.
    await page.evaluate(scroll);
    return (await page.locator('.exchange').count()) === 40;
  });
  await eventuallyPasses(async () => {
    const before = (await seen.boundingBox())?.y;
    await page.waitForTimeout(100);
    assert.equal((await seen.boundingBox())?.y, before);
    assert.ok(before !== undefined && before > -100 && before < 700, `${before}`);
  });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  for (const selector of ['.sidebar', '.composer', '.chat header', '.words-line']) {
    await eventuallyEqual(() => page.locator(selector).first().isVisible(), false, selector);
  }
  // Nothing is cut off below the window.
  const height = 'document.documentElement.scrollHeight';
  await until(async () => Number(await page.evaluate(height)) > 3_000);
  await page.emulateMedia({ media: 'screen' });
  const isSkipped =
    "document.querySelector('.exchange .answer').checkVisibility({ contentVisibilityAuto: true })";
  // What is far away is not laid out.
  await until(async () => (await page.evaluate(isSkipped)) === false);
});

test('the keys are named in German', async () => {
  const { page } = ada;
  await page.addInitScript("localStorage.setItem('chit.language', 'de')");
  await page.goto('/');
  await page.getByLabel('Benutzername').fill(ada.username);
  await page.getByLabel('Passwort').fill(PASSWORD);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.locator('.account-chip').click();
  await page.getByRole('menuitem', { name: 'Tastenkürzel' }).click();
  await page.getByText('Strg + Umschalt + O').waitFor();
});

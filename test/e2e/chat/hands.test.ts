/** What the page does, by touch alone and by the keyboard alone. */
import assert from 'node:assert/strict';
import { strToU8, zipSync } from 'fflate';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { McpTool } from '../../../src/models/tools/mcp-tool.ts';
import { horizontalOverflow, PASSWORD, smallTargets, until } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { type DrivenProvider, startDrivenProvider } from '../../support/driven-provider.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { type McpServer, startMcpServer, toolAt } from '../../support/mcp-server.ts';
import { type Site, startSite } from '../../support/site.ts';
import { openAiStream } from '../../support/tool-streams.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const TARGETS = 'button, a:not(p a), select, input, textarea';
const GROUPED = '[type=radio], [role=menuitem]';
const MOST_STOPS = 120;

let provider: DrivenProvider;
let mcp: McpServer;
let site: Site;

before(async () => {
  provider = await startDrivenProvider();
  mcp = await startMcpServer();
  const model = modelAt(providerAt(provider, 'openai'), 'small', { usesTools: true });
  site = await startSite([model], { CHIT_SIGNUP_TOKENS: '100000' });
  const tool = new McpTool(toolAt(mcp.url, { approval: 'each' }));
  site.server.chit.context.tools.replaceBy([tool], 8);
});
after(async () => {
  await site?.close();
  await provider?.close();
  await mcp?.close();
});

/** One way of using the page. */
interface Hands {
  readonly window: BrowserContextOptions;
  /** Chooses what can be pressed, or goes into a field. */
  readonly use: (it: Locator) => Promise<void>;
  /** Brings the list of chats into sight. */
  readonly showChats: (page: Page) => Promise<void>;
  /** Checks that what is within can be used so. */
  readonly check: (page: Page, within: string) => Promise<void>;
}

const touch: Hands = {
  window: { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } },
  use: (it) => it.tap(),
  showChats: async (page) => {
    const isShown = await page.locator('.sidebar').isVisible();
    if (!isShown) await page.getByRole('button', { name: 'Show chats' }).tap();
  },
  check: async (page, within) => {
    assert.deepEqual(await smallTargets(page, `${within} :is(${TARGETS})`), []);
    assert.ok((await horizontalOverflow(page)) <= 0);
  },
};

const matches = (it: Locator, selector: string) =>
  it.evaluate(
    (element, wanted) =>
      (element as unknown as { matches: (selector: string) => boolean }).matches(wanted),
    selector,
  );

const keyboard: Hands = {
  window: {},
  use: async (it) => {
    await it.waitFor();
    const { keyboard: keys } = it.page();
    // Tab leads to a group or a menu, arrows through it.
    const isGrouped = await matches(it, GROUPED);
    for (let stops = 0; !(await matches(it, ':focus')); stops += 1) {
      assert.ok(stops < MOST_STOPS, `${String(it)} is not reached`);
      const isInGroup = isGrouped && (await it.page().locator(`:is(${GROUPED}):focus`).count()) > 0;
      await keys.press(isInGroup ? 'ArrowDown' : 'Tab');
    }
    if (await matches(it, '[type=checkbox]')) await keys.press(' ');
    else if (!(await matches(it, 'input, textarea'))) await keys.press('Enter');
  },
  showChats: async () => undefined,
  check: async () => undefined,
};

for (const [name, hands] of Object.entries({ touch, keyboard })) {
  const { use, showChats, check } = hands;

  const type = async (page: Page, field: Locator, text: string) => {
    await use(field);
    await page.keyboard.type(text);
  };

  const chooseForChat = async (page: Page, action: string) => {
    await showChats(page);
    await check(page, '.sidebar');
    await use(page.locator('.conversation .menu-button'));
    await check(page, '[role=menu]');
    await use(page.getByRole('menuitem', { name: action }));
  };

  const allowsACall = async (page: Page) => {
    const tools = page.getByRole('button', { name: /^Tools/ });
    await use(tools);
    await use(page.getByRole('checkbox', { name: /library/ }));
    await check(page, '.tools-popover');
    await page.keyboard.press('Escape');
    await type(page, page.getByLabel('Ask anything'), 'What are bees?');
    await use(page.getByRole('button', { name: 'Send' }));
    const calls = [{ name: 'library__search', input: { query: 'bees' } }];
    const usage = { input: 50, output: 10 };
    (await provider.next()).end(openAiStream({ text: 'Let me look.', calls, usage }));
    await page.locator('.tool-question').waitFor();
    await check(page, '.tool-question');
    await use(page.getByRole('button', { name: /^Allow once/ }));
    (await provider.next()).end(openAiStream({ text: 'Bees are insects.', usage }));
    await page.locator('.answer-line').waitFor();
    await check(page, 'main');
  };

  const sharesAndStops = async (page: Page) => {
    await chooseForChat(page, 'Share');
    const dialog = page.getByRole('dialog');
    await use(dialog.getByLabel('The live chat'));
    await check(page, 'dialog');
    await use(dialog.getByRole('button', { name: 'Create link' }));
    await dialog.getByText('Live: new messages are included.').waitFor();
    await check(page, 'dialog');
    await use(dialog.getByRole('button', { name: 'Stop sharing' }));
    await dialog.getByRole('button', { name: 'Create link' }).waitFor();
    await use(dialog.getByRole('button', { name: 'Close' }));
    await dialog.waitFor({ state: 'detached' });
  };

  const movesToAFolder = async (page: Page) => {
    await chooseForChat(page, 'Move to a folder');
    const dialog = page.getByRole('dialog');
    await check(page, 'dialog');
    await type(page, dialog.getByRole('textbox'), 'Biology');
    await use(dialog.getByRole('button', { name: 'Create' }));
    await dialog.waitFor({ state: 'detached' });
    await showChats(page);
    await page.getByText('Biology').waitFor();
    await check(page, '.sidebar');
  };

  const opensAccount = async (page: Page) => {
    await use(page.locator('.account-chip'));
    await check(page, '[role=menu]');
    await use(page.getByRole('menuitem', { name: 'Account' }));
  };

  const imports = async (page: Page) => {
    await use(page.getByRole('link', { name: 'Import chats…' }));
    await check(page, '.page');
    const chosen = page.waitForEvent('filechooser');
    await use(page.getByRole('button', { name: 'Choose file' }));
    await (await chosen).setFiles({
      name: 'export.zip',
      mimeType: 'application/zip',
      buffer: Buffer.from(zipSync({ 'conversations.json': strToU8(JSON.stringify([exported])) })),
    });
    await page.getByRole('button', { name: 'Import 1 chat' }).waitFor();
    await check(page, '.page');
    await use(page.getByRole('button', { name: 'Import 1 chat' }));
    await page.getByText('Done: 1 message added.').waitFor();
    await check(page, '.page');
    await use(page.getByRole('link', { name: 'Open chat' }));
  };

  const createsAndRevokesAKey = async (page: Page) => {
    await check(page, '.page');
    await type(page, page.getByLabel('Name', { exact: true }), 'laptop');
    await use(page.getByRole('button', { name: 'Create key' }));
    await page.getByText('laptop').waitFor();
    await check(page, '.page');
    await use(page.getByRole('button', { name: /^Revoke/ }));
    const question = page.getByRole('group', { name: 'Revoke “laptop”?' });
    await question.waitFor();
    await check(page, '.page');
    await use(question.getByRole('button', { name: 'Revoke' }));
    await page.getByText('You have no API keys.').waitFor();
  };

  const goesBack = async (page: Page) => {
    const { href } = new URL(page.url());
    await use(page.getByRole('link', { name: 'Back' }));
    await page.waitForURL((it) => it.href !== href);
  };

  /** Makes a prompt and finds it in the composer. */
  const makesAPrompt = async (page: Page) => {
    await use(page.getByRole('link', { name: 'Manage prompts' }));
    await check(page, '.page');
    await use(page.getByRole('button', { name: 'New prompt' }));
    await type(page, page.getByLabel('Name'), 'Letter');
    await type(page, page.getByLabel('Text', { exact: true }), 'Write to grandma.');
    await check(page, '.page');
    await use(page.getByRole('button', { name: 'Create' }));
    await page.getByText('Letter').waitFor();
    await check(page, '.page');
    await goesBack(page);
    await goesBack(page);
    await showChats(page);
    await use(page.getByRole('link', { name: 'New chat' }));
    await type(page, page.getByLabel('Ask anything'), '/');
    await page.locator('[role=combobox]:focus').waitFor();
    await page.keyboard.type('lett');
    await page.getByRole('option', { name: /Letter/ }).waitFor();
    if (name === 'touch') await page.getByRole('option', { name: /Letter/ }).tap();
    else await page.keyboard.press('Enter');
    await until(async () => (await page.getByLabel('Ask anything').inputValue()) !== '/lett');
    await eventuallyEqual(() => page.getByLabel('Ask anything').inputValue(), 'Write to grandma.');
  };

  /** Sends what stands there in a chat that is not kept. */
  const asksForNow = async (page: Page) => {
    await use(page.getByRole('button', { name: 'Temporary chat' }));
    await page.getByRole('note').getByText('Not kept').waitFor();
    await use(page.getByRole('button', { name: 'Send' }));
    const usage = { input: 50, output: 10 };
    (await provider.next()).end(openAiStream({ text: 'Dear grandma', usage }));
    await page.locator('.answer-line').waitFor();
    await check(page, 'main');
  };

  const deletesSeveral = async (page: Page) => {
    await showChats(page);
    page.once('dialog', (dialog) => void dialog.accept());
    await use(page.getByRole('link', { name: 'All chats and archive' }));
    const boxes = page.getByRole('checkbox', { name: /^Select (From elsewhere|What are bees)/ });
    await boxes.nth(1).waitFor();
    await check(page, '.page');
    await use(boxes.nth(0));
    await use(boxes.nth(1));
    await page.getByText('2 selected').waitFor();
    await check(page, '.page');
    await use(page.getByRole('button', { name: 'Delete' }));
    await check(page, 'dialog');
    await use(page.getByRole('dialog').getByRole('button', { name: 'Delete' }));
    await until(async () => (await boxes.count()) === 0);
  };

  test(`tools, sharing, folders, prompts and all else by ${name} alone`, async () => {
    const { username } = await site.meet();
    const context = await site.browser.newContext({
      ...hands.window,
      baseURL: site.server.url,
      locale: 'en-GB',
      reducedMotion: 'reduce',
      serviceWorkers: 'block',
    });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.goto('/');
    await type(page, page.getByLabel('Username'), username);
    await type(page, page.getByLabel('Password'), PASSWORD);
    await check(page, '.sign-in');
    await use(page.getByRole('button', { name: 'Sign in' }));
    await allowsACall(page);
    await sharesAndStops(page);
    await movesToAFolder(page);
    await opensAccount(page);
    await createsAndRevokesAKey(page);
    await imports(page);
    await showChats(page);
    await opensAccount(page);
    await makesAPrompt(page);
    await asksForNow(page);
    await deletesSeveral(page);
    await goesBack(page);
    await showChats(page);
    await opensAccount(page);
    await use(page.getByRole('button', { name: 'Sign out', exact: true }).first());
    await until(() => page.getByRole('button', { name: 'Sign in' }).isVisible());
    await context.close();
  });
}

const said = (id: string, parent: string | null, role: string, text: string) => [
  id,
  { id, parent, message: { author: { role }, content: { content_type: 'text', parts: [text] } } },
];
const exported = {
  conversation_id: 'gpt-1',
  title: 'From elsewhere',
  create_time: 1_700_000_000,
  update_time: 1_700_000_100,
  mapping: Object.fromEntries([
    said('u', null, 'user', 'A question of old'),
    said('a', 'u', 'assistant', 'An answer of old'),
  ]),
};

/** A real browser, by default the one from npm, and people who use the page in it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import chromium from '@sparticuz/chromium';
import {
  type Browser,
  type BrowserContext,
  chromium as engine,
  type Page,
  type Request,
  type WebError,
} from 'playwright-core';
import packageJson from '../../package.json' with { type: 'json' };
import { atEnd } from './at-end.ts';
import { giveBackContext, signInWithin, takeContext } from './browser-contexts.ts';
import { chooseBrowser } from './choose-browser.ts';
import { eventuallyPasses } from './eventually.ts';
import { postJson } from './http.ts';
import { intercept } from './intercept.ts';
import type { ModelServer } from './model-server.ts';
import { preparedFolder } from './prepared-folder.ts';

const PAGE = join(import.meta.dirname, '../../web/dist/index.html');
const AXE = join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js');
const PATIENCE_MS = 30_000;
/** For how long what a page shows may be wrong after a change. */
const SETTLING_MS = 10_000;
export const PASSWORD = 'a long passphrase';

let browser: Promise<Browser> | undefined;

/** The browser of this process: started by the first file that needs it, ended after the last. */
export function sharedBrowser(): Promise<Browser> {
  if (!browser) {
    browser = startBrowser();
    atEnd(async () => (await browser)?.close());
  }
  return browser;
}

/** Starts a browser. */
export async function startBrowser(): Promise<Browser> {
  assert.ok(existsSync(PAGE), 'The page is not built: npm run build:web.');
  return engine.launch({
    executablePath: await browserProgram(),
    // Not the flags that the package advises: they put everything into one process, without the
    // protection that people's browsers have.
    // What draws takes fewer threads, which would compete with the other processes of the run.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-gpu-compositing',
      '--num-raster-threads=1',
      // A page finds the scripts that the one before has compiled.
      '--process-per-site',
    ],
    headless: true,
  });
}

/** The path of the browser's program; the package's is unpacked first if need be. */
async function browserProgram(): Promise<string> {
  const { program, missing } = chooseBrowser(process, existsSync);
  if (missing !== undefined) throw new Error(missing);
  if (program !== undefined) return program;
  const version = packageJson.devDependencies['@sparticuz/chromium'];
  const folder = await preparedFolder(`chit-browser-${version}`, 'chromium', async (unpacked) => {
    // The package unpacks into the temporary folder, and no option changes that.
    const { TMPDIR } = process.env;
    process.env.TMPDIR = unpacked;
    try {
      await chromium.executablePath();
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    }
  });
  return join(folder, 'chromium');
}

let people = 0;

/** Somebody with an account and a browser window of their own. */
export class Person {
  readonly username: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page asked of hosts other than the server's. */
  readonly strayRequests: string[] = [];
  /** What went wrong in the page. */
  readonly faults: string[] = [];
  readonly #unlisten: () => void;

  private constructor(username: string, context: BrowserContext, page: Page, url: string) {
    this.username = username;
    this.context = context;
    this.page = page;
    const onRequest = (request: Request) => {
      const address = request.url();
      const isOurs = address.startsWith(url) || /^(blob|data):/.test(address);
      if (!isOurs) this.strayRequests.push(address);
    };
    const onError = (error: WebError) => this.faults.push(String(error.error()));
    context.on('request', onRequest).on('weberror', onError);
    this.#unlisten = () => context.off('request', onRequest).off('weberror', onError);
    page.on('dialog', (dialog) => {
      this.faults.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** Creates an account and a window for it, not signed in. */
  static async meet(browser: Browser, url: string, name?: string): Promise<Person> {
    people += 1;
    const username = name ?? `person-${process.pid}-${people}`;
    await postJson(`${url}/api/register/`, { username, password: PASSWORD });
    const context = await takeContext(browser, url);
    context.setDefaultTimeout(PATIENCE_MS);
    return new Person(username, context, await context.newPage(), url);
  }

  /** Signs in by the form. */
  async signIn(password = PASSWORD): Promise<void> {
    if (this.page.url() === 'about:blank') await this.page.goto('/');
    await this.page.getByLabel('Username').fill(this.username);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  /** Signs in and waits for the chat. The form is used only where a page is open already. */
  async enter(): Promise<void> {
    const { username, context, page } = this;
    const isNew = page.url() === 'about:blank';
    if (isNew && (await signInWithin(context, { username, password: PASSWORD }))) {
      await page.goto('/');
    } else await this.signIn();
    await this.page.getByLabel('Ask anything').waitFor();
  }

  /** Writes a message and sends it by Enter. */
  async say(text: string): Promise<void> {
    const field = this.page.getByLabel('Ask anything');
    await field.fill(text);
    await field.press('Enter');
  }

  /** Opens the page of the account, from the menu at the foot of the sidebar. */
  async openAccount(): Promise<void> {
    await this.page.locator('.account-chip').click();
    await this.page.getByRole('menuitem', { name: 'Account' }).click();
  }

  /** Chooses an action from the menu of the chat that is open. */
  async choose(action: string): Promise<void> {
    await this.page.locator('.conversation.current .menu-button').click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  /** The text of the last answer. */
  answer(): Promise<string> {
    return this.page.locator('.answer .markdown').last().innerText();
  }

  /** Waits until the last answer is over. */
  async answered(): Promise<void> {
    await this.page.locator('.exchange').last().locator('.answer-line').waitFor();
  }

  /** Waits until the ticket shows a balance; the page reads it again when an answer is over. */
  async shows(tokens: number): Promise<void> {
    const text = new Intl.NumberFormat('en').format(tokens);
    await this.page.locator('.ticket-number').getByText(text, { exact: true }).waitFor();
  }

  async leave(): Promise<void> {
    this.#unlisten();
    await giveBackContext(this.context);
    assert.deepEqual(this.strayRequests, []);
    assert.deepEqual(this.faults, []);
  }
}

let grants = 0;

/** Adds or deducts tokens on the server; the page is not told. */
export async function grant(
  { chit }: ModelServer,
  { username }: Person,
  credits: number,
): Promise<void> {
  grants += 1;
  const user = await chit.context.users.byUsername(username);
  const { ledger, now } = chit.context;
  const ids = { transferId: `grant-${username}-${grants}`, accountId: user?.id ?? 0, credits };
  const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
  await ledger.submit({ kind: 'grant', ...ids, ...why });
}

/** Holds back the next message that a page sends, until the test passes it on or loses it. */
export async function holdBack(
  page: Page,
): Promise<{ readonly pass: () => void; readonly lose: () => void }> {
  const held = Promise.withResolvers<'pass' | 'lose'>();
  await intercept(
    page,
    '**/messages/',
    async (route) => {
      if ((await held.promise) === 'pass') await route.continue();
      else await route.abort();
    },
    { times: 1 },
  );
  return { pass: () => held.resolve('pass'), lose: () => held.resolve('lose') };
}

/** Waits until a condition holds. */
export function until(what: () => Promise<boolean>): Promise<void> {
  return eventuallyPasses(async () =>
    assert.ok(await what(), 'The condition did not become true in time.'),
  );
}

/** Reads a page again until it is as it should be, since one that changes has passing faults. */
async function onceSettled<T>(read: () => Promise<T>, isFine: (it: T) => boolean): Promise<T> {
  for (const end = performance.now() + SETTLING_MS; ; await sleep(100)) {
    const it = await read();
    if (isFine(it) || performance.now() >= end) return it;
  }
}

/**
 * Accessibility violations that axe-core finds: the rule and the elements. The dark theme has only
 * other colours, so only their contrast is checked in it.
 */
export function accessibilityViolations(
  page: Page,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<string[]> {
  const options = colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {};
  const run = `axe.run(${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;
  return onceSettled(
    async () => {
      // Half a megabyte, so only once for each load of the page.
      if (await page.evaluate("typeof axe === 'undefined'")) {
        await page.evaluate(`${readFileSync(AXE, 'utf8')}; undefined`);
      }
      return page.evaluate<string[]>(run);
    },
    (it) => it.length === 0,
  );
}

/** What can be touched and is too small for a finger, or a field in which a phone would zoom. */
export function smallTargets(page: Page, selector: string): Promise<string[]> {
  const look = `[...document.querySelectorAll(${JSON.stringify(selector)})]
    .filter((it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter((it) => {
      const { width, height } = (it.closest('label') ?? it).getBoundingClientRect();
      const isText = it.matches('textarea, select, input:not([type=checkbox], [type=radio])');
      const doesZoom = isText && parseFloat(getComputedStyle(it).fontSize) < 16;
      return height < 44 || width < 44 || doesZoom;
    })
    .map((it) => it.outerHTML.slice(0, 80))`;
  return onceSettled(
    () => page.evaluate<string[]>(look),
    (it) => it.length === 0,
  );
}

/** How many pixels the page is wider than its window; 0 or less if it fits. */
export function horizontalOverflow(page: Page): Promise<number> {
  return onceSettled(
    () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
    (it) => it <= 0,
  );
}

/**
 * Does something and waits for what the page shows of it for a short while only. The page itself
 * watches for it, from before it can be there, so that it is seen on a slow machine as well.
 * @param selector of what must appear
 * @param pattern of its text or its label
 */
export async function showsShortly(
  page: Page,
  { selector, pattern }: { readonly selector: string; readonly pattern: RegExp },
  act: () => Promise<void>,
): Promise<void> {
  await page.evaluate(`window.isShownShortly = false; (() => {
    const look = () => {
      const texts = [...document.querySelectorAll(${JSON.stringify(selector)})]
        .filter((it) => it.checkVisibility())
        .flatMap((it) => [it.textContent.trim(), it.ariaLabel ?? '']);
      if (!texts.some((it) => ${pattern}.test(it))) return;
      window.isShownShortly = true;
      watcher.disconnect();
    };
    const watcher = new MutationObserver(look);
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    watcher.observe(document, all);
  })()`);
  await act();
  await until(() => page.evaluate<boolean>('window.isShownShortly'));
}

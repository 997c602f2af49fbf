/**
 * Browser contexts that people of tests have one after the other: a page in one that was used loads
 * in half the time, since the process that draws it goes on and has compiled the scripts.
 */
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

/** What a context needs to be given on. */
interface Kept {
  readonly browser: Browser;
  readonly url: string;
  /** A page that stays open, so that the process of the site does. */
  readonly keeper: Page;
  readonly devtools: CDPSession;
}

const kept = new WeakMap<BrowserContext, Kept>();
const free = new Set<BrowserContext>();

/**
 * A context with no cookie, nothing stored and no page but its own.
 * @param url of the server; the pages' addresses are relative to it
 */
export async function takeContext(browser: Browser, url: string): Promise<BrowserContext> {
  for (const context of free) {
    const of = kept.get(context);
    if (of?.browser !== browser || of.url !== url) continue;
    free.delete(context);
    return context;
  }
  const context = await browser.newContext({
    baseURL: url,
    locale: 'en-GB',
    // Tests watch and cut requests of the page, which a service worker would send in its place.
    serviceWorkers: 'block',
  });
  const keeper = await context.newPage();
  // An empty page of the same site, with no policy of its own.
  const empty = { contentType: 'text/html', body: '' };
  await keeper.route('**/*', (route) => route.fulfill(empty), { times: 1 });
  await keeper.goto('/');
  kept.set(context, { browser, url, keeper, devtools: await context.newCDPSession(keeper) });
  return context;
}

/** Empties a context for the next one. */
export async function giveBackContext(context: BrowserContext): Promise<void> {
  const of = kept.get(context);
  if (!of) return context.close();
  const { url, keeper, devtools } = of;
  await context.unrouteAll({ behavior: 'ignoreErrors' });
  const pages = context.pages().filter((page) => page !== keeper);
  await Promise.all(pages.map((page) => page.close()));
  const { origin } = new URL(url);
  await Promise.all([
    context.setOffline(false),
    context.clearCookies(),
    context.clearPermissions(),
    devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' }),
  ]);
  free.add(context);
}

/**
 * Signs in without a page.
 * @returns false if it has to be done by the form
 */
export async function signInWithin(context: BrowserContext, account: object): Promise<boolean> {
  const of = kept.get(context);
  if (!of || new URL(of.url).pathname !== '/') return false;
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const request = JSON.stringify({ ...post, body: JSON.stringify(account) });
  return of.keeper.evaluate(`fetch('/api/session/', ${request}).then(({ ok }) => {
    if (ok) localStorage.setItem('chit.session', '1');
    return ok;
  })`);
}

/** Has a context closed, not given on: for what stays in it, such as a clock. */
export function keepToOneself(context: BrowserContext): void {
  kept.delete(context);
}

/** Closes all contexts of a browser, those in use as well. */
export async function closeContexts(browser: Browser): Promise<void> {
  const all = browser.contexts();
  for (const context of all) free.delete(context);
  await Promise.all(all.map((context) => context.close()));
}

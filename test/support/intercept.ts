/** Requests of a page that a test answers, holds back or loses. */
import type { Page, Route } from 'playwright-core';

/**
 * Handles the requests of a page to an address, until told otherwise. Those after that pass, but
 * are still intercepted: a browser may lose a request that it sends while interception is turned
 * off, as `unroute` and `times` of Playwright do.
 * @param url a glob of addresses
 * @param times how many requests are handled; all unless given
 * @returns what ends it
 */
export async function intercept(
  page: Page,
  url: string,
  handle: (route: Route) => unknown,
  { times = Number.POSITIVE_INFINITY }: { readonly times?: number } = {},
): Promise<{ readonly end: () => void }> {
  let left = times;
  await page.route(url, async (route) => {
    left -= 1;
    await (left < 0 ? route.fallback() : handle(route));
  });
  return {
    end: () => {
      left = 0;
    },
  };
}

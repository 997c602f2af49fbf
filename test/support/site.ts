/** A server and a browser, for tests of the page. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { Model } from '../../src/models/catalogue.ts';
import { Person, sharedBrowser } from './browser.ts';
import { closeContexts } from './browser-contexts.ts';
import { faultsOf } from './chit.ts';
import { type ModelServer, startModelServer } from './model-server.ts';

export interface Site {
  readonly browser: Browser;
  readonly server: ModelServer;
  /** A person with an account and a browser window, not signed in. */
  meet(username?: string): Promise<Person>;
  /** Stops the server and closes all pages; every balance must be what its entries say. */
  close(): Promise<void>;
}

/** Starts both, with these models and settings. */
export async function startSite(
  models: readonly Model[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const server = await startModelServer(models, settings);
  const browser = await sharedBrowser();
  return {
    browser,
    server,
    meet: (username) => Person.meet(browser, server.url, username),
    close: async () => {
      await closeContexts(browser);
      const faults = await faultsOf(server.chit);
      await server.close();
      assert.deepEqual(faults, []);
    },
  };
}

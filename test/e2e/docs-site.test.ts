/** The site of the documentation in a browser: from a folder, and under a strict policy. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { buildSite } from '../../site/build.ts';
import { accessibilityViolations, horizontalOverflow, sharedBrowser } from '../support/browser.ts';
import { after, before, test } from '../support/browser-test.ts';
import { eventuallyEqual } from '../support/eventually.ts';
import { newFolder } from '../support/server.ts';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:";
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

let folder: string;
let server: Server;
let url: string;

before(async () => {
  folder = newFolder();
  buildSite(join(folder, 'site'));
  server = createServer(({ url: path = '' }, response) => {
    const file = join(folder, 'site', path.replace('/some/path/', '').replace(/\?.*/, ''));
    const headers = { 'content-type': TYPES[extname(file)] ?? 'image/png' };
    response.writeHead(200, { ...headers, 'content-security-policy': POLICY });
    response.end(readFileSync(file));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/path`;
});
after(async () => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

/** A page and what went wrong on it. */
async function open(context: BrowserContext) {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return { page, faults };
}

test('two pages are accessible, light and dark, and search finds, under a strict policy', async () => {
  const context = await (await sharedBrowser()).newContext({ colorScheme: 'light' });
  const { page, faults } = await open(context);
  for (const name of ['index.html', 'scaling.html']) {
    await page.goto(`${url}/${name}`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await accessibilityViolations(page, colorScheme), [], name);
    }
  }
  await page.getByLabel('Search').fill('pgbounc');
  await page.locator('.results a').first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}/scaling.html#pgbouncer`);
  await page.getByLabel('Light or dark').click();
  await eventuallyEqual(() => page.evaluate('document.documentElement.dataset.theme'), 'light');
  assert.deepEqual(faults, []);
  await context.close();
});

test('it works from a folder and on a phone', async () => {
  const viewport = { width: 390, height: 844 };
  const context = await (await sharedBrowser()).newContext({ viewport });
  const { page, faults } = await open(context);
  await page.goto(pathToFileURL(join(folder, 'site/index.html')).href);
  await page.getByRole('button', { name: 'Pages' }).click();
  await page.locator('#pages').getByRole('link', { name: 'Backups' }).click();
  await page.getByRole('heading', { name: 'Restoring' }).waitFor();
  assert.ok((await horizontalOverflow(page)) <= 0);
  await page.getByLabel('Search').fill('voucher');
  await page.locator('.results a').first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

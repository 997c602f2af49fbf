/** The site's own appearance and admin keys in the panel, in a real browser. */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import {
  accessibilityViolations,
  horizontalOverflow,
  PASSWORD,
  Person,
  sharedBrowser,
} from '../../support/browser.ts';
import { closeContexts } from '../../support/browser-contexts.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { intercept } from '../../support/intercept.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

/** A PNG of 1 by 1 pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk' +
    'YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const SHOTS = process.env.CHIT_SHOTS;
/** The signature and the first chunk of a PNG. */
const HEADER_BYTES = 33;

/** A PNG with a text chunk, as cameras and editors write them. */
function withText(png: Buffer, text: string): Buffer {
  const content = Buffer.from(`tEXt${text}`, 'latin1');
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  const [head, rest] = [png.subarray(0, HEADER_BYTES), png.subarray(HEADER_BYTES)];
  return Buffer.concat([head, size, content, sum, rest]);
}

let browser: Browser;
let server: ModelServer;

before(async () => {
  server = await startModelServer([scriptedModel(flatPrice(1))]);
  const flags = { isStaff: true, isSuperuser: true };
  await createAccount(server.chit.context, { username: 'boss', password: PASSWORD, ...flags });
  browser = await sharedBrowser();
});
after(async () => {
  if (browser) await closeContexts(browser);
  await server?.close();
});

/** Looks at a page in both themes and two widths, and keeps pictures if they are asked for. */
async function lookAt(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Colours fade.
    await page.evaluate(
      'Promise.allSettled(document.getAnimations().map((it) => it.finished)).then(() => {})',
    );
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}-${colorScheme}.png` });
    assert.deepEqual(
      await accessibilityViolations(page, colorScheme),
      [],
      `${name} ${colorScheme}`,
    );
    if (!SHOTS && colorScheme === 'dark') continue;
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await horizontalOverflow(page), 0, `${name} at ${width}`);
      if (!SHOTS) continue;
      const path = `${SHOTS}/${name}-${width}-${colorScheme}.png`;
      await page.screenshot({ path, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

test('a superuser names the site, sees how it will look, and visitors see it first', async () => {
  const boss = await Person.meet(browser, server.url, 'boss');
  const { page } = boss;
  await page.goto('/admin/sitelook');
  await boss.signIn();
  await page.getByLabel('Name of the site').fill('Elm School');
  await page.getByLabel(/^Logo/).setInputFiles({
    name: 'logo.png',
    mimeType: 'image/png',
    buffer: withText(PNG, 'Comment\0taken at home'),
  });
  await page.getByLabel(/such as #a04a20/).fill('#ffe000');
  await page.getByText('In the light theme it is darker').waitFor();
  const welcome = page.getByRole('group', { name: 'Welcome text' });
  await welcome.getByLabel('in English').fill('Ask your tutor first.');
  const starters = page.getByRole('group', { name: 'Starters' });
  await starters.getByLabel('in English').fill('Explain a theorem\nPractise French');
  await page.getByLabel(/^Terms of use/).fill('https://school.test/terms');
  await page.getByLabel(/^Privacy/).fill('https://school.test/privacy');
  await page.getByLabel('Whom people ask').fill('room 12');
  const card = page.getByRole('region', { name: 'Preview' }).locator('figure').first();
  for (const text of ['Elm School', 'Ask your tutor first.', 'Practise French']) {
    await card.getByText(text).waitFor();
  }
  await lookAt(page, 'look-en');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. All servers show it').waitFor();
  await page.getByRole('link', { name: 'Elm School' }).first().waitFor();

  // The name and the colour are there before the first answer of the API.
  const context = await browser.newContext({ baseURL: server.url });
  const visitor = await context.newPage();
  const interception = await intercept(visitor, '**/api/**', (route) =>
    /\/api\/site\/logo\//.test(route.request().url()) ? route.continue() : undefined,
  );
  await visitor.goto('/');
  await eventuallyEqual(() => visitor.title(), 'Elm School');
  const dark = "getComputedStyle(document.documentElement).getPropertyValue('--own-accent-dark')";
  await eventuallyEqual(() => visitor.evaluate(dark), '#ffe000');
  interception.end();
  await visitor.goto('/');
  await visitor.getByRole('heading', { name: 'Elm School' }).waitFor();
  await visitor.getByText('Ask your tutor first.').waitFor();
  await visitor.goto('/invited');
  await visitor.getByRole('link', { name: 'Terms of use' }).waitFor();
  await visitor.goto('/');
  const terms = visitor.getByRole('link', { name: 'Terms of use' });
  await eventuallyEqual(() => terms.getAttribute('href'), 'https://school.test/terms');
  const width = "document.querySelector('.site-logo').naturalWidth";
  await eventuallyEqual(() => visitor.evaluate(width), 1);
  const logo = await visitor.evaluate<string>("document.querySelector('.site-logo').src");
  const served = await (await context.request.get(logo)).body();
  assert.deepEqual([...served.subarray(1, 4)], [...Buffer.from('PNG')]);
  assert.ok(!served.includes('taken at home'), 'only the pixels are sent');
  await lookAt(visitor, 'sign-in-en');
  await context.close();

  await page.goto('/');
  await page.getByRole('button', { name: 'Practise French' }).waitFor();
  await eventuallyEqual(() => page.title(), 'Elm School');
  if (SHOTS) await lookAt(page, 'empty-chat');
  await page.goto('/account');
  await page.getByRole('link', { name: 'Privacy' }).waitFor();
  await page.close();
});

test('a member of staff makes an admin key, sees it once and ends it, in both languages', async () => {
  const boss = await Person.meet(browser, server.url, 'boss');
  const { page } = boss;
  await page.goto('/admin/adminkeys');
  await boss.signIn();
  await page.getByText('There are no admin keys.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('nightly');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Choose at least one.').waitFor();
  await page.getByLabel(/^users:read/).check();
  await page.getByLabel('Expires after').selectOption('30');
  await page.getByRole('button', { name: 'Create key' }).click();
  const secret = page.locator('.fresh-key code').first();
  await secret.waitFor();
  const key = String(await secret.textContent());
  assert.match(key, /^chit_admin_[\w-]{43}$/);
  const users = await fetch(`${server.url}/api/admin/users/`, {
    headers: { authorization: `Bearer ${key}` },
  });
  assert.equal(users.status, 200);
  await lookAt(page, 'keys-en');
  await page.reload();
  await page.getByText(/nightly/).waitFor();
  await eventuallyEqual(() => page.getByText(key).count(), 0, 'it is shown once');
  await page.goto('/admin/settings');
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('link', { name: 'Erscheinungsbild' }).click();
  await page.getByLabel('Name der Website').waitFor();
  await lookAt(page, 'look-de');
  await page.getByRole('link', { name: 'Admin-Schlüssel' }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'nightly' });
  await row.getByText(/von boss · läuft ab .* · zuletzt/).waitFor();
  if (SHOTS) await lookAt(page, 'keys-de');
  await row.getByRole('button', { name: 'Schlüssel widerrufen: „nightly“' }).click();
  await page.getByRole('button', { name: 'Schlüssel widerrufen', exact: true }).click();
  await page.getByText('Der Schlüssel ist widerrufen.').waitFor();
  await page.getByText('Es gibt keine Admin-Schlüssel.').waitFor();
  await page.goto('/admin/audit');
  await page.getByRole('cell', { name: 'Admin-Schlüssel widerrufen' }).waitFor();
  await page.getByRole('cell', { name: 'Erscheinungsbild geändert' }).waitFor();
  await page.close();
});

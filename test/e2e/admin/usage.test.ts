/** The charts of the panel and their numbers, in a real browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyMatch, eventuallyPasses } from '../../support/eventually.ts';
import { intercept } from '../../support/intercept.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;
const DAY = 'YYYY-MM-DD'.length;

let site: PanelSite;
let boss: Person;
let page: Page;

before(async () => {
  site = await startPanelSite();
});
beforeEach(async () => {
  boss = await site.enter('boss');
  page = boss.page;
});
afterEach(() => boss.leave());
after(() => site?.close());

/** A day some days before this file started, in UTC. */
function dayBefore(days: number): string {
  return new Date(NOW_MS - days * DAY_MS).toISOString().slice(0, DAY);
}

async function openUsage(query = ''): Promise<void> {
  await page.goto(`/admin/usage${query}`);
  await page.locator('.chart canvas').first().waitFor();
}

function chart(title: string) {
  return page.locator('figure', { has: page.getByText(title, { exact: true }) });
}

function table(name: string) {
  return page.getByRole('region', { name, exact: true }).getByRole('table');
}

function section(title: string) {
  return page.locator('.page-section', { has: page.getByRole('heading', { name: title }) });
}

/** The rows of the file that a section offers, without the header. */
async function fileOf(title: string): Promise<string[][]> {
  const download = page.waitForEvent('download');
  await section(title).getByRole('button', { name: 'Download as CSV' }).click();
  const text = readFileSync(await (await download).path(), 'utf8');
  return text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','));
}

/** The values of a column, from the top. */
async function column(name: string, head: string): Promise<string[]> {
  await table(name).locator('tbody tr').first().waitFor();
  const heads = await table(name).locator('th').allInnerTexts();
  const nth = heads.indexOf(head);
  assert.ok(nth >= 0, `${head} is none of ${heads}`);
  const cells = await table(name)
    .locator(`tbody td:nth-child(${nth + 1})`)
    .allInnerTexts();
  return cells.map((it) => it.replaceAll(',', ''));
}

test('a chart shows time and value to the pointer and to the arrow keys', async () => {
  await openUsage();
  const messages = chart('Messages');
  const readout = messages.locator('.chart-readout');
  await eventuallyMatch(() => readout.innerText(), /^[\d,]+ in total$/);
  const slider = messages.getByRole('slider', { name: 'Messages' });
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  const [last = '', before = ''] = await column('In numbers', 'Messages');
  await eventuallyMatch(() => readout.innerText(), new RegExp(` so far: ${last}$`));
  await page.keyboard.press('ArrowLeft');
  await eventuallyMatch(() => readout.innerText(), new RegExp(`20\\d\\d: ${before}$`));
  await eventuallyPasses(async () =>
    assert.equal(await slider.getAttribute('aria-valuetext'), await readout.innerText()),
  );
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await eventuallyMatch(() => readout.innerText(), /: 0$/);
  await page.keyboard.press('Escape');
  await eventuallyMatch(() => readout.innerText(), /in total$/);
  await slider.hover({ position: { x: 120, y: 60 } });
  await readout.getByText(/20\d\d: \d+$/).waitFor();
  await page.mouse.move(0, 0);
  await readout.getByText(/in total$/).waitFor();
});

test('an unfinished period is marked, and all times are labelled as UTC', async () => {
  await openUsage();
  await page.getByText('Days and hours are in UTC. Dashed: today, still running.').waitFor();
  await openUsage(`?from=${dayBefore(6)}&to=${dayBefore(1)}`);
  await page.getByText('Days and hours are in UTC.').waitFor();
  await eventuallyEqual(() => page.getByText('still running').count(), 0);
  await page.getByText('Median (approx.)').first().waitFor();
});

test('models are compared in one chart, each named at the end of its line', async () => {
  await openUsage();
  const names = await column('By model', 'Model');
  assert.deepEqual(names.toSorted(), ['claude', 'gpt', 'local']);
  for (const title of ['Messages by model', 'Tokens charged by model']) {
    await chart(title)
      .locator('.chart-ends li')
      .nth(names.length - 1)
      .waitFor();
    await eventuallyEqual(() => chart(title).locator('.chart-ends li').allInnerTexts(), names);
    await chart(title).getByRole('slider').focus();
    await page.keyboard.press('End');
    const readout = chart(title).locator('.chart-readout');
    const all = new RegExp(names.map((name) => `${name} \\d+`).join(' · '));
    await eventuallyMatch(() => readout.innerText(), all);
  }
  // The margin is the charges minus refunds and provider costs.
  const heads = await table('By model').locator('th').allInnerTexts();
  assert.ok(heads.indexOf('Refunded') > 0 && heads.indexOf('Refunded') < heads.indexOf('Earned'));
});

test('with one model selected, figures known only for all models are hidden', async () => {
  await openUsage();
  await eventuallyEqual(() => chart('Active users').count(), 1);
  await page.getByLabel('Model', { exact: true }).selectOption('gpt');
  await page.waitForURL(/model=gpt/);
  await page.getByText('Usage by user is only available for all models together').waitFor();
  await eventuallyEqual(() => chart('Active users').count(), 0);
  await eventuallyPasses(async () => {
    const heads = await table('In numbers').locator('th').allInnerTexts();
    assert.ok(heads.length > 0 && !heads.includes('Active users'), heads.join());
  });
  const first = chart('Messages by model').locator('.chart-ends li').first();
  await eventuallyEqual(() => first.innerText(), 'gpt');
  await section('By user').getByRole('button', { name: 'All models' }).click();
  await chart('Active users').waitFor();
});

test('any days can be chosen and are in the URL; files have what is shown', async () => {
  await openUsage();
  await page.getByLabel('From', { exact: true }).fill(dayBefore(5));
  await page.getByLabel('To', { exact: true }).fill(dayBefore(2));
  await page.waitForURL(/from=.*to=/);
  await page.locator('[aria-busy="false"]').first().waitFor();
  await page.getByText('still running').waitFor({ state: 'detached' });
  await eventuallyEqual(async () => (await column('In numbers', 'Messages')).length, 4);
  await page.reload();
  await page.locator('.chart canvas').first().waitFor();
  await eventuallyEqual(() => page.getByLabel('From', { exact: true }).inputValue(), dayBefore(5));
  const points = await fileOf('In numbers');
  assert.deepEqual(
    points.map(([, messages]) => messages),
    (await column('In numbers', 'Messages')).toReversed(),
  );
  assert.deepEqual([points[0]?.[0], points.at(-1)?.[0]], [dayBefore(5), dayBefore(2)]);
  const models = await fileOf('By model');
  const shown = await column('By model', 'Messages');
  assert.deepEqual(
    models.map(([model, messages]) => `${model} ${messages}`),
    (await column('By model', 'Model')).map((model, nth) => `${model} ${shown[nth]}`),
  );
  await page.getByLabel('Period (UTC)').selectOption(dayBefore(3));
  await page.waitForURL(new RegExp(`period=${dayBefore(3)}`));
  await table('Top users').waitFor();
  await page.locator('.page-section [aria-busy="false"]').waitFor();
  const users = await fileOf('Top users');
  assert.deepEqual(
    users.map(([, name]) => name),
    await column('Top users', 'User'),
  );
  await page.getByRole('button', { name: 'Clear dates' }).click();
  await page.getByText('still running').waitFor();
  await eventuallyPasses(async () => assert.doesNotMatch(page.url(), /from|to=/));
});

test('a span that is too long is refused with an explanation, without a retry', async () => {
  await page.goto(`/admin/usage?step=hour&from=${dayBefore(40)}`);
  await page.getByRole('alert').getByText('At most 14 days by hour.').waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Try again' }).count(), 0);
  await eventuallyEqual(() => page.locator('canvas').count(), 0);
});

test('an old chart is dimmed while a new span loads, and removed if that fails', async () => {
  await openUsage();
  let letGo = () => {};
  const held = new Promise<void>((go) => {
    letGo = go;
  });
  const interception = await intercept(page, '**/api/admin/usage/?*', async (route) => {
    await held;
    await route.abort();
  });
  await page.getByLabel('Time span', { exact: true }).selectOption('month');
  await page.locator('.loaded.dim[aria-busy="true"] canvas').first().waitFor();
  letGo();
  await page.getByRole('alert').getByText('Can’t reach the server').waitFor();
  await eventuallyEqual(() => page.locator('canvas, table').count(), 0);
  interception.end();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('the current month, still running').waitFor();
  await page.locator('.chart canvas').first().waitFor();
});

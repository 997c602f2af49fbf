/** A school of three classes is set up from one file, as somebody new to the panel would. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import {
  accessibilityViolations,
  horizontalOverflow,
  PASSWORD,
  type Person,
  until,
} from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

const CLASSES = ['Class 7a', 'Class 7b', 'Class 7c'];
const PUPILS = CLASSES.flatMap((name) =>
  Array.from({ length: 25 }, (_, index) => `pupil.${name.slice(-2)}.${index},${name},100`),
);
const FILE = `username,class,tokens\r\n${PUPILS.join('\r\n')}\r\n`;

let site: PanelSite;
let boss: Person;
let page: Page;

before(async () => {
  site = await startPanelSite();
  boss = await site.enter('boss');
  page = boss.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
});
after(() => site?.close());

async function look(where: string): Promise<void> {
  // What is pointed at has another colour.
  await page.mouse.move(0, 0);
  for (const size of [
    { width: 390, height: 844 },
    { width: 1_440, height: 900 },
  ]) {
    await page.setViewportSize(size);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await accessibilityViolations(page, colorScheme), [], where);
    }
    assert.ok((await horizontalOverflow(page)) <= 0, `${where} at ${size.width}`);
  }
}

/** Chooses a file, and waits until this of it is shown. */
async function choose(name: string, bytes: string | Buffer, shown: string): Promise<void> {
  const buffer = Buffer.from(bytes);
  const content = page.getByLabel('Or paste its content');
  await page.getByLabel('CSV file').setInputFiles({ name, mimeType: 'text/csv', buffer });
  await until(async () => (await content.inputValue()).includes(shown));
}

test('three classes get accounts, groups and links from one file', async (t) => {
  const startedAt = performance.now();
  await page.getByRole('link', { name: 'Import users' }).click();
  await choose('school.csv', FILE, 'pupil.7c.24');
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('The file has no errors.').waitFor();
  await page.getByText('New groups: Class 7a, Class 7b, Class 7c').waitFor();
  assert.equal(await site.tokensOf('pupil.7a.0'), undefined);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('Done: 75 users.').waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download links and passwords' }).click();
  const text = await readFile(await (await saved).path(), 'utf8');
  const seconds = (performance.now() - startedAt) / 1_000;
  t.diagnostic(`three classes are set up in ${seconds.toFixed(0)} s (<= 120)`);
  const lines = text.replace('\ufeff', '').trimEnd().split('\r\n');
  assert.equal(lines.length, 76);
  assert.equal(await site.tokensOf('pupil.7c.24'), 100);
  await look('what was done');
  const [username, group, , link = ''] = lines[1]?.split(',') ?? [];
  assert.deepEqual([username, group], ['pupil.7a.0', 'Class 7a']);
  const pupil = await boss.context.browser()?.newContext({ locale: 'en-GB' });
  const theirs = await pupil?.newPage();
  await theirs?.goto(link);
  await theirs?.getByLabel('Password').fill(PASSWORD);
  await theirs?.getByRole('button', { name: 'Save' }).click();
  await theirs?.getByText('Your password is set.').waitFor();
  await pupil?.close();
});

test('the same file again has nothing to do; faults are told by row and column, in German too', async () => {
  await page.goto('/admin/users/import');
  await look('the form');
  await page.getByLabel('Or paste its content').fill(FILE);
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('Everyone in the file already has all of this.').waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Import', exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Back to the file' }).click();
  // As Excel writes it in Germany.
  const latin = Buffer.from('Benutzername;Klasse;Guthaben\r\nJürgen;7ä;-3\r\n:x;7ä;5', 'latin1');
  await choose('klasse.csv', latin, 'Jürgen;7ä');
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('2 errors.').waitFor();
  await page.getByRole('row', { name: '2 Guthaben This is not a whole number' }).waitFor();
  await look('faults');
  await page.goto('/admin/settings');
  await page.getByLabel('Language').selectOption('de');
  await page.goto('/admin/users/import');
  await page.getByLabel('Oder den Inhalt einfügen').fill('Benutzername;Tarif\nneu;Nie gehört');
  await page.getByRole('button', { name: 'Datei prüfen' }).click();
  await page.getByRole('row', { name: '2 Tarif Einen Tarif mit diesem Namen' }).waitFor();
  assert.equal(await site.tokensOf('neu'), undefined);
});

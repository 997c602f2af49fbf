/** Invitations from the panel to the first chat: three by CSV, slips, and one comes by a code. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { accessibilityViolations, horizontalOverflow, type Person } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyMatch } from '../../support/eventually.ts';
import { intercept } from '../../support/intercept.ts';
import { type PanelSite, startPanelSite } from '../../support/panel.ts';

const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1_280, height: 900 };
const PASSWORD = 'velvet-tram-19';

let site: PanelSite;
let clerk: Person;
let page: Page;

before(async () => {
  site = await startPanelSite();
  clerk = await site.enter('clerk');
  page = clerk.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
});
after(() => site?.close());

/** Nothing is wrong with what is shown, in either theme, on a desk and on a phone. */
async function look(on: Page, where: string): Promise<void> {
  // What is pointed at has another colour.
  await on.mouse.move(0, 0);
  for (const size of [PHONE, WIDE]) {
    await on.setViewportSize(size);
    for (const colorScheme of ['dark', 'light'] as const) {
      await on.emulateMedia({ colorScheme });
      assert.deepEqual(await accessibilityViolations(on, colorScheme), [], where);
    }
    assert.equal(await horizontalOverflow(on), 0, `${where} at ${size.width}`);
  }
}

test('three are invited by CSV and printed; one comes by the code, and the list shows it', async () => {
  await page.getByRole('link', { name: 'Invitations' }).click();
  await page.getByText('Nobody has been invited yet.').waitFor();
  await page.getByRole('link', { name: 'Invite people' }).click();
  await look(page, 'the form');
  await page.getByRole('button', { name: 'From a CSV file' }).click();
  const csv = 'Name,Benutzername,Klasse,Guthaben\nAda Lovelace,ada.7a,7a,250\nGrace,,7a,\n';
  await page.getByLabel('Or paste its content').fill(`${csv}Alan,alan.7b,7b,-1\n`);
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('1 error. Nobody can be invited').waitFor();
  await page.getByText('This is not a whole number of tokens.').waitFor();
  await page.getByRole('button', { name: 'Back to the form' }).click();
  await page.getByLabel('Or paste its content').fill(`${csv}Alan,alan.7b,7b,\n`);
  await page.getByRole('button', { name: 'Check the file' }).click();
  await page.getByText('New groups: 7a, 7b').waitFor();
  await look(page, 'the preview');
  // The answer is lost; sent again, nobody is invited twice.
  const interception = await intercept(page, '**/api/admin/invitations/', async (route) => {
    await route.fetch();
    return route.abort();
  });
  await page.getByRole('button', { name: 'Invite 3 people' }).click();
  await page.getByText('it is not known whether they were invited').waitFor();
  interception.end();
  await page.getByRole('button', { name: 'Invite 3 people' }).click();
  await page.getByText('3 people invited.').waitFor();
  await look(page, 'what was done');

  await page.getByRole('link', { name: 'Print these slips' }).click();
  await page.getByText('3 slips, one for each person.').waitFor();
  await page.locator('.qr-code').nth(2).waitFor();
  await look(page, 'the slips');
  await page.emulateMedia({ media: 'print' });
  const slips = page.locator('.invitation-slips li');
  await eventuallyMatch(
    () => slips.first().innerText(),
    /7a\s+Ada Lovelace\s+Your username: ada\.7a\s[\s\S]*127\.0\.0\.1[\s\S]*invitation code/,
  );
  await eventuallyEqual(() => page.locator('.panel-nav').isVisible(), false);
  await page.emulateMedia({ media: 'screen' });
  const [code = ''] = await slips.first().locator('.voucher-code').allInnerTexts();

  const ada = await site.meet();
  await ada.page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.page.goto('/');
  await ada.page.getByRole('link', { name: 'I have an invitation code' }).click();
  const field = ada.page.getByLabel('Invitation code');
  await field.fill('ABCDE-FGHJK');
  await ada.page.getByRole('button', { name: 'Continue' }).click();
  await ada.page.getByText('There is no invitation with this code.').waitFor();
  await look(ada.page, 'the code');
  await field.fill(code.toLowerCase().replace('-', ' '));
  await ada.page.getByRole('button', { name: 'Continue' }).click();
  await ada.page.getByRole('heading', { name: 'Hello Ada Lovelace!' }).waitFor();
  await eventuallyEqual(() => ada.page.getByLabel('Username').inputValue(), 'ada.7a');
  await look(ada.page, 'the account');
  await ada.page.getByLabel('Password').fill(PASSWORD);
  await ada.page.getByRole('button', { name: 'Create account' }).click();
  await ada.shows(250);
  assert.equal(await site.tokensOf('ada.7a'), 250);
  await ada.leave();

  // The same link again, in German, is refused.
  const thief = await site.meet();
  await thief.page.goto(`/invited#${code}`);
  await thief.page.getByLabel('Language').selectOption('de');
  await thief.page.getByRole('button', { name: 'Weiter' }).click();
  await thief.page.getByText('Diese Einladung wurde schon benutzt.').waitFor();
  await thief.leave();

  await page.getByRole('link', { name: 'All invitations' }).click();
  await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'joined (1)' });
  const row = page.getByRole('row').filter({ hasText: 'Ada Lovelace' });
  await row.getByText('joined', { exact: true }).waitFor();
  await page.getByRole('row').filter({ hasText: 'Grace' }).waitFor({ state: 'detached' });
  await eventuallyEqual(() => page.locator('tbody tr').count(), 1);
  await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'open (2)' });
  await page.getByLabel('Select Alan').check();
  await look(page, 'the list');
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('1 invitation withdrawn.').waitFor();
  await page.getByLabel('Select Grace').check();
  await page.getByRole('button', { name: 'Extend' }).click();
  await page.getByRole('dialog').getByLabel('Valid for').selectOption('Until a day…');
  const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Last day').fill(day);
  await look(page, 'until when');
  await page.getByRole('dialog').getByRole('button', { name: 'Extend' }).click();
  await page.getByText('1 invitation extended.').waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('combobox', { name: 'State' }).selectOption('');
  await page.getByRole('button', { name: 'Download as CSV' }).click();
  const file = await readFile(await (await saved).path(), 'utf8');
  assert.match(file, /^\ufeffname,email,[\s\S]*\r\nGrace,,7a,open,/);
  const grace = file.split('\r\n').find((it) => it.startsWith('Grace')) ?? '';
  const [, , , , , expiresAt = ''] = grace.split(',');
  assert.equal(
    new Date(expiresAt).toString().slice(0, 24),
    new Date(`${day}T23:59:59`).toString().slice(0, 24),
  );
});

test('one person is invited with a username of their own choice, and chooses it by the link', async () => {
  await page.goto('/admin/invitations/new');
  await page.getByLabel('Name, as printed on the slip').fill('Joan Clarke');
  await page.getByLabel('Groups, separated by semicolons').fill('7a; Chess');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  const link = await page.locator('.fresh-key code').innerText();
  const joan = await site.meet();
  await joan.page.goto(new URL(link).hash === '' ? link : `/invited${new URL(link).hash}`);
  await joan.page.getByRole('heading', { name: 'Hello Joan Clarke!' }).waitFor();
  await joan.page.getByLabel('Username').fill('clerk');
  await joan.page.getByLabel('Password').fill(PASSWORD);
  await joan.page.getByRole('button', { name: 'Create account' }).click();
  await joan.page.getByRole('alert').waitFor();
  await joan.page.getByLabel('Username').fill('joan');
  await joan.page.getByRole('button', { name: 'Create account' }).click();
  await joan.shows(4_000);
  await joan.leave();
});

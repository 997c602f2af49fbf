/** The panel in German, in a real browser: no English is left. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { grantToPool } from '../../../src/app/groups/give-out.ts';
import { addGroupBudget } from '../../../src/app/groups/group-budgets.ts';
import { addMembers, createGroup } from '../../../src/app/groups/manage-groups.ts';
import { de as panelDe } from '../../../web/src/admin/words/de.ts';
import { en as panelEn } from '../../../web/src/admin/words/en.ts';
import { de } from '../../../web/src/strings/de.ts';
import { en } from '../../../web/src/strings/en.ts';
import {
  accessibilityViolations,
  horizontalOverflow,
  type Person,
  until,
} from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyMatch } from '../../support/eventually.ts';
import { openPart, type PanelSite, startPanelSite } from '../../support/panel.ts';

/** Text and labels of the panel; user content and names of settings are not translated. */
const SAID =
  'h1, h2, th, td, label, button, nav a, .page-head a, .actions a, p, li, dt, dd, span, option, ' +
  'summary, strong';
/** Words that no German sentence has. */
const ENGLISH = /\b(the|of|and|or|with|by|to|is|are|any|all|from|new|user|users|give|last)\b/i;
/** Names of languages and English text for everyone are marked with `lang`. */
const ELSEWHERE = ':not([lang="en"], [lang="en"] *, :has([lang="en"]), code)';

let site: PanelSite;
let boss: Person;
let page: Page;

before(async () => {
  site = await startPanelSite();
});
beforeEach(async () => {
  boss = await site.enter('boss');
  page = boss.page;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
});
afterEach(() => boss.leave());
after(() => site?.close());

/** Every text of a dictionary without parameters. */
function textsIn(dictionary: unknown): string[] {
  if (typeof dictionary === 'string') return dictionary === '' ? [] : [dictionary];
  if (typeof dictionary !== 'object' || dictionary === null) return [];
  return Object.values(dictionary).flatMap(textsIn);
}

const german = new Set([panelDe, de].flatMap(textsIn));
const english = new Set([panelEn, en].flatMap(textsIn).filter((it) => !german.has(it)));

/** English text left on the current page. */
async function leftovers(): Promise<string[]> {
  const said = await page
    .locator(`:is(${SAID})${ELSEWHERE}`)
    .evaluateAll((all) => all.map((it) => (it.textContent ?? '').trim()));
  const hidden = await page
    .locator(`:is([aria-label], [placeholder], [title], [data-name])${ELSEWHERE}`)
    .evaluateAll((all) =>
      all.flatMap((it) =>
        ['aria-label', 'placeholder', 'title', 'data-name'].map((name) => it.getAttribute(name)),
      ),
    );
  const texts = [...said, ...hidden.filter((it) => it !== null)];
  assert.ok(texts.length > 10);
  return [...new Set(texts)].filter((it) => english.has(it) || ENGLISH.test(it));
}

test('the language is chosen in the settings, applies at once and is remembered', async () => {
  await eventuallyEqual(() => page.evaluate('document.documentElement.lang'), 'de');
  await page.getByRole('link', { name: 'Protokoll' }).waitFor();
  await page.getByText('sind auf Englisch').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  await until(async () => (await page.title()) === 'Einstellungen – Chit');
  await page.getByLabel('Sprache').selectOption('en');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await eventuallyEqual(() => page.evaluate('document.documentElement.lang'), 'en');
  await eventuallyEqual(() => page.getByText('auf Englisch').count(), 0);
});

test('no page has any English left', async () => {
  const places = ['', `users/${site.ids[0]}`, 'users/new', 'credits', 'usage', 'chats'];
  const made = ['vouchers', 'vouchers/new', 'users/import'];
  const others = [...made, 'models', 'usage?step=month', 'settings', 'audit', 'nowhere', 'users/9'];
  for (const place of [...places, ...others]) {
    await openPart(page, place);
    await eventuallyEqual(leftovers, [], place);
    await eventuallyMatch(() => page.title(), / – Chit$/);
  }
});

test('lists, confirmations, errors and numbers are in German', async () => {
  await page.goto('/admin/credits');
  await page.getByLabel('Konten und Token').fill('wer ist das 5\ngrace 12000');
  await page.getByLabel('Grund').fill('Ein Kurs');
  await page.getByRole('button', { name: 'Vorschau' }).click();
  await page.getByText('1 Problem.').waitFor();
  await page.getByText('Zeile 1: Dieses Konto gibt es nicht.').waitFor();
  await eventuallyEqual(leftovers, []);
  await page.getByRole('button', { name: 'Zurück zur Liste' }).click();
  await page.getByLabel('Konten und Token').fill('Konto;Betrag\ngrace;12.000');
  await page.getByRole('button', { name: 'Vorschau' }).click();
  await page.getByText('1 Konto: 12.000 Token hinzugefügt.').waitFor();
  await page.getByRole('button', { name: 'Für 1 Konto buchen' }).click();
  await page.getByText('grace hat 12.000 Token bekommen.').waitFor();
  await page.goto(`/admin/users/${site.ids[1]}`);
  await page.getByText('Gutschrift · Ein Kurs').waitFor();
  await page.getByRole('button', { name: 'Sperren' }).click();
  const question = page.getByRole('dialog');
  await question.getByText('grace kann sich nicht mehr anmelden.').waitFor();
  await eventuallyEqual(leftovers, []);
  await page.keyboard.press('Escape');
  await page.goto('/admin/audit?action=credits.grant');
  await page.getByText(/^Guthaben: .* → .*, Token: \+12\.000$/).waitFor();
  await page.goto('/admin/usage?from=2001-01-01');
  await page.getByText(/Nach Tagen höchstens \d+ Tage\. Wähle einen späteren Anfang\./).waitFor();
});

test('axe finds nothing in German, and no page is wider than a phone', async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const place of ['users', 'usage', 'settings', 'credits', 'chats', 'audit', 'models']) {
    await page.setViewportSize({ width: 1_440, height: 900 });
    await openPart(page, place);
    await page.locator('table, form, .empty:not([aria-busy])').first().waitFor();
    if (place === 'users' || place === 'usage') {
      const faults = await accessibilityViolations(page);
      assert.deepEqual(faults, [], place);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await horizontalOverflow(page);
    assert.ok(width <= 0, `${place} is wider than a phone`);
  }
});

test('pages of groups have no English left', async () => {
  const { context } = site.server.chit;
  const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
  const wanted = { name: 'Klasse 7b', hasPool: true, models: undefined };
  const group = await createGroup(context, by, wanted);
  const users = site.ids.slice(0, 3).map((id) => ({ id }));
  await addMembers(context, by, group.id, { users, isManager: true });
  for (const window of [{ kind: 'none' }, { kind: 'hours', hours: 5 }] as const) {
    await addGroupBudget(context, by, group, { limitCredits: 500, window });
  }
  const grant = { credits: 1_000, reason: 'Schulbeginn', idempotencyKey: undefined };
  await grantToPool(context, by, group, grant);
  for (const place of ['groups', `groups/${group.id}`, 'groups/9', `users/${site.ids[0]}`]) {
    await openPart(page, place);
    await eventuallyEqual(leftovers, [], place);
  }
  await openPart(page, `groups/${group.id}`);
  await page.getByLabel('Alle angezeigten auswählen').check();
  await page.getByRole('button', { name: 'An 3 Mitglieder verteilen' }).waitFor();
  await page.getByText('500 Token in 5 Stunden ab der ersten Nutzung').first().waitFor();
  await eventuallyEqual(leftovers, []);
});

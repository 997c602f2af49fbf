/** Prompts and assistants on the page, from creating them to using them by keyboard. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { createGroup } from '../../../src/app/groups/manage-groups.ts';
import type { Principal } from '../../../src/app/principal.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { accessibilityViolations, PASSWORD, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { eventuallyEqual } from '../../support/eventually.ts';
import { shownModel } from '../../support/models.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

let site: Site;
let ada: Person;

before(async () => {
  const plain = Object.assign(scriptedModel(flatPrice(100)), { name: 'plain' });
  const other = Object.assign(scriptedModel(flatPrice(10)), { name: 'other' });
  site = await startSite([plain, other]);
});
beforeEach(async () => {
  ada = await site.meet();
  await ada.page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.enter();
});
afterEach(() => ada.leave());
after(() => site?.close());

/** Waits until what is typed goes into this field. */
async function hasFocus(field: Locator): Promise<void> {
  await field.and(field.page().locator(':focus')).waitFor();
}

test('what was created is found by typing /, filled in, and never sent by itself', async () => {
  const { page } = ada;
  await page.goto('/prompts');
  await page.getByRole('button', { name: 'New prompt' }).click();
  await page.getByLabel('Name').fill('Letter');
  await page.getByLabel('Text', { exact: true }).fill('Write to {{name}}.');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('button', { name: 'New assistant' }).click();
  await page.getByLabel('Name').fill('Tutor');
  await page.getByLabel('Instructions').fill('Ask, do not tell.');
  await page.getByLabel('Model').selectOption('other');
  const rules = { name: 'rules.txt', mimeType: 'text/plain', buffer: Buffer.from('Be kind.') };
  await page
    .locator('.assistant-files input')
    .setInputFiles([rules, { ...rules, name: 'x.bin', buffer: Buffer.from([0, 1, 2]) }]);
  await page.getByText('Files of this kind can’t be read.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('Remove the files that couldn’t be uploaded.').waitFor();
  await page.getByRole('button', { name: 'Remove x.bin' }).click();
  await page.getByRole('button', { name: 'Add files' }).and(page.locator(':focus')).waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('button', { name: 'Edit Tutor' }).waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);

  await page.goto('/');
  const composer = page.getByRole('textbox', { name: 'Ask anything' });
  await composer.click();
  await page.keyboard.press('/');
  await page.getByRole('option').first().waitFor();
  await hasFocus(page.getByRole('combobox'));
  await page.keyboard.type('lett');
  await page.getByRole('option', { name: /Tutor/ }).waitFor({ state: 'detached' });
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.keyboard.press('Enter');
  await hasFocus(page.getByRole('textbox', { name: 'name' }));
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.keyboard.type('Bob');
  await page.keyboard.press('Enter');
  await page.locator('#composer:focus').waitFor();
  await eventuallyEqual(() => composer.inputValue(), 'Write to Bob.');
  await eventuallyEqual(() => page.locator('.exchange').count(), 0);

  await page.getByRole('button', { name: 'Prompts' }).click();
  await page.getByRole('option', { name: /Tutor/ }).click();
  await page.getByText('Assistant: Tutor').waitFor();
  await page.getByTitle('Download rules.txt').waitFor();
  await eventuallyEqual(() => shownModel(page), 'other');
  await eventuallyEqual(() => composer.inputValue(), 'Write to Bob.');
  assert.deepEqual(await accessibilityViolations(page), []);
  await composer.press('Enter');
  await ada.answered();
  await page.getByRole('button', { name: 'Instructions: Tutor' }).waitFor();
  await page.reload();
  await page.locator('.message-files').getByText('rules.txt').waitFor();
  await page.getByRole('button', { name: 'Instructions: Tutor' }).waitFor();
  await eventuallyEqual(() => shownModel(page), 'other');
});

test('a slash that finds nothing stays a message', async () => {
  const { page } = ada;
  const composer = page.getByRole('textbox', { name: 'Ask anything' });
  await composer.click();
  await page.keyboard.press('/');
  await hasFocus(page.getByRole('combobox'));
  await page.keyboard.type('etc/hosts');
  await page.keyboard.press('Escape');
  await page.locator('#composer:focus').waitFor();
  await eventuallyEqual(() => composer.inputValue(), '/etc/hosts');
});

test('an assistant with a model that one may not use says which will answer', async () => {
  const { page } = ada;
  const fields = { kind: 'assistant', title: 'Sage', content: 'Be wise.', model: 'gone' } as const;
  const shared = { id: 'sage', owner: { isForAll: true }, createdAtMs: 1, updatedAtMs: 1 } as const;
  await site.server.chit.context.prompts.add({ ...fields, ...shared, files: [] }, { most: 200 });
  await page.getByRole('button', { name: 'Prompts' }).click();
  await page.getByRole('option', { name: /Sage.*For everyone/ }).click();
  await page.getByText('made for gone, which you can’t use. plain will answer').waitFor();
  await eventuallyEqual(() => shownModel(page), 'plain');
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.locator('#composer:focus').waitFor();
  await page.keyboard.type('hello');
  await page.keyboard.press('Enter');
  await ada.answered();
  await page.getByRole('button', { name: 'Instructions: Sage' }).waitFor();
  await eventuallyEqual(() => shownModel(page), 'plain');
});

test('also in a chat that has instructions already, and no message', async () => {
  const { page } = ada;
  await page.getByRole('button', { name: 'Instructions' }).click();
  await page.getByRole('textbox', { name: 'Instructions' }).fill('Be brief.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/c\//);
  await page.getByRole('button', { name: 'Prompts' }).click();
  await page.getByRole('option', { name: /Sage/ }).click();
  await page.getByRole('alert').getByText('made for gone').waitFor();
  await page.getByRole('button', { name: 'Instructions: Sage' }).click();
  const field = page.getByRole('textbox', { name: 'Instructions' });
  await eventuallyEqual(() => field.inputValue(), 'Be wise.');
});

test('staff share with any group and change that again, also with one that they are not in', async () => {
  const { context } = site.server.chit;
  const flags = { isStaff: true, isSuperuser: false };
  await createAccount(context, { username: 'boss', password: PASSWORD, ...flags });
  const boss = await site.meet('boss');
  const principal: Principal = { actor: 'cli:test', address: undefined, user: undefined };
  const group = await createGroup(context, principal, {
    name: 'Class 7',
    hasPool: false,
    models: undefined,
  });
  const { page } = boss;
  await boss.enter();
  await page.goto('/prompts');
  await page.getByRole('button', { name: 'New prompt' }).click();
  await page.getByLabel('Name').fill('Essay');
  await page.getByLabel('Text', { exact: true }).fill('Ask for {{topic}}.');
  await page.getByLabel('Who can use it').selectOption('Class 7');
  await page.getByRole('button', { name: 'Create' }).click();
  // It is in no list of one's own, so that of the group is shown.
  await page.getByRole('button', { name: 'Edit Essay' }).click();
  assert.deepEqual(await accessibilityViolations(page), []);
  const field = page.getByLabel('Text', { exact: true });
  await eventuallyEqual(() => field.inputValue(), 'Ask for {{topic}}.');
  await field.fill('Ask for the {{topic}}.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Ask for the {{topic}}.').waitFor();
  const shown = page.locator('.audience-choice select');
  await shown.selectOption('What you can use');
  await page.getByRole('button', { name: 'Edit Essay' }).waitFor({ state: 'detached' });
  await shown.selectOption('Class 7');
  await page.getByRole('button', { name: 'Delete Essay' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).last().click();
  await page.getByText('No prompts yet.').waitFor();
  assert.deepEqual(await context.prompts.ofOwner({ groupId: group.id }), []);
  await boss.leave();
});

test('who shares with nobody is asked nothing about it', async () => {
  const { page } = ada;
  await page.goto('/prompts');
  await page.getByRole('button', { name: 'New prompt' }).click();
  await eventuallyEqual(() => page.getByLabel('Who can use it').count(), 0);
  await eventuallyEqual(() => page.locator('.audience-choice').count(), 0);
});

/** Files of a shared assistant that mean harm do nothing to whoever begins a chat with it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD, until } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount } from '../../support/chit.ts';
import { greyPng } from '../../support/sample-files.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>';
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(3)"><script>alert(4)</script>' +
  '<image href="https://evil.example/a.png"/></svg>';
const file = (name: string, buffer: Buffer) => ({ name, mimeType: '', buffer });
const FILES = [
  file('page.html', Buffer.from(SCRIPT)),
  file('drawing.svg', Buffer.from(SVG)),
  // What is behind the end of a picture is a page.
  file('both.png', Buffer.concat([greyPng(40, 30), Buffer.from(SCRIPT)])),
  file('<img src=x onerror=alert(5)>.txt', Buffer.from('harmless')),
  file('\u202Etxt.exe', Buffer.from(`![x](https://evil.example/b.png) ${SCRIPT}`)),
];

let site: Site;

before(async () => {
  const model = Object.assign(scriptedModel(flatPrice(100)), { reads: ['image'] as const });
  site = await startSite([model]);
  const flags = { isStaff: true, isSuperuser: false };
  await createAccount(site.server.chit.context, { username: 'boss', password: PASSWORD, ...flags });
});
after(() => site?.close());

test('they are shown, sent, and downloaded, and nothing of them runs', async () => {
  const boss = await site.meet('boss');
  const { page } = boss;
  await boss.enter();
  await page.goto('/prompts');
  await page.getByRole('button', { name: 'New assistant' }).click();
  await page.getByLabel('Name').fill('<b onclick=alert(6)>Tutor</b>');
  await page.getByLabel('Instructions').fill(SCRIPT);
  await page.getByLabel('Who can use it').selectOption('For everyone');
  await page.locator('.assistant-files input').setInputFiles(FILES);
  await page
    .locator('.chip[aria-busy=false]')
    .nth(FILES.length - 1)
    .waitFor();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.locator('.prompt-row').waitFor();
  await boss.leave();

  const ada = await site.meet();
  await ada.enter();
  const shown = ada.page.locator('.message-files');
  await ada.page.getByRole('button', { name: 'Prompts' }).click();
  await ada.page.getByRole('option', { name: /Tutor/ }).click();
  await shown
    .locator('li')
    .nth(FILES.length - 1)
    .waitFor();
  await ada.say('Hello');
  await ada.answered();
  await ada.page.reload();
  await shown
    .locator('li')
    .nth(FILES.length - 1)
    .waitFor();
  const opened: string[] = [];
  ada.context.on('page', (it) => opened.push(it.url()));
  for (const [name, bytes] of [
    ['page.html', SCRIPT],
    ['drawing.svg', SVG],
  ] as const) {
    const saved = ada.page.waitForEvent('download');
    await shown.getByTitle(`Download ${name}`).click();
    assert.equal(await readFile(await (await saved).path(), 'utf8'), bytes);
  }
  assert.deepEqual(opened, [], 'nothing is opened as a page');
  // The name that turns itself around is shown as what it is.
  await shown.getByText('txt.exe').waitFor();
  assert.ok(!(await shown.innerText()).includes('\u202E'));
  await until(async () => (await shown.locator('img').count()) === 1);
  await shown.locator('img').click();
  await ada.page.locator('.large-picture img').waitFor();
  // Also fails after a dialog, an error, or a request to another host.
  await ada.leave();
});

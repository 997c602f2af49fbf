/** What stands beside each other on a phone, where there is little room for it. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { flatPrice } from '../../../src/core/pricing.ts';
import { accessibilityViolations, horizontalOverflow, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { eventuallyEqual, eventuallyPasses } from '../../support/eventually.ts';
import { chooseModel } from '../../support/models.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { type Site, startSite } from '../../support/site.ts';

const PHONE = { width: 390, height: 844 };

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

/** The tops of elements, without those that are not there. */
async function topsOf(elements: Locator): Promise<number[]> {
  const boxes = await Promise.all((await elements.all()).map((it) => it.boundingBox()));
  return boxes.map((it) => Math.round(it?.y ?? -1));
}

test('a failed answer has one row of actions, in German too, and a menu of other models', async () => {
  const { page } = ada;
  await chooseModel(page, 'plain');
  await ada.say(script({ fail: 'reset' }));
  await page.setViewportSize(PHONE);
  const buttons = page.locator('.failure button');
  for (const other of ['Another model', 'Anderes Modell']) {
    await page.locator('.failure').getByRole('button', { name: other }).waitFor();
    await eventuallyPasses(async () => {
      const [first, second, ...more] = await topsOf(buttons);
      assert.ok(first !== undefined, other);
      assert.equal(first, second, other);
      assert.deepEqual(more, [], other);
    });
    assert.deepEqual(await accessibilityViolations(page), []);
    await page.evaluate("localStorage.setItem('chit.language', 'de')");
    await page.reload();
  }
  await page.getByRole('button', { name: 'Anderes Modell' }).click();
  await page.getByRole('menuitem', { name: 'Alle Modelle …' }).click();
  await page.getByRole('combobox').waitFor();
});

test('a prompt is one line with its actions; the files of an edited assistant are lines', async () => {
  const { page } = ada;
  await page.goto('/prompts');
  await page.getByRole('button', { name: 'New assistant' }).click();
  await page.getByLabel('Name').fill('Tutor of everybody who is in class 7');
  await page.getByLabel('Instructions').fill('Ask, do not tell, and be kind to whoever asks.');
  await page.getByLabel('Model').selectOption('other');
  const name = 'what is taught in class 7 in the second half of the year.txt';
  const buffer = Buffer.from('Be kind.');
  const input = page.locator('.assistant-files input');
  await input.setInputFiles([{ name, mimeType: 'text/plain', buffer }]);
  await page.locator('.chip[aria-busy=false]').waitFor();
  await page.getByRole('button', { name: 'Create' }).click();
  const edit = page.getByRole('button', { name: /^Edit Tutor/ });
  await edit.waitFor();
  await page.setViewportSize(PHONE);
  const row = page.locator('.prompt-row');
  await eventuallyPasses(async () => {
    const [top, again] = await topsOf(row.locator('button'));
    assert.equal(top, again);
    const actions = await row.locator('.prompt-actions').boundingBox();
    const title = await row.locator('strong').boundingBox();
    assert.ok(actions && title && actions.x > title.x + title.width, 'the actions stand beside it');
  });
  assert.equal(await horizontalOverflow(page), 0);
  await edit.click();
  const chip = page.locator('.file-chips .chip');
  await chip.waitFor();
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    const height = async () => (await chip.boundingBox())?.height;
    await eventuallyEqual(height, 48, `at ${width}`);
  }
});

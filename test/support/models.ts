/** The choice of models on the page, for tests in a browser. */
import type { Page } from 'playwright-core';

/** Chooses a model as a user does. */
export async function chooseModel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Model: ' }).click();
  await page.getByRole('combobox', { name: 'Search models' }).fill(name);
  await page.getByRole('option', { name, exact: false }).first().click();
  await page.locator('.models-popover').waitFor({ state: 'detached' });
}

/** The name of the model that answers next. */
export async function shownModel(page: Page): Promise<string> {
  return page.locator('.model-picker .model-name').innerText();
}

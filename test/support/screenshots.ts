/**
 * `npm run screenshots`: the pictures in `docs/screenshots/`, of the page with the demo model,
 * and of the panel.
 */
import { join } from 'node:path';
import { defaultDeployment } from '../../src/models/create-models.ts';
import { builtInModel } from '../../src/models/own-models/built-in.ts';
import { demoModel } from '../../src/models/own-models/demo.ts';
import { Person, startBrowser } from './browser.ts';
import { startModelServer } from './model-server.ts';
import { chooseModel } from './models.ts';
import { visitPanel } from './panel-screenshots.ts';
import { visitSchool } from './school-screenshots.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
const WIDE = { width: 1440, height: 900 };
const SIZES = { phone: { width: 390, height: 844 }, tablet: { width: 820, height: 1180 } };

const { models } = defaultDeployment(100, true);
const server = await startModelServer(
  models.map((it) => (it.provider === 'demo' ? demoModel(it) : builtInModel(it))),
);
const browser = await startBrowser();
const ada = await Person.meet(browser, server.url, 'ada');
const { page } = ada;

async function take(name: string, of = page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await of.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await of.waitForTimeout(300);
    await of.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`) });
  }
}

await page.setViewportSize(WIDE);
await page.goto('/');
await page.getByLabel('Username').waitFor();
await take('sign-in');
await ada.enter();
await take('empty');
await chooseModel(page, 'demo');
await ada.say('What does a message cost here?');
await page.locator('.answer').getByText('Before the model is called').waitFor();
await take('streaming');
await ada.answered();
await page.evaluate("document.querySelector('.thread').scrollTo(0, 0)");
await take('chat');
for (const [name, size] of Object.entries(SIZES)) {
  await page.setViewportSize(size);
  await take(name);
}
await page.setViewportSize(WIDE);
await page.goto('/account');
await page.getByText('Active sessions').waitFor();
await take('account');
await page.goto('/statement');
await page.getByRole('table').waitFor();
await take('statement');
await ada.leave();
await server.close();
await visitPanel(browser, (of, name) => take(name, of));
await visitSchool(browser, (of, name) => take(name, of));
await browser.close();

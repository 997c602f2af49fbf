/** Accessibility: axe finds nothing on any page, in either theme, on desktop or phone. */
import assert from 'node:assert/strict';
import { flatPrice } from '../../src/core/pricing.ts';
import { accessibilityViolations, PASSWORD, type Person } from '../support/browser.ts';
import { after, before, test } from '../support/browser-test.ts';
import { Talker } from '../support/conversations.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { type Site, startSite } from '../support/site.ts';

const SIZES = { wide: { width: 1_440, height: 900 }, phone: { width: 390, height: 844 } };

/** Typical model output: no title, headings of any level, content wider than the column. */
const REPLY = `A word before.

### A heading of the third depth

1. One

   > # In a quotation

- [x] done
- [ ] to do

## And one of the second

| ${Array.from({ length: 20 }, (_, index) => `column ${index}`).join(' | ')} |
|${'---|'.repeat(20)}
| ${'value | '.repeat(20)}

\`\`\`ts
const sum = ${'aNumberThatHasALongName + '.repeat(20)}1;
\`\`\`

Then \\(x^2\\), and
\\[ y = ${'x + '.repeat(80)}1 \\]
and \`code\`, [a link](https://example.org/) and **bold** words.`;

let site: Site;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))]);
});
after(() => site?.close());

for (const [name, size] of Object.entries(SIZES)) {
  test(`the page is accessible, light and dark, ${name}`, async () => {
    const ada = await site.meet();
    await ada.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await ada.page.setViewportSize(size);
    await lookAtChat(ada, name === 'phone');
    await lookAtPages(ada);
    await ada.leave();
  });
}

const SHEET = 'the sheet';

/** On a phone the dark colours are those of a wide window, but for the sheet, which only it has. */
async function check({ page }: Person, where: string): Promise<void> {
  const isDarkKnown = page.viewportSize()?.width === SIZES.phone.width && where !== SHEET;
  for (const colorScheme of isDarkKnown ? (['light'] as const) : (['light', 'dark'] as const)) {
    await page.emulateMedia({ colorScheme });
    const faults = await accessibilityViolations(page, colorScheme);
    assert.deepEqual(faults, [], `${where}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

async function lookAtChat(ada: Person, isPhone: boolean): Promise<void> {
  const { page } = ada;
  await page.goto('/');
  await page.getByLabel('Username').waitFor();
  await check(ada, 'sign-in');
  await ada.enter();
  await check(ada, 'an empty chat');
  await ada.say('The first words');
  await ada.answered();
  await ada.say(script({ say: REPLY }));
  await page.locator('.hljs-keyword').waitFor();
  await page.locator('.math.block math').waitFor();
  await ada.answered();
  await check(ada, 'a chat');
  await page.getByRole('button', { name: 'Edit your message' }).last().click();
  await check(ada, 'a message that is edited');
  await page.keyboard.press('Escape');
  await ada.say(script({ say: 'half' }, { hang: true }));
  await page.getByText('half', { exact: true }).waitFor();
  await check(ada, 'an answer that is being written');
  await page.keyboard.press('Escape');
  await page.locator('.stopped').waitFor();
  await ada.say(script({ fail: 'down' }));
  await page.locator('.failure').waitFor();
  await check(ada, 'an answer that failed');
  if (isPhone) await page.getByRole('button', { name: 'Show chats' }).click();
  if (isPhone) await check(ada, SHEET);
  await page.locator('.account-chip').click();
  await check(ada, 'a menu');
  await page.keyboard.press('Escape');
  await ada.choose('Share');
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByRole('button', { name: 'Copy link' }).waitFor();
  await check(ada, 'a shared chat');
  await page.keyboard.press('Escape');
  await ada.choose('Delete');
  await page.getByRole('dialog').waitFor();
  await check(ada, 'a dialog');
  await page.keyboard.press('Escape');
}

async function lookAtPages(ada: Person): Promise<void> {
  const { page } = ada;
  await page.goto('/account');
  await page.getByText('Active sessions').waitFor();
  await page.getByLabel('Name').fill('my editor');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.locator('.fresh-key').waitFor();
  await check(ada, 'the account');
  await page.goto('/statement');
  await page.getByRole('table').waitFor();
  await check(ada, 'the statement');
  const [shown] = await (await Talker.of(site.server.url, ada.username, PASSWORD)).conversations();
  await page.goto(shown?.share ?? '');
  await page.getByText('A shared chat').waitFor();
  await page.locator('.hljs-keyword').waitFor();
  await check(ada, 'a shared chat');
  for (const path of ['/c/nope', '/shared/nope', '/nope']) {
    await page.goto(path);
    await page.locator('.nowhere h1').waitFor();
    await check(ada, path);
  }
}

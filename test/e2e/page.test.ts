/** The page itself: what it loads, what it allows, what can be done with it. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { flatPrice } from '../../src/core/pricing.ts';
import { horizontalOverflow, PASSWORD, Person, showsShortly } from '../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../support/browser-test.ts';
import { createAccount } from '../support/chit.ts';
import { eventuallyEqual } from '../support/eventually.ts';
import { startModelServer } from '../support/model-server.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { type Site, startSite } from '../support/site.ts';

const DIST = join(import.meta.dirname, '../../web/dist');
/** In bytes, all that is loaded before the first message can be written. */
const FIRST_LOAD_BYTES = 80_000;

const HOSTILE = `
<script>alert(1)</script><img src="https://evil.example/x.png" onerror="alert(2)">
<iframe src="https://evil.example/"></iframe><style>body{display:none}</style>

[a](javascript:alert(3)) [b](data:text/html,<script>alert(4)</script>) [c](https://ok.example/)
![picture](https://evil.example/y.png) <a href="javascript:alert(5)" style="position:fixed">d</a>

\`\`\`html"><img src=x onerror=alert(6)>
<b onclick="alert(7)">code</b>
\`\`\`

$\\href{javascript:alert(8)}{x}$ $$\\includegraphics{https://evil.example/z.png}$$

| ${Array.from({ length: 60 }, (_, index) => `c${index}`).join(' | ')} |
| ${Array.from({ length: 60 }, () => '---').join(' | ')} |
| ${Array.from({ length: 60 }, () => 'x'.repeat(40)).join(' | ')} |
`;

let site: Site;
let ada: Person;

before(async () => {
  site = await startSite([scriptedModel(flatPrice(1))]);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(() => site?.close());

test('the first load is small', (t) => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name]) => name ?? '');
  // What a browser shows where the page is installed is not needed for it.
  const isOfApp = (name: string) => name.startsWith('icons/') || name.endsWith('.webmanifest');
  const files = ['index.html', ...named.filter((it) => !isOfApp(it))];
  const bytes = files.map((name) => gzipSync(readFileSync(join(DIST, name))).length);
  const total = bytes.reduce((sum, size) => sum + size, 0);
  t.diagnostic(`first load: ${total} bytes of ${FIRST_LOAD_BYTES}`);
  assert.ok(named.some((name) => name.endsWith('.js')));
  assert.ok(total <= FIRST_LOAD_BYTES, `${total} bytes`);
  for (const name of globSync('**/*.js', { cwd: DIST })) {
    assert.ok(globSync(`${name}.{br,gz}`, { cwd: DIST }).length === 2, `${name} is not compressed`);
  }
});

test('the page is in English where German cannot be loaded', async () => {
  const { page } = ada;
  await page.addInitScript("localStorage.setItem('chit.language', 'de')");
  await page.route(/\/de-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }));
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  await eventuallyEqual(() => page.locator('html').getAttribute('lang'), 'en');
});

test('a hostile reply does nothing', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say(script({ say: HOSTILE }));
  await ada.answered();
  await page.locator('.markdown math').first().waitFor();
  const reply = page.locator('.answer .markdown');
  for (const tag of ['script', 'img', 'iframe', 'style', 'object', 'form']) {
    await eventuallyEqual(() => reply.locator(tag).count(), 0, tag);
  }
  const links = () =>
    page.evaluate("[...document.querySelectorAll('.answer .markdown a')].map((it) => it.href)");
  await eventuallyEqual(links, ['https://ok.example/', 'https://evil.example/y.png']);
  await eventuallyEqual(() => reply.locator('[style], [onclick], [onerror]').count(), 0);
  const width = await horizontalOverflow(page);
  assert.ok(width <= 0, 'the page is wider than its window');
});

test('code is highlighted and copied, formulas are typeset', async () => {
  const { page, context } = ada;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ada.enter();
  const code = 'const x: number = 1;';
  await ada.say(script({ say: `\`\`\`ts\n${code}\n\`\`\`\n\nand $x^2$ for $5 and $6` }));
  await page.locator('.hljs-keyword').waitFor();
  await page.locator('.math math').waitFor();
  await showsShortly(page, { selector: '.code .copy', pattern: /^Copied$/ }, () =>
    page.locator('.code .copy').click(),
  );
  await eventuallyEqual(() => page.evaluate('navigator.clipboard.readText()'), code);
  await eventuallyEqual(() => page.locator('.math').count(), 1);
});

test('everything works with the keyboard alone', async () => {
  const { page } = ada;
  await page.goto('/');
  await page.locator('[name=username]:focus').waitFor();
  await page.keyboard.type(ada.username);
  await page.keyboard.press('Tab');
  await page.keyboard.type('a long passphrase');
  await page.keyboard.press('Enter');
  await page.locator('#composer:focus').waitFor();
  await page.keyboard.type('first');
  await page.keyboard.press('Enter');
  await ada.answered();
  await page.keyboard.press('Control+Shift+O');
  await page.getByText('Hello,').waitFor();
  await page.keyboard.press('Control+k');
  await page.locator('.palette input:focus').waitFor();
  await page.keyboard.type('first');
  await page.locator('.palette mark').first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('You said: first').waitFor();
  await page.locator('.exchange:focus').waitFor();
  await page.keyboard.press('/');
  await page.locator('#composer:focus').waitFor();
  await page.keyboard.press('Control+/');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('#composer:focus').waitFor();
  await page.keyboard.type(script({ say: 'a part' }, { hang: true }));
  await page.keyboard.press('Enter');
  await page.getByText('a part', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Stopped.').waitFor();
});

test('a chat is renamed, shared, found by others, and deleted', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.say('something to share');
  await ada.answered();
  await ada.choose('Rename');
  await page.getByLabel('Rename').fill('A new name');
  await page.keyboard.press('Enter');
  await page.locator('.conversation').getByText('A new name').waitFor();
  await ada.choose('Share');
  const popover = page.getByRole('dialog');
  await popover.getByRole('button', { name: 'Create link' }).click();
  const link = await popover.getByLabel('Link to this chat').inputValue();
  const stranger = await site.browser.newPage();
  await stranger.goto(link);
  await stranger.getByText('You said: something to share').waitFor();
  await stranger.close();
  await page.keyboard.press('Escape');
  await ada.choose('Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Your chats will appear here.').waitFor();
  await page.getByText('Hello,').waitFor();
});

test('a key is created with a budget, shown once, and revoked', async () => {
  const { page } = ada;
  await ada.enter();
  await ada.openAccount();
  await page.getByLabel('Name').fill('my editor');
  await page.getByLabel('Budget').fill('500');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText(/^chit_[\w-]{43}$/).waitFor();
  await page.getByText('0 of 500 spent').waitFor();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('group').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('You have no API keys.').waitFor();
});

test('when sign-up is closed it is not offered, and the page says whom to ask', async () => {
  const settings = {
    CHIT_SIGNUP: 'closed',
    CHIT_CONTACT: 'the school office',
    CHIT_SIGNUP_TOKENS: '0',
  };
  const closed = await startModelServer([scriptedModel(flatPrice(1))], settings);
  await createAccount(closed.chit.context, {
    username: 'grace',
    password: PASSWORD,
    isStaff: false,
    isSuperuser: false,
  });
  const grace = await Person.meet(site.browser, closed.url, 'grace');
  const { page } = grace;
  await page.goto('/');
  await page.getByText('No account yet? Ask the school office for one.').waitFor();
  await eventuallyEqual(() => page.getByRole('button', { name: 'Create account' }).count(), 0);
  await grace.enter();
  await page.getByText('You have no tokens left. Ask the school office for more.').waitFor();
  await grace.leave();
  await closed.close();
});

test('the page speaks another language', async () => {
  const { page } = ada;
  await ada.enter();
  await page.goto('/account');
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('button', { name: 'Abmelden' }).first().click();
  await page.getByRole('button', { name: 'Anmelden' }).waitFor();
});

/** One chat with all of it: a file, thinking, a tool, a share that expires; each debit exact. */
import assert from 'node:assert/strict';
import { McpTool } from '../../../src/models/tools/mcp-tool.ts';
import type { Person } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { type DrivenProvider, startDrivenProvider } from '../../support/driven-provider.ts';
import { eventuallyEqual, eventuallyMatch } from '../../support/eventually.ts';
import { type McpServer, startMcpServer, toolAt } from '../../support/mcp-server.ts';
import { type Site, startSite } from '../../support/site.ts';
import { openAiStream } from '../../support/tool-streams.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const DAY_MS = 86_400_000;
const OPENING = 100_000;

let provider: DrivenProvider;
let mcp: McpServer;
let site: Site;
let ada: Person;

before(async () => {
  provider = await startDrivenProvider();
  mcp = await startMcpServer();
  const model = modelAt(providerAt(provider, 'openai'), 'small', { usesTools: true, thinks: true });
  site = await startSite([model], { CHIT_SIGNUP_TOKENS: String(OPENING) });
  site.server.chit.context.tools.replaceBy([new McpTool(toolAt(mcp.url))], 8);
  ada = await site.meet();
});
after(async () => {
  await ada?.leave();
  await site?.close();
  await provider?.close();
  await mcp?.close();
});

test('a file, thinking, a round with a tool and a share that expires cost what they must', async () => {
  const { page } = ada;
  const { context } = site.server.chit;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.enter();
  await ada.shows(OPENING);
  const userId = (await context.users.byUsername(ada.username))?.id ?? 0;

  // A file and what the model thinks of it: 40 of input, 2 × 30 of output, 20 of it thought.
  const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('Bees hum.') };
  await page.locator('input[type=file]').setInputFiles([notes]);
  await page.getByRole('list', { name: 'Attached files' }).getByText('notes.txt').waitFor();
  await ada.shows(OPENING);
  await page.getByLabel('Ask anything').fill('What do bees do?');
  // Once the file is there.
  await page.locator('.send:enabled').click();
  const first = await provider.next();
  assert.match(JSON.stringify(first.body), /Bees hum\./);
  first.end(
    openAiStream({
      thinking: 'The file says it.',
      text: 'They hum.',
      usage: { input: 40, output: 30, thought: 20 },
    }),
  );
  await page.getByText('They hum.').waitFor();
  await page.locator('summary', { hasText: 'Thought for' }).waitFor();
  await ada.shows(OPENING - 100);
  // The line says what of the cost was for thinking.
  const cost = () => page.locator('.cost').last().innerText();
  await eventuallyMatch(cost, /^100 tokens, about 40 for thinking · /);

  // Two rounds and a call: 60 and 2 × 10, 7 for the call, 80 and 2 × 5.
  await page.getByRole('button', { name: 'Tools', exact: true }).click();
  await page.getByRole('checkbox', { name: /library/ }).check();
  await page.keyboard.press('Escape');
  await ada.say('Look it up.');
  const calls = [{ name: 'library__search', input: { query: 'bees' } }];
  (await provider.next()).end(openAiStream({ calls, usage: { input: 60, output: 10 } }));
  const second = await provider.next();
  const booked = async () => (await context.ledger.account(userId))?.postedCredits;
  await eventuallyEqual(booked, OPENING - 100 - 80);
  assert.match(JSON.stringify(second.body), /Found: bees/);
  second.end(openAiStream({ text: 'They are insects.', usage: { input: 80, output: 5 } }));
  await page.getByText('They are insects.').waitFor();
  await ada.shows(OPENING - 100 - 177);

  // What is shared costs nothing, shows no cost, and ends.
  const dialog = page.getByRole('dialog');
  await ada.choose('Share');
  await dialog.getByLabel('Link works for').selectOption('1 day');
  await dialog.getByRole('button', { name: 'Create link' }).click();
  await dialog.getByText(/The link ends on/).waitFor();
  const link = await dialog.getByLabel('Link to this chat').inputValue();
  const reader = await site.browser.newPage();
  await reader.goto(link);
  await reader.getByText('They are insects.').waitFor();
  await eventuallyEqual(() => reader.getByText(/\d tokens/).count(), 0);
  const { now } = context;
  Object.assign(context, { now: () => now() + DAY_MS + 1_000 });
  await reader.reload();
  await reader.getByText('This link no longer works.').waitFor();
  Object.assign(context, { now });
  await reader.close();

  await page.keyboard.press('Escape');
  await page.reload();
  await ada.shows(OPENING - 277);
  const account = await context.ledger.account(userId);
  assert.deepEqual(account, { postedCredits: OPENING - 277, heldCredits: 0 });
});

/** Tools on the page: turned on, priced, asked for, shown as steps. */
import assert from 'node:assert/strict';
import { McpTool } from '../../../src/models/tools/mcp-tool.ts';
import { accessibilityViolations, horizontalOverflow, type Person } from '../../support/browser.ts';
import { after, afterEach, before, beforeEach, test } from '../../support/browser-test.ts';
import { type DrivenProvider, startDrivenProvider } from '../../support/driven-provider.ts';
import { type McpServer, startMcpServer, toolAt } from '../../support/mcp-server.ts';
import { type Site, startSite } from '../../support/site.ts';
import { openAiStream } from '../../support/tool-streams.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let provider: DrivenProvider;
let mcp: McpServer;
let site: Site;
let ada: Person;

before(async () => {
  provider = await startDrivenProvider();
  mcp = await startMcpServer();
  const patient = { idleTimeoutMs: 20_000, streamHeadersTimeoutMs: 20_000 };
  const model = modelAt(providerAt(provider, 'openai', patient), 'small', { usesTools: true });
  site = await startSite([model]);
  const tool = new McpTool(toolAt(mcp.url, { approval: 'each' }));
  site.server.chit.context.tools.replaceBy([tool], 8);
});
beforeEach(async () => {
  ada = await site.meet();
});
afterEach(() => ada.leave());
after(async () => {
  await site?.close();
  await provider?.close();
  await mcp?.close();
});

test('a tool is turned on, its price is told, its call allowed after a reload, its step shown', async () => {
  const { page } = ada;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await ada.enter();
  await page.getByRole('button', { name: 'Tools', exact: true }).click();
  const choice = page.getByRole('checkbox', { name: /library/ });
  await page.getByText('7 tokens per call · asks before each call').waitFor();
  await choice.check();
  assert.deepEqual(await accessibilityViolations(page, 'light'), []);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Tools: 1 on' }).waitFor();
  await page.getByTitle('Up to 4,000 tokens over up to 8 rounds').waitFor();
  await ada.say('What are bees?');
  const first = await provider.next();
  const calls = [{ name: 'library__search', input: { query: 'bees' } }];
  first.end(openAiStream({ text: 'Let me look.', calls, usage: { input: 50, output: 10 } }));
  const question = page.getByRole('group', { name: 'Use search (library)?' });
  await question.waitFor();
  await page.reload();
  await question.waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await accessibilityViolations(page, colorScheme), []);
  }
  await page.setViewportSize({ width: 390, height: 800 });
  assert.equal(await horizontalOverflow(page), 0);
  await page.getByRole('button', { name: /^Allow once/ }).click();
  const second = await provider.next();
  second.end(openAiStream({ text: 'Bees are insects.', usage: { input: 90, output: 5 } }));
  await page.getByText('Bees are insects.').waitFor();
  await page.getByText('Used search (library) · 7 tokens').click();
  await page.getByText('Found: bees').waitFor();
  await page.getByText('Let me look.').waitFor();
  // 50 and 2 × 10, then 90, 2 × 5 and the call.
  await page.getByText(/177 tokens/).waitFor();
  await ada.shows(4_000 - 177);
});

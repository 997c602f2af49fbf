/** What the operator sees of keys that rest and of fallbacks that answer. */
import assert from 'node:assert/strict';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { textPrice } from '../../../src/core/pricing.ts';
import { accessibilityViolations, horizontalOverflow, PASSWORD } from '../../support/browser.ts';
import { after, before, test } from '../../support/browser-test.ts';
import { createAccount, newAccount } from '../../support/chit.ts';
import { eventuallyMatch } from '../../support/eventually.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { type Site, startSite } from '../../support/site.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let refusing: ProviderEmulator;
let alive: ProviderEmulator;
let site: Site;

before(async () => {
  refusing = await startProviderEmulator();
  alive = await startProviderEmulator();
  const baseUrl = `${refusing.url}/v1`;
  const endpoints = ['sk-one', 'sk-two'].map((apiKey, index) => ({
    baseUrl,
    apiKey,
    headers: {},
    weight: index === 0 ? 1e9 : 1e-9,
  }));
  const price = textPrice({ perMillionInput: 1_000_000, perMillionOutput: 9_000_000 });
  site = await startSite([
    modelAt(providerAt(refusing, 'openai', { name: 'first', endpoints }), 'cheap', {
      fallbacks: ['dear'],
    }),
    modelAt(providerAt(alive, 'openai', { name: 'second' }), 'dear', { price }),
  ]);
});
after(async () => {
  await site?.close();
  await refusing?.close();
  await alive?.close();
});

test('keys that rest are shown with the reason, and answers of a dearer fallback are counted', async () => {
  const { chit } = site.server;
  refusing.behaveNext({ refuse: { status: 401 } }, { refuse: { status: 429, retryAfter: 600 } });
  const userId = await newAccount(chit);
  await completeChat(chit.context, { userId, content: 'Hi', idempotency: undefined });
  const boss = { username: 'boss', password: PASSWORD, isStaff: true, isSuperuser: true };
  await createAccount(chit.context, boss);
  const person = await site.meet('boss');
  const { page } = person;
  await page.goto('/admin/models');
  await person.signIn();
  const refused = page.getByText(/^Endpoint 1 · Key or account refused: .* · 401 · resting for/);
  await refused.waitFor();
  await page
    .getByText(/^Endpoint 2 · Rate limit reached · 429 · emulated-small · resting/)
    .waitFor();
  await eventuallyMatch(
    () => page.getByRole('row', { name: /cheap/ }).first().innerText(),
    /1 answered by a fallback · 1 of these at a higher/,
  );
  assert.equal(await horizontalOverflow(page), 0);
  assert.deepEqual(await accessibilityViolations(page), []);
  await person.leave();
});

/** Charges by unit: what the statement, the panel, the log and the command line say of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { verifyLedger } from '../../../src/app/credits/verify-ledger.ts';
import { warnOfModels } from '../../../src/app/operations/warn-of-models.ts';
import type { Price } from '../../../src/core/pricing.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { MODEL_DEFAULTS, type Model } from '../../../src/models/catalogue.ts';
import { createAccount } from '../../support/chit.ts';
import { getWith, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';

const PRICE: Price = {
  rates: { input: [1, 4], cached_input: [1, 40], output: [2, 1], image_output: [5, 2] },
  steps: [{ aboveInput: 200_000, rates: { input: [1, 2] } }],
  tiers: { priority: [5, 2] },
};

/** What the model says that it used, and the price at the moment. */
let usage: Usage = { counts: {} };
let price = PRICE;
let onAsked: () => void = () => undefined;

const model: Model = {
  ...MODEL_DEFAULTS,
  name: 'mine',
  get price() {
    return price;
  },
  providerPrice: {
    rates: { input: [1, 5], search: [10, 1] },
    steps: [{ aboveInput: 100, rates: { input: [9, 1] } }],
  },
  outputLimit: 1_000,
  async *generate() {
    onAsked();
    yield { text: 'Hello' };
    yield { usage };
  },
};

const warnings: { readonly details: object; readonly message: string }[] = [];
let server: ModelServer;
before(async () => {
  server = await startModelServer([model]);
  const log = {
    warn: (details: object, message: string) => void warnings.push({ details, message }),
    error: () => assert.fail('Nothing is an error.'),
  };
  warnOfModels(log, server.chit.context.modelHealth);
});
after(() => server.close());

async function chargeFor(used: Usage, access: string) {
  usage = used;
  assert.equal((await postJson(`${server.url}/api/chat/`, { message: 'hi' }, access)).status, 200);
  const { json } = await getWith(`${server.url}/api/tokens/history/?limit=1`, access);
  const [line] = (json as { results: { amount: number; usage: object }[] }).results;
  return line ?? assert.fail();
}

test('the statement has all units, where there are more than those of text', async () => {
  const { access } = await server.newUser();
  const text = await chargeFor({ counts: { input: 40, cached_input: 400, output: 5 } }, access);
  assert.equal(text.amount, -30);
  const counts = { input: 440, cached_input: 400, output: 5, source: 'provider' };
  assert.deepEqual(text.usage, counts);
  const units = { input: 40, cached_input: 400, cache_write_5m: 80, output: 5, image_output: 2 };
  const more = await chargeFor({ counts: units, tier: 'priority' }, access);
  // 10 + 10 + 25 + 10 + 5, times 2.5
  assert.equal(more.amount, -150);
  const all = { input: 520, cached_input: 400, output: 7, source: 'provider' };
  assert.deepEqual(more.usage, { ...all, units, tier: 'priority' });
});

test('usage without a price is booked, shown, counted and warned of once', async () => {
  const { access, userId } = await server.newUser();
  const counts = { input: 40, output: 5, search: 2 };
  warnings.length = 0;
  for (let times = 0; times < 2; times += 1) {
    const line = await chargeFor({ counts, tier: 'turbo' }, access);
    assert.equal(line.amount, -20);
    const unpriced = { search: 2, 'tier:turbo': 1 };
    const all = { input: 40, cached_input: null, output: 5, source: 'provider' };
    assert.deepEqual(line.usage, { ...all, units: counts, tier: 'turbo', unpriced });
  }
  const message = 'a model used what has no price: the operator pays for it';
  assert.deepEqual(warnings, [
    { message, details: { model: 'mine', unit: 'search', count: 2 } },
    { message, details: { model: 'mine', unit: 'tier:turbo', count: 1 } },
  ]);

  const { access: staff } = await createStaff('staff');
  const { json } = await getWith(`${server.url}/api/admin/models/`, staff);
  const [shown] = (json as { models: Record<string, unknown>[] }).models;
  assert.deepEqual(shown?.unpriced, [
    { unit: 'search', count: 4, charges: 2 },
    { unit: 'tier:turbo', count: 2, charges: 2 },
  ]);
  const rate = (unit: string, tokens: number, above_input: number | null = null) => {
    return { unit, per: unit === 'search' ? 1 : 1_000_000, tokens, above_input };
  };
  const priced = shown?.price as Record<string, unknown>;
  assert.equal(priced.per_million_input, 250_000);
  assert.deepEqual(priced.tiers, { priority: 2.5 });
  assert.deepEqual(priced.rates, [
    rate('input', 250_000),
    rate('cached_input', 25_000),
    rate('output', 2_000_000),
    rate('image_output', 2_500_000),
    rate('input', 500_000, 200_000),
  ]);
  const { rates } = shown?.provider_price as { rates: unknown };
  assert.deepEqual(rates, [
    rate('input', 200_000),
    rate('search', 10),
    rate('input', 9_000_000, 100),
  ]);

  const ofUser = await getWith(`${server.url}/api/admin/users/${userId}/history/`, staff);
  const [line] = (ofUser.json as { results: { usage: { unpriced: object } }[] }).results;
  assert.deepEqual(line?.usage.unpriced, { search: 2, 'tier:turbo': 1 });
  assert.deepEqual((await verifyLedger(server.chit.context)).faults, []);
});

test('the margin of a model whose provider has steps is not that of the highest step', async () => {
  const { access } = await createStaff('auditor');
  const { json } = await getWith(`${server.url}/api/admin/usage/`, access);
  const [used] = (json as { models: { input: number; cost: number }[] }).models;
  // A fifth of a credit for each, whatever all of them are together.
  assert.equal(used?.cost, Math.ceil((used?.input ?? 0) / 5));
});

test('a reply that is being generated keeps its price when the price changes', async () => {
  const { context } = server.chit;
  const { userId } = await server.newUser();
  usage = { counts: { input: 40, output: 5 } };
  onAsked = () => {
    price = { rates: { input: [7, 1], output: [7, 1] } };
  };
  const chat = () =>
    completeChat(context, { userId, content: 'hi', model: undefined, idempotency: undefined });
  assert.equal((await chat()).chargedCredits, 20);
  assert.equal((await chat()).chargedCredits, 315);
  assert.deepEqual((await verifyLedger(context)).faults, []);
});

async function createStaff(username: string): Promise<{ access: string }> {
  const { context } = server.chit;
  const flags = { isStaff: true, isSuperuser: false };
  const id = await createAccount(context, { username, password: 'Pa55word!x', ...flags });
  return { access: context.tokens.issue('access', id, context.now()).token };
}

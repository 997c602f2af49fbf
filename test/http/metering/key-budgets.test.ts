/** Budgets of API keys: a key never spends more than its budget, whatever the balance. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { faultsOf } from '../../support/chit.ts';
import { getWith, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

/** The cost of one reply: 10 of input, 20 of output at twice the price. */
const COST = 50;
const OUTPUT = 20;
const USAGE = { inputTokens: 10, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: OUTPUT };
const BODY = { messages: [{ role: 'user', content: 'Hi' }], max_tokens: OUTPUT };

let emulator: ProviderEmulator;
let server: ModelServer;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  server = await startModelServer([
    modelAt(providerAt(emulator, 'openai'), 'gpt'),
    modelAt(providerAt(emulator, 'anthropic'), 'claude'),
  ]);
});
beforeEach(() => {
  emulator.reset();
  emulator.behave({ text: 'Hello', usage: USAGE });
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

type User = Awaited<ReturnType<ModelServer['newUser']>>;

const ask = ({ key }: User) =>
  postJson(`${server.url}/v1/chat/completions`, { ...BODY, model: 'gpt' }, key);

async function keyOf({ access }: User) {
  const { json } = await getWith(`${server.url}/api/keys/`, access);
  return (json as { keys: { budget: number; spent: number; held: number }[] }).keys[0];
}

test('of many concurrent requests, a key pays for those that its budget covers', async () => {
  const user = await server.newUser({ budgetCredits: COST * 4 });
  emulator.behave({ text: 'Hello', usage: USAGE, chunkDelayMs: 30 });
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(user)));
  let paid = answers.filter(({ status }) => status === 200).length;
  assert.ok(answers.every(({ status }) => status === 200 || status === 402));
  // The last may be cut short to what is left, so there can be more of them than at full cost.
  assert.ok(paid >= 4 && paid <= 6, `${paid} were answered`);
  while ((await ask(user)).status === 200) paid += 1;
  assert.equal(emulator.requests.length, paid);
  const { budget, spent = 0, held } = (await keyOf(user)) ?? {};
  assert.deepEqual({ budget, held }, { budget: COST * 4, held: 0 });
  assert.ok(spent <= COST * 4 && spent > COST * 3, `${spent} were spent`);
  assert.deepEqual(await server.balanceOf(user.userId), {
    postedCredits: 4_000 - spent,
    heldCredits: 0,
  });
});

test('an exhausted budget is reported in the format of each API, and no provider is asked', async () => {
  const user = await server.newUser({ budgetCredits: 0 });
  const openAi = await ask(user);
  assert.equal(openAi.status, 402);
  const { error } = openAi.json as { error: { code: string; message: string } };
  assert.equal(error.code, 'insufficient_quota');
  assert.match(error.message, /needs \d+ tokens, but the budget of the API key has only 0 left/);
  const anthropic = await postJson(
    `${server.url}/v1/messages`,
    { ...BODY, model: 'claude' },
    user.key,
  );
  assert.equal(anthropic.status, 402);
  assert.equal((anthropic.json as { error: { type: string } }).error.type, 'billing_error');
  assert.equal(emulator.requests.length, 0);
  assert.deepEqual(await server.balanceOf(user.userId), { postedCredits: 4_000, heldCredits: 0 });
});

test('a failed request returns its budget; other keys of the account are not affected', async () => {
  const user = await server.newUser({ budgetCredits: COST * 2 });
  emulator.behave({ refuse: { status: 400 } });
  assert.equal((await ask(user)).status, 400);
  const { spent, held } = (await keyOf(user)) ?? {};
  assert.deepEqual({ spent, held }, { spent: 0, held: 0 });
  emulator.behave({ text: 'Hello', usage: USAGE });
  assert.equal((await ask(user)).status, 200);
  assert.equal((await ask(user)).status, 200);
  assert.equal((await ask(user)).status, 402);
  const made = await postJson(`${server.url}/api/keys/`, { name: 'free' }, user.access);
  const { key } = made.json as { key: string };
  assert.equal((await ask({ ...user, key })).status, 200);
});

test('a budget that cannot pay for the whole reply shortens it, unless its limit was asked for', async () => {
  const user = await server.newUser({ budgetCredits: COST });
  const body = { messages: BODY.messages, model: 'gpt' };
  const url = `${server.url}/v1/chat/completions`;
  const refused = await postJson(url, { ...body, max_tokens: 1_000 }, user.key);
  assert.equal(refused.status, 402);
  assert.equal(emulator.requests.length, 0);
  const { status } = await postJson(url, body, user.key);
  assert.equal(status, 200);
  const [asked] = emulator.requests;
  const { max_tokens: limit = 0 } = asked?.json as { max_tokens?: number };
  assert.ok(limit >= 16 && limit <= 25, `it was asked for ${limit}`);
});

test('a key needs a budget that is a non-negative integer', async () => {
  const { access } = await server.newUser();
  for (const budget of [-1, 1.5, '5', null]) {
    const { status } = await postJson(`${server.url}/api/keys/`, { name: 'x', budget }, access);
    assert.equal(status, 400, String(budget));
  }
});

/** A fallback is used only for users who may use it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { PASSWORD } from '../../support/admin.ts';
import { createAccount } from '../../support/chit.ts';
import { Talker } from '../../support/conversations.ts';
import { postJson, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { scriptedModel } from '../../support/scripted-model.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const OPENING = 1_000;
const broken = {
  ...scriptedModel(flatPrice(1)),
  name: 'broken',
  fallbacks: ['for-staff', 'for-vip', 'for-all'],
  // biome-ignore lint/correctness/useYield: it fails before it yields anything.
  async *generate() {
    throw new Error('It is broken.');
  },
};
const forStaff = { ...scriptedModel(flatPrice(2)), name: 'for-staff', allow: 'staff' as const };
const forVip = { ...scriptedModel(flatPrice(3)), name: 'for-vip', allow: ['vip'] };
const forAll = { ...scriptedModel(flatPrice(4)), name: 'for-all' };
const alone = { ...broken, name: 'alone', fallbacks: ['for-staff'] };

let server: ModelServer;
let emulator: ProviderEmulator;

before(async () => {
  emulator = await startProviderEmulator();
  const provider = providerAt(emulator, 'openai');
  const price = flatPrice(7);
  const secret = modelAt(provider, 'secret', { price, upstreamModel: 'large', allow: ['vip'] });
  const wired = modelAt(provider, 'wired', { price, fallbacks: ['secret'] });
  const models = [forAll, forStaff, forVip, broken, alone, wired, secret];
  server = await startModelServer(models, { CHIT_SIGNUP_TOKENS: String(OPENING) });
});
after(async () => {
  await server.close();
  await emulator.close();
});

async function person(username: string, isStaff = false) {
  const account = { username, password: PASSWORD, isStaff, isSuperuser: false };
  const id = await createAccount(server.chit.context, account);
  const { context } = server.chit;
  return { id, access: context.tokens.issue('access', id, context.now()).token };
}

test('the first fallback that the user may use answers, in conversations and the original chat', async () => {
  for (const [who, answering] of [
    [await person('ada'), 4],
    [await person('vip'), 3],
    [await person('anna', true), 2],
  ] as const) {
    const talker = new Talker(server.url, who.access);
    const { id } = await talker.begin();
    const said = await talker.exchange(id, 'hello', { model: 'broken' });
    assert.deepEqual([said.status, said.cost], ['complete', answering]);
    const body = { message: 'hello', model: 'broken' };
    assert.equal((await postJson(`${server.url}/api/chat/`, body, who.access)).status, 200);
    const { postedCredits } = await server.balanceOf(who.id);
    assert.equal(postedCredits, OPENING - 2 * answering);
  }
  assert.deepEqual(
    [forStaff, forVip, forAll].map(({ requests }) => requests.length),
    [2, 2, 2],
  );
});

test('without any fallback left, no model is asked and nothing is charged', async () => {
  const user = await person('grace');
  const before = forStaff.requests.length;
  const body = { message: 'hello', model: 'alone' };
  const answer = await postJson(`${server.url}/api/chat/`, body, user.access);
  assert.equal(answer.status, 502);
  assert.equal(forStaff.requests.length, before);
  assert.equal((await server.balanceOf(user.id)).postedCredits, OPENING);
});

test('a model that the user may not use is not found, whatever its fallbacks', async () => {
  const user = await person('edsger');
  const body = { message: 'hello', model: 'for-staff' };
  const answer = await postJson(`${server.url}/api/chat/`, body, user.access);
  assert.equal(answer.status, 404);
});

test('under /v1/ no user gets a reply from a model that they may not use', async () => {
  const user = await server.newUser();
  emulator.behave({ refuse: { status: 500 } });
  const messages = [{ role: 'user', content: 'hello' }];
  const asked = emulator.requests.length;
  const answer = await send(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'wired', messages }),
  });
  assert.equal(answer.status, 502);
  const sent = emulator.requests.slice(asked).map(({ body }) => body.toString());
  assert.ok(sent.length > 0 && sent.every((it) => !it.includes('large')), sent.join());
  assert.equal((await server.balanceOf(user.userId)).postedCredits, OPENING);
});

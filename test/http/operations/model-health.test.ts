/** A fallback that answers must not hide that the model behind it is dead. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount } from '../../support/chit.ts';
import { getWith, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let dead: ProviderEmulator;
let alive: ProviderEmulator;
let server: ModelServer;

before(async () => {
  dead = await startProviderEmulator({ key: 'sk-emulated' });
  alive = await startProviderEmulator({ key: 'sk-emulated' });
  server = await startModelServer([
    modelAt(providerAt(dead, 'openai', { name: 'first' }), 'cheap', { fallbacks: ['dear'] }),
    modelAt(providerAt(alive, 'openai', { name: 'second' }), 'dear'),
  ]);
});
after(async () => {
  await server.close();
  await dead.close();
  await alive.close();
});

test('a model whose fallback answers is shown as failing, and so is its provider', async () => {
  dead.behave({ refuse: { status: 501 } });
  const { context } = server.chit;
  const changes: object[] = [];
  context.modelHealth.onChange = ({ model, isFailing }) => changes.push({ model, isFailing });
  const user = await server.newUser();
  const chat = () =>
    send(`${server.url}/api/chat/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.access}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'Hi' }),
    });
  for (let messages = 0; messages < 6; messages += 1) assert.equal((await chat()).status, 200);

  const account = { username: 'root', password: 'Pa55word!x', isStaff: true, isSuperuser: true };
  const rootId = await createAccount(context, account);
  const { token } = context.tokens.issue('access', rootId, context.now());
  const shown = async () => {
    const { json } = await getWith(`${server.url}/api/admin/models/`, token);
    const { models, providers } = json as Record<'models' | 'providers', Shown[]>;
    return [...models, ...providers].map(({ name, health: { state, messages, failed } }) => ({
      name,
      health: { state, messages, failed },
    }));
  };
  const failing = { state: 'failing', messages: 0, failed: 6 };
  const healthy = { state: 'answering', messages: 6, failed: 0 };
  assert.deepEqual(await shown(), [
    { name: 'cheap', health: failing },
    { name: 'dear', health: healthy },
    { name: 'first', health: failing },
    { name: 'second', health: healthy },
  ]);
  assert.deepEqual(changes, [{ model: 'cheap', isFailing: true }]);

  dead.behave({});
  assert.equal((await chat()).status, 200);
  assert.deepEqual(changes.slice(1), [{ model: 'cheap', isFailing: false }]);
});

interface Shown {
  readonly name: string;
  readonly health: { readonly state: string; readonly messages: number; readonly failed: number };
}

/** What the log says of failures that clients do not see. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { warnOfModels } from '../../../src/app/operations/warn-of-models.ts';
import { textPrice } from '../../../src/core/pricing.ts';
import { Provider } from '../../../src/models/provider-client/provider.ts';
import { createAccount } from '../../support/chit.ts';
import { getWith, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

interface Line {
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const lines: Line[] = [];
let refusing: ProviderEmulator;
let alive: ProviderEmulator;
let server: ModelServer;

before(async () => {
  refusing = await startProviderEmulator({ key: 'sk-right' });
  alive = await startProviderEmulator();
  const { settings } = providerAt(refusing, 'openai', { name: 'first', apiKey: 'sk-wrong' });
  let onRest: ConstructorParameters<typeof Provider>[1];
  const first = new Provider(settings, (rest) => onRest?.(rest));
  const price = textPrice({ perMillionInput: 1_000_000, perMillionOutput: 9_000_000 });
  server = await startModelServer([
    modelAt(first, 'cheap', { fallbacks: ['dear'] }),
    modelAt(providerAt(alive, 'openai', { name: 'second' }), 'dear', { price }),
  ]);
  const { modelHealth } = server.chit.context;
  const write = (level: Line['level']) => (details: object, message: string) =>
    void lines.push({ level, message, details: { ...details } });
  warnOfModels({ warn: write('warn'), error: write('error') }, modelHealth);
  onRest = modelHealth.onRest;
});
after(async () => {
  await server.close();
  await refusing.close();
  await alive.close();
});

test('a failure that a fallback hides is in the log and in the panel, and so is its price', async () => {
  const user = await server.newUser();
  for (let messages = 0; messages < 2; messages += 1) {
    const answer = await postJson(`${server.url}/api/chat/`, { message: 'Hi' }, user.access);
    assert.equal(answer.status, 200);
  }
  // It is the only key, so it was asked again; the log says once that it is refused.
  assert.equal(refusing.requests.length, 2);
  const said = lines.map(({ level, message, details }) => {
    const { err, ...shown } = details;
    assert.ok(err instanceof Error);
    assert.doesNotMatch(`${err.message} ${JSON.stringify(err)}`, /sk-wrong/);
    return [level, message, shown];
  });
  const hidden = {
    model: 'cheap',
    fallback: 'dear',
    isDearer: true,
    provider: 'first',
    endpoint: 1,
    status: 401,
  };
  const fellBack = ['warn', 'a fallback answered in place of a model that failed', hidden];
  const rests = {
    provider: 'first',
    endpoint: 1,
    model: undefined,
    reason: 'account',
    status: 401,
    seconds: 300,
  };
  assert.deepEqual(said, [
    ['error', 'a provider refuses the key or the account: the operator has to act', rests],
    fellBack,
    fellBack,
  ]);

  const { context } = server.chit;
  const account = { username: 'root', password: 'Pa55word!x', isStaff: true, isSuperuser: true };
  const rootId = await createAccount(context, account);
  const { token } = context.tokens.issue('access', rootId, context.now());
  const { json } = await getWith(`${server.url}/api/admin/models/`, token);
  const { models, providers } = json as Record<'models' | 'providers', Shown[]>;
  const [cheap, dear] = models;
  assert.deepEqual([cheap?.health.by_fallback, cheap?.health.by_dearer_fallback], [2, 2]);
  assert.deepEqual([dear?.health.by_fallback, dear?.health.by_dearer_fallback], [0, 0]);
  const [first, second] = providers;
  assert.equal(first?.health.by_fallback, 2);
  const [endpoint] = first?.endpoints ?? [];
  assert.deepEqual([endpoint?.rest?.reason, endpoint?.rest?.status], ['account', 401]);
  assert.equal(second?.endpoints[0]?.rest, null);
  assert.ok(!JSON.stringify(json).includes('sk-wrong'));
});

interface Shown {
  readonly health: { readonly by_fallback: number; readonly by_dearer_fallback: number };
  readonly endpoints: readonly {
    readonly rest: { readonly reason: string; readonly status: number | null } | null;
  }[];
}

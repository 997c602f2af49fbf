/** `chit.json` is read again without a restart: checked first, all or nothing. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiKey } from '../../../src/app/accounts/api-keys.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { createAccount, faultsOf, newAccount } from '../../support/chit.ts';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import { type GatedProvider, startGatedProvider } from '../../support/gated-provider.ts';
import { type Answer, getWith, postJson } from '../../support/http.ts';
import { newFolder } from '../../support/server.ts';

const folder = newFolder();
const file = join(folder, 'chit.json');
let near: GatedProvider;
let far: GatedProvider;
let chit: Chit;
let url: string;
let server: FileServer;
let root: string;
let clerk: string;

/** What the file says, with something changed. */
function write(changed: Record<string, unknown> = {}): void {
  const provider = ({ url: at }: GatedProvider) => ({ wire: 'openai', baseUrl: `${at}/v1` });
  const all = {
    providers: { near: provider(near), far: provider(far) },
    models: [model('small', 'near', 10), model('old', 'far', 50)],
    ...changed,
  };
  writeFileSync(file, JSON.stringify(all, undefined, 2));
}

function model(name: string, provider: string, perMessage: number, more: object = {}): object {
  return { name, provider, price: { perMessage }, ...more };
}

const state = async () => (await getWith(`${url}/api/admin/deployment/`, clerk)).json as State;
const preview = async () =>
  (await getWith(`${url}/api/admin/deployment/preview/`, root)).json as Preview;
const reread = (body: object = {}, token = root) =>
  postJson(`${url}/api/admin/deployment/reread/`, body, token);

interface State {
  readonly file: string;
  readonly read_at: string;
  readonly refusal: { readonly faults: readonly string[] } | null;
  readonly limits: readonly Record<'scope' | 'limit' | 'value' | 'source', unknown>[];
}
interface Preview {
  readonly faults: readonly string[];
  readonly changes: readonly { readonly member: string }[];
  readonly revision: string | null;
}

const chat = (token: string, name: string): Promise<Answer> =>
  postJson(`${url}/api/chat/`, { message: 'Hi', model: name }, token);
const tokenOf = (userId: number) =>
  chit.context.tokens.issue('access', userId, chit.context.now()).token;

async function user() {
  const id = await newAccount(chit);
  const access = tokenOf(id);
  const spent = async () => 4_000 - ((await chit.context.ledger.account(id))?.postedCredits ?? 0);
  return { id, access, spent };
}

before(async () => {
  near = await startGatedProvider();
  far = await startGatedProvider();
});
beforeEach(async () => {
  write();
  server = await startFileServer(file, { CHIT_CONCURRENT_GENERATIONS: '7' });
  ({ url, chit } = server);
  const account = { password: 'Pa55word!x', isStaff: true };
  const { context } = chit;
  root = tokenOf(await createAccount(context, { ...account, username: 'r', isSuperuser: true }));
  clerk = tokenOf(await createAccount(context, { ...account, username: 'c', isSuperuser: false }));
});
afterEach(async () => {
  near.open();
  far.open();
  assert.deepEqual(await faultsOf(chit), []);
  await server.close();
});
after(async () => {
  await near.close();
  await far.close();
  rmSync(folder, { recursive: true });
});

test('a changed price holds for the next request and not for one that runs', async () => {
  const [running, next] = [await user(), await user()];
  near.shut();
  const answered = chat(running.access, 'small');
  await near.waiting(1);
  write({ models: [model('small', 'near', 30), model('old', 'far', 50)] });
  assert.equal((await reread()).status, 200);
  near.open();
  assert.equal((await answered).status, 200);
  assert.equal((await chat(next.access, 'small')).status, 200);
  assert.deepEqual([await running.spent(), await next.spent()], [10, 30]);
});

test('a removed model is answered to the end, and is 404 for the next request', async () => {
  const { access, spent } = await user();
  far.shut();
  const answered = chat(access, 'old');
  await far.waiting(1);
  write({ models: [model('small', 'near', 10)] });
  assert.equal((await reread()).status, 200);
  const refused = await chat(access, 'old');
  assert.deepEqual([refused.status, refused.headers['chit-error']], [404, 'model_not_found']);
  far.open();
  assert.equal((await answered).status, 200);
  assert.equal(await spent(), 50);
  // The connection to a provider that is gone is closed with its last request.
  while (far.openConnections > 0) await sleep(5);
});

test('a request that runs may still fall back to a provider that is gone', async () => {
  const broken = { wire: 'openai', baseUrl: 'http://127.0.0.1:1/v1' };
  write({
    providers: { near: { wire: 'openai', baseUrl: `${near.url}/v1` }, broken },
    models: [model('small', 'near', 10), model('first', 'broken', 10, { fallbacks: ['small'] })],
  });
  assert.equal((await reread()).status, 200);
  const { catalogue } = chit.context;
  const first = catalogue.find('first');
  const small = catalogue.find('small');
  write({ models: [model('old', 'far', 50)], providers: { far: providerOf(far) } });
  assert.equal((await reread()).status, 200);
  assert.equal(catalogue.find('small'), undefined);
  assert.ok(first && small?.upstream);
  const response = await small.upstream.provider.post({
    path: '/chat/completions',
    model: 'm',
    body: [Buffer.from('{}')],
    signal: AbortSignal.timeout(60_000),
    isStream: true,
  });
  assert.ok((await Array.fromAsync(response.chunks)).length > 0);
  while (near.openConnections > 0) await sleep(5);
});

function providerOf({ url: at }: GatedProvider): object {
  return { wire: 'openai', baseUrl: `${at}/v1` };
}

test('connections to providers that stay are kept', async () => {
  const { access } = await user();
  await chat(access, 'small');
  const provider = chit.context.catalogue.find('small')?.upstream?.provider;
  write({ models: [model('small', 'near', 30), model('old', 'far', 50)] });
  await reread();
  assert.equal(chit.context.catalogue.find('small')?.upstream?.provider, provider);
});

test('a file with faults changes nothing and is told with its sentences', async () => {
  const before = await state();
  writeFileSync(file, '{ "models": [{ "name": "small" "provider": "near" }] }');
  const sentence = `${file}:1:32: a comma is missing before this.`;
  assert.deepEqual(await preview(), { faults: [sentence], changes: [], revision: null });
  assert.equal((await state()).refusal, null);
  const refused = await reread();
  assert.deepEqual([refused.status, refused.headers['chit-error']], [409, 'deployment_invalid']);
  const after = await state();
  assert.deepEqual(after.refusal?.faults, [sentence]);
  assert.equal(after.read_at, before.read_at);
  const { access, spent } = await user();
  assert.equal((await chat(access, 'old')).status, 200);
  assert.equal(await spent(), 50);
  rmSync(file);
  assert.equal((await reread()).status, 409);
  assert.match((await state()).refusal?.faults[0] ?? '', /cannot be read/);
  write();
  assert.equal((await reread()).status, 200);
  assert.equal((await state()).refusal, null);
});

test('the file that was previewed is put in force and no other, and the log names who did', async () => {
  write({ models: [model('small', 'near', 30)], aliases: { 'gpt-4o': 'small' } });
  const { changes, revision } = await preview();
  assert.deepEqual(changes, [
    { member: 'models.small.price.perMessage', before: '10', after: '30' },
    { member: 'models.old.provider', before: 'far', after: null },
    { member: 'models.old.price.perMessage', before: '50', after: null },
    { member: 'models.order', before: 'small, old', after: 'small' },
    { member: 'aliases.gpt-4o', before: null, after: 'small' },
  ]);
  write({ models: [model('small', 'near', 31)] });
  const refused = await reread({ revision });
  assert.deepEqual([refused.status, refused.headers['chit-error']], [409, 'deployment_changed']);
  assert.deepEqual(chit.context.catalogue.find('small')?.price, flatPrice(10));
  const entries = async () => {
    const path = '/api/admin/audit/?action=deployment.reread';
    return ((await getWith(`${url}${path}`, root)).json as { entries: object[] }).entries;
  };
  assert.deepEqual(await entries(), []);
  assert.equal((await reread({ revision: (await preview()).revision })).status, 200);
  assert.deepEqual(chit.context.catalogue.find('small')?.price, flatPrice(31));
  const [entry] = (await entries()) as { before: object; after: object }[];
  assert.deepEqual(entry?.before, {
    'models.small.price.perMessage': '10',
    'models.old.provider': 'far',
    'models.old.price.perMessage': '50',
    'models.order': 'small, old',
  });
  assert.deepEqual(entry?.after, {
    file,
    'models.small.price.perMessage': '31',
    'models.old.provider': null,
    'models.old.price.perMessage': null,
    'models.order': 'small',
  });
});

test('nothing changes if the database fails half way', async () => {
  write({ models: [model('small', 'near', 30)], limits: { account: { requestsPerMinute: 1 } } });
  const { auditLog, deployment } = chit.context;
  const { limits } = deployment;
  const add = () => Promise.reject(new Error('The disk is full.'));
  Object.assign(chit.context, { auditLog: { add } });
  assert.equal((await reread()).status, 500);
  Object.assign(chit.context, { auditLog });
  assert.deepEqual(chit.context.catalogue.find('small')?.price, flatPrice(10));
  assert.ok(chit.context.catalogue.find('old'));
  assert.deepEqual(deployment.limits, limits);
  assert.equal((await preview()).changes.length > 0, true);
  // The next one is not held up by it.
  assert.equal((await reread()).status, 200);
  assert.equal(chit.context.catalogue.find('old'), undefined);
});

test('whom a model is reserved for changes with the file, and so do reserved names', async () => {
  const { id, access } = await user();
  const username = (await chit.context.users.byId(id))?.username ?? '';
  const reserve = (...allow: string[]) =>
    write({ models: [model('small', 'near', 10, { allow })] });
  const signUp = (name: string) =>
    postJson(`${url}/api/register/`, { username: name, password: 'a long passphrase' });
  reserve(username, 'later');
  assert.equal((await reread()).status, 200);
  assert.equal((await chat(access, 'small')).status, 200);
  assert.equal((await signUp('later')).status, 400);
  reserve('later');
  assert.equal((await reread()).status, 200);
  assert.equal((await chat(access, 'small')).status, 404);
  write();
  assert.equal((await reread()).status, 200);
  assert.equal((await signUp('later')).status, 201);
});

test('staff see what is in force; only superusers change it', async () => {
  write({ models: [model('small', 'near', 30)] });
  assert.equal((await getWith(`${url}/api/admin/deployment/preview/`, clerk)).status, 403);
  assert.equal((await reread({}, clerk)).status, 403);
  assert.deepEqual(chit.context.catalogue.find('small')?.price, flatPrice(10));
});

test('limits are replaced as well, and it is shown where each comes from', async () => {
  const { access } = await user();
  near.shut();
  const running = chat(access, 'small');
  await near.waiting(1);
  write({ limits: { account: { requestsPerMinute: 1 }, key: { concurrentGenerations: 2 } } });
  await reread();
  assert.deepEqual(
    (await state()).limits.map((it) => Object.values(it).join(' ')),
    [
      'account requests_per_minute 1 file',
      'account concurrent_generations 7 setting',
      'account usage_tokens_per_minute 0 none',
      'key requests_per_minute 0 none',
      'key concurrent_generations 2 file',
      'key usage_tokens_per_minute 0 none',
    ],
  );
  near.open();
  assert.equal((await running).status, 200);
  assert.equal((await chat(access, 'small')).status, 200);
  assert.equal((await chat(access, 'small')).status, 429);
  write();
  await reread();
  assert.equal((await chat(access, 'small')).status, 200);
});

test('replies that run count for a limit that is set meanwhile', async () => {
  const { access } = await user();
  near.shut();
  const running = chat(access, 'small');
  await near.waiting(1);
  write({ limits: { account: { concurrentGenerations: 1 } } });
  await reread();
  assert.equal((await chat(access, 'small')).status, 429);
  near.open();
  assert.equal((await running).status, 200);
  assert.equal((await chat(access, 'small')).status, 200);
});

test('keys of providers are read again from .env, and never shown', async () => {
  writeFileSync(join(folder, '.env'), 'NEAR_KEY=sk-first\nOTHER=sk-other\n');
  const endpoints = [{ apiKeyEnv: 'NEAR_KEY' }, { apiKeyEnv: 'OTHER' }];
  const providers = { near: { ...providerOf(near), endpoints } };
  write({ providers, models: [model('small', 'near', 10)] });
  assert.equal((await reread()).status, 200);
  const key = () => chit.context.catalogue.find('small')?.upstream?.provider.settings.apiKey;
  assert.equal(key(), 'sk-first');
  const { changes: none } = await preview();
  assert.deepEqual(none, []);
  writeFileSync(join(folder, '.env'), 'NEAR_KEY=sk-first\nOTHER=sk-another\n');
  assert.deepEqual(
    (await preview()).changes.map(({ member }) => member),
    ['providers.near.apiKey'],
  );
  writeFileSync(join(folder, '.env'), 'NEAR_KEY=sk-second\nOTHER=sk-other\n');
  assert.deepEqual((await preview()).changes, [
    { member: 'providers.near.apiKey', before: '(hidden)', after: '(hidden)' },
  ]);
  assert.equal((await reread()).status, 200);
  assert.equal(key(), 'sk-second');
  rmSync(join(folder, '.env'));
});

test('an alias is asked, listed, permitted and charged as its model', async () => {
  write({ aliases: { 'gpt-4o': 'small', 'gpt-4': 'old' } });
  await reread();
  const { id, access, spent } = await user();
  const { key } = await createApiKey(chit.context, {
    userId: id,
    name: 'editor',
    models: ['small'],
    budgetCredits: undefined,
    expiresAtMs: undefined,
  });
  const list = (await getWith(`${url}/v1/models`, key)).json as { data: { id: string }[] };
  assert.deepEqual(
    list.data.map((it) => it.id),
    ['small', 'gpt-4o'],
  );
  const body = { messages: [{ role: 'user', content: 'Hi' }], stream: true };
  const ask = (name: string) =>
    postJson(`${url}/v1/chat/completions`, { ...body, model: name }, key);
  assert.equal((await ask('gpt-4o')).status, 200);
  assert.equal(await spent(), 10);
  assert.equal((await ask('gpt-4')).status, 404);
  assert.equal((await chat(access, 'gpt-4')).status, 200);
  assert.equal(await spent(), 60);
});

/** The doctor asks every endpoint of every provider once, and says what it answered. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { checkProviders } from '../../../../src/app/operations/doctor/check-providers.ts';
import { examine } from '../../../../src/app/operations/doctor/examine.ts';
import { FINDING_TEXTS } from '../../../../src/cli/doctor-texts.ts';
import { hasFault } from '../../../../src/core/doctor.ts';
import { readDeployment } from '../../../../src/models/deployment-file/read-deployment.ts';
import { codesOf, subjectIn } from './examined.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const asked: string[] = [];
let answer: Answer = () => undefined;
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  answer(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => {
  server.closeAllConnections();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const KEY = 'sk-k1';
const json = (status: number, body: unknown, headers = {}): Answer => {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
};
const models = (...ids: string[]) => json(200, { data: ids.map((id) => ({ id })) });

function deploymentOf(provider: object, upstream = 'gpt-x') {
  const text = JSON.stringify({
    providers: { p: { wire: 'openai', baseUrl: `${url}/v1`, apiKeyEnv: 'KEY', ...provider } },
    models: [{ name: 'm', provider: 'p', upstream, price: { perMessage: 1 } }],
  });
  const file = { file: 'chit.json', environment: { KEY, OTHER: 'sk-k2' }, catalogue: undefined };
  return readDeployment(text, file);
}

async function found(by: Answer, provider: object = {}, upstream?: string) {
  answer = by;
  asked.length = 0;
  const deployment = deploymentOf(provider, upstream);
  return checkProviders({ deployment, failingModels: [] }, 400);
}

test('a provider that lists its models and takes the key is in order, asked by one GET', async () => {
  const all = await found((request, response) => {
    assert.equal(request.headers.authorization, `Bearer ${KEY}`);
    models('gpt-x', 'gpt-y')(request, response);
  });
  assert.deepEqual(codesOf(all), ['provider_ok']);
  assert.deepEqual(asked, ['GET /v1/models']);
  const anthropic = { wire: 'anthropic', baseUrl: url };
  const its = await found((request, response) => {
    assert.equal(request.headers['x-api-key'], KEY);
    models('gpt-x')(request, response);
  }, anthropic);
  assert.deepEqual(codesOf(its), ['provider_ok']);
  assert.deepEqual(asked, ['GET /v1/models?limit=1000']);
});

test('a key that is refused makes the provider unusable, and is not repeated', async () => {
  const link = `https://example.org/${'x'.repeat(30)}`;
  const message = `Incorrect API key provided: ${KEY}. Find yours at ${link}`;
  const all = await found(json(401, { error: { message, type: 'invalid_request_error' } }));
  assert.deepEqual(codesOf(all), ['provider_key_refused', 'provider_down']);
  assert.ok(hasFault(all));
  assert.doesNotMatch(JSON.stringify(all), new RegExp(`${KEY}|xxxxx`));
  assert.match(JSON.stringify(all), /Incorrect API key provided: \(hidden\)/);
});

test('with one good endpoint of two the provider can be used', async () => {
  const byKey: Answer = (request, response) =>
    request.headers.authorization === `Bearer ${KEY}`
      ? models('gpt-x')(request, response)
      : json(401, { error: { message: 'no', type: 'x' } })(request, response);
  const { baseUrl } = { baseUrl: `${url}/v1` };
  const endpoints = [
    { baseUrl, apiKeyEnv: 'KEY' },
    { baseUrl, apiKeyEnv: 'OTHER' },
  ];
  const all = await found(byKey, { endpoints, baseUrl: undefined, apiKeyEnv: undefined });
  assert.deepEqual(codesOf(all), ['provider_ok', 'provider_key_refused']);
  assert.deepEqual(
    all.map(({ params }) => 'endpoint' in params && params.endpoint),
    [1, 2],
  );
  assert.ok(!hasFault(all));
});

test('a model that the provider does not list is found, whatever names it goes by', async () => {
  assert.deepEqual(codesOf(await found(models('other'))), ['provider_ok', 'model_unlisted']);
  const named: [string, string][] = [
    ['models/gemini-x', 'gemini-x'],
    ['llama3:latest', 'llama3'],
    ['something', 'claude-x-latest'],
  ];
  for (const [listed, upstream] of named) {
    assert.deepEqual(codesOf(await found(models(listed), {}, upstream)), ['provider_ok']);
  }
  const cut = json(200, { data: [{ id: 'other' }], has_more: true });
  assert.deepEqual(codesOf(await found(cut)), ['provider_ok'], 'more may follow');
  for (const strange of ['null', '{"data":[null,7,{"id":9}]}', 'no JSON']) {
    const odd: Answer = (_, response) => void response.end(strange);
    assert.deepEqual(codesOf(await found(odd)), ['provider_ok'], strange);
  }
});

test('a provider without a list, an error, silence and a dead port are each told', async () => {
  assert.deepEqual(codesOf(await found(json(404, {}))), ['provider_unlisted']);
  assert.deepEqual(codesOf(await found(json(500, {}))), ['provider_refused']);
  const silent = await found(() => undefined);
  assert.deepEqual(codesOf(silent), ['provider_unreachable', 'provider_down']);
  assert.match(JSON.stringify(silent), /no answer within 0\.4 s/);
  const dead = await found(() => undefined, { baseUrl: 'http://u:p4ssw0rd@127.0.0.1:1/v1' });
  assert.deepEqual(codesOf(dead), ['provider_unreachable', 'provider_down']);
  assert.doesNotMatch(JSON.stringify(dead), /p4ssw0rd/);
});

test('a clock that differs from what the provider says is told', async () => {
  const date = new Date(Date.now() - 60_000).toUTCString();
  const all = await found(json(200, { data: [{ id: 'gpt-x' }] }, { date }));
  const [clock] = all.filter(({ code }) => code === 'clock_off_provider');
  assert.ok(clock && 'seconds' in clock.params && Math.abs(clock.params.seconds - 60) <= 2);
});

test('no finding has a secret, in whatever sentence it came; a check that fails is told', async () => {
  const subject = subjectIn('/nonexistent', {
    deployment: deploymentOf({ headers: { 'x-secret': 'a-header-value' } }),
    deploymentFaults: ['sk-k1 and a-header-value, with the secret key of an installation that'],
    backupFolder: '/nonexistent/backups',
  });
  const texts = { ...FINDING_TEXTS };
  const all = await examine(subject, { nowMs: Date.now(), mayAsk: false });
  const [fault] = all.filter(({ code }) => code === 'deployment_invalid');
  assert.deepEqual(fault?.params, {
    reason: '(hidden) and (hidden), with the secret key of an installation that',
  });
  assert.ok(codesOf(all).every((code) => code in texts));
  assert.ok(!codesOf(all).includes('provider_ok'), 'nobody was asked');
  const { settings } = subject;
  const broken = subjectIn('/nonexistent', {
    settings: { ...settings, trustedProxies: null as never },
  });
  const [first] = await examine(broken, { nowMs: Date.now(), mayAsk: false });
  assert.deepEqual([first?.code, first?.check], ['check_failed', 'settings']);
});

/** Tools of `chit.json`: what they become, and what is refused with which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeploymentError } from '../../../src/models/deployment-file/deployment-error.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';

const environment = { BRAVE_KEY: 'brave-secret', LIBRARY_KEY: 'library-secret', COPIED: 'sk-…' };
const DUMMY = { name: 'dummy', provider: 'built-in', price: { perMessage: 1 } };
const MODELS = `"models": [${JSON.stringify(DUMMY)}]`;

const read = (tools: object, more = '') =>
  readDeployment(`{ ${MODELS}, ${more} "tools": ${JSON.stringify(tools)} }`, {
    file: 'chit.json',
    environment,
  });

/** What is said of a file that is refused, without the places. */
function faultsOf(tools: object): string[] {
  try {
    read(tools);
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    return error.faults.map((it) => it.replace(/^chit\.json:\d+:\d+: /, ''));
  }
  return [];
}

test('a server of tools and a search, with keys of the environment and prices in dollars', () => {
  const { tools, toolRounds } = read(
    {
      library: {
        url: 'https://library.example/mcp',
        apiKeyEnv: 'LIBRARY_KEY',
        headers: { 'x-tenant': 'school' },
        headersEnv: { 'x-key': 'LIBRARY_KEY' },
        pricePerCall: 2,
        only: ['search'],
        approval: 'never',
        allow: 'staff',
      },
      web: {
        kind: 'brave',
        url: 'https://api.search.brave.com',
        apiKeyEnv: 'BRAVE_KEY',
        pricePerCall: '0.005 USD',
      },
    },
    '"tokenIsWorth": "0.00001 USD", "toolRounds": 5,',
  );
  assert.equal(toolRounds, 5);
  assert.deepEqual(tools, [
    {
      name: 'library',
      kind: 'mcp',
      url: 'https://library.example/mcp',
      headers: {
        'x-tenant': 'school',
        'x-key': 'library-secret',
        authorization: 'Bearer library-secret',
      },
      pricePerCall: [2, 1],
      allow: 'staff',
      approval: 'never',
      only: ['search'],
      allowPrivate: false,
      timeoutMs: 30_000,
    },
    {
      name: 'web',
      kind: 'brave',
      url: 'https://api.search.brave.com',
      headers: { 'x-subscription-token': 'brave-secret' },
      pricePerCall: [500, 1],
      allow: 'everyone',
      approval: 'each',
      only: undefined,
      allowPrivate: false,
      timeoutMs: 30_000,
    },
  ]);
});

test('what is wrong with a tool is said with what to change', () => {
  const url = 'https://library.example/mcp';
  const cases: [object, RegExp][] = [
    [
      { library: { url } },
      /^tools\.library: "pricePerCall" is missing\. Give its price, or "free"\./,
    ],
    [{ library: { url, pricePerCall: '0.01 USD' } }, /"tokenIsWorth": "0\.00001 USD"/],
    [{ library: { url: 'http://10.0.0.5/mcp', pricePerCall: 1 } }, /add "allowPrivate": true/],
    [{ library: { url: 'http://library.example', pricePerCall: 1 } }, /Use https:\/\//],
    [{ library: { url: 'https://a:b@library.example', pricePerCall: 1 } }, /not into the URL/],
    [{ library: { url, pricePerCall: 1, apiKeyEnv: 'NO_KEY' } }, /the environment has no NO_KEY/],
    [{ library: { url, pricePerCall: 1, apiKeyEnv: 'COPIED' } }, /Copy it again/],
    [{ library: { url, pricePerCall: 1, allow: [] } }, /lets nobody use it/],
    [{ 'My Tool': { url, pricePerCall: 1 } }, /lower-case letters/],
    [{ library: { url, pricePerCall: 1, aproval: 'never' } }, /Did you mean "approval"\?/],
  ];
  for (const [tools, words] of cases) {
    const faults = faultsOf(tools);
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0] ?? '', words);
    assert.doesNotMatch(faults[0] ?? '', /-secret/);
  }
});

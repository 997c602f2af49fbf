import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatPrice, textPrice } from '../../../src/core/pricing.ts';
import { DeploymentError } from '../../../src/models/deployment-file/deployment-error.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';

const environment = { OPENAI_API_KEY: 'sk-secret', COPIED_KEY: 'sk-…' };
const read = (text: string) => readDeployment(text, { file: 'chit.json', environment });

const WHOLE = `{
  // Comments are allowed, and commas at the end.
  "providers": {
    "openai": {
      "wire": "openai",
      "baseUrl": "https://api.openai.com/v1/",
      "apiKeyEnv": "OPENAI_API_KEY",
      "headersTimeoutSeconds": 5,
    },
  },
  "models": [
    { "name": "small", "provider": "openai", "upstream": "gpt-small",
      "price": { "perMillionInput": 250, "perMillionOutput": 2000 },
      "providerPrice": { "perMillionInput": 200, "perMillionOutput": 1600 },
      "fallbacks": ["dummy"], "allow": ["ada"] },
    { "name": "dummy", "provider": "built-in", "price": { "perMessage": 100 } },
  ],
  "defaultModel": "dummy",
  "limits": { "account": { "requestsPerMinute": 60 } },
}`;

test('a whole file', () => {
  assert.deepEqual(read(WHOLE), {
    providers: [
      {
        name: 'openai',
        family: 'openai',
        kind: 'openai',
        unknownMembers: 'pass',
        baseUrl: 'https://api.openai.com/v1',
        apiKey: 'sk-secret',
        headers: {},
        fetchesUrls: true,
        outputLimitName: 'max_completion_tokens',
        connectTimeoutMs: 10_000,
        headersTimeoutMs: 5_000,
        streamHeadersTimeoutMs: 5_000,
        idleTimeoutMs: 60_000,
      },
    ],
    models: [
      {
        name: 'small',
        provider: 'openai',
        upstreamModel: 'gpt-small',
        price: textPrice({ perMillionInput: 250, perMillionOutput: 2_000 }),
        priceAt: undefined,
        providerPrice: textPrice({ perMillionInput: 200, perMillionOutput: 1_600 }),
        providerPriceAt: undefined,
        catalogueName: 'gpt-small',
        contextTokens: undefined,
        outputTokens: undefined,
        descriptions: undefined,
        thinks: undefined,
        opensThinking: false,
        efforts: undefined,
        takesTemperature: undefined,
        usesTools: undefined,
        reads: undefined,
        fallbacks: ['dummy'],
        allow: ['ada'],
        allowUnpriced: [],
      },
      {
        name: 'dummy',
        provider: 'built-in',
        upstreamModel: 'dummy',
        price: flatPrice(100),
        priceAt: undefined,
        providerPrice: undefined,
        providerPriceAt: undefined,
        catalogueName: 'dummy',
        contextTokens: undefined,
        outputTokens: undefined,
        descriptions: undefined,
        thinks: undefined,
        opensThinking: false,
        efforts: undefined,
        takesTemperature: undefined,
        usesTools: undefined,
        reads: undefined,
        fallbacks: [],
        allow: 'everyone',
        allowUnpriced: [],
      },
    ],
    defaultModel: 'dummy',
    aliases: {},
    limits: { account: { requestsPerMinute: 60 } },
    tokenIsWorth: undefined,
  });
});

test('a model says what it is good for, and what can be chosen of it', () => {
  const model = (members: string) =>
    read(`{"models":[{"name":"m","provider":"built-in","price":{"perMessage":1},${members}}]}`)
      .models[0];
  assert.deepEqual(model('"description":"Quick."')?.descriptions, { '': 'Quick.' });
  const said = model('"description":{"en":"Quick.","de":"Schnell."},"temperature":false');
  assert.deepEqual(said?.descriptions, { en: 'Quick.', de: 'Schnell.' });
  assert.equal(said?.takesTemperature, false);
  assert.deepEqual(model('"effort":["low","high"]')?.efforts, ['low', 'high']);
  assert.throws(() => model('"effort":["much"]'), /it must be "none" or "minimal" or "low"/);
  assert.throws(() => model('"description":7'), /it must be text of at most 300 characters/);
});

test('what the output limit is called follows from whose server it is, or is said', () => {
  const named = (provider: string) =>
    read(
      `{"providers":{"p":{"wire":"openai",${provider}}},` +
        '"models":[{"name":"m","provider":"p","price":{"perMessage":1}}]}',
    ).providers[0]?.outputLimitName;
  assert.equal(named('"baseUrl":"https://api.openai.com/v1"'), 'max_completion_tokens');
  assert.equal(named('"baseUrl":"https://x.openai.azure.com/openai/v1"'), 'max_completion_tokens');
  assert.equal(named('"baseUrl":"http://127.0.0.1:11434/v1"'), 'max_tokens');
  const said = '"baseUrl":"http://x/v1","outputLimitName":"max_completion_tokens"';
  assert.equal(named(said), 'max_completion_tokens');
});

const model = (members: string, { name = 'm', provider = 'built-in' } = {}) =>
  `{"models":[{"name":"${name}","provider":"${provider}","price":{"perMessage":1}${members}}]}`;

for (const [name, text, fault] of [
  ['no JSON', '{\n  "models": [,]\n}', /^chit\.json:2:14: there is a comma too many\.$/],
  ['nothing', '', /^chit\.json/],
  ['a list', '[]', /^chit\.json:1:1: /],
  ['no models', '{}', /^chit\.json:1:1: "models" is missing\.$/],
  ['an empty list', '{"models":[]}', /^chit\.json:1:11: models: at least one is needed\.$/],
  [
    'an unknown member',
    '{"models":[{"name":"m","provider":"built-in","pirce":{}}]}',
    /1:54: models\[0\]\.pirce: there is no such member\. Did you mean "price"\?/,
  ],
  [
    'no price',
    '{"models":[{"name":"m","provider":"built-in"}]}',
    /^chit\.json:1:12: models\[0\]: "price" is missing\.$/,
  ],
  [
    'an empty price',
    '{"models":[{"name":"m","provider":"built-in","price":{}}]}',
    /models\[0\]\.price: it says nothing: at least one member is needed\.$/,
  ],
  [
    'a price that is negative',
    '{"models":[{"name":"m","provider":"built-in","price":{"perMessage":-1}}]}',
    /models\[0\]\.price\.perMessage: it must be a whole number/,
  ],
  [
    'a price that is no whole number',
    '{"models":[{"name":"m","provider":"built-in","price":{"perMillionInput":0.5}}]}',
    /models\[0\]\.price\.perMillionInput: it must be a whole number/,
  ],
  ['an unknown provider', model('', { provider: 'bulit-in' }), /Did you mean "built-in"\?/],
  ['an unknown fall-back', model(',"fallbacks":["n"]'), /fallbacks\[0\]: there is no model "n"/],
  ['itself', model(',"fallbacks":["m"]'), /it is the model itself/],
  [
    'for whom',
    model(',"allow":"all"'),
    /allow: it must be "everyone", "staff" or a list of usernames\./,
  ],
  [
    'a name with a space',
    model('', { name: 'm m' }),
    /name: it must be a name without white space, of at most 200 characters\./,
  ],
  [
    'a name twice',
    '{"models":[{"name":"m","provider":"demo","price":{"perMessage":1}},' +
      '{"name":"m","provider":"demo","price":{"perMessage":1}}]}',
    /models\[1\]\.name: there are two models "m"\./,
  ],
  [
    'an unknown wire',
    '{"providers":{"p":{"wire":"gemini","baseUrl":"https://x"}},"models":[]}',
    /providers\.p\.wire: it must be "openai" or "anthropic"\./,
  ],
  [
    'an address that is none',
    '{"providers":{"p":{"wire":"openai","baseUrl":"http://a b"}},' +
      '"models":[{"name":"m","provider":"p","price":{"perMessage":1}}]}',
    /^chit\.json:1:46: providers\.p\.baseUrl: it is not a URL\.$/,
  ],
  [
    'a key that is not there',
    '{"providers":{"p":{"wire":"openai","baseUrl":"https://x","apiKeyEnv":"NO_KEY"}},' +
      '"models":[{"name":"m","provider":"p","price":{"perMessage":1}}]}',
    /providers\.p\.apiKeyEnv: the environment has no NO_KEY\./,
  ],
  [
    'a key that cannot be sent',
    '{"providers":{"p":{"wire":"openai","baseUrl":"https://x","apiKeyEnv":"COPIED_KEY"}},' +
      '"models":[{"name":"m","provider":"p","price":{"perMessage":1}}]}',
    /providers\.p\.apiKeyEnv: COPIED_KEY has a character that no key has/,
  ],
] as const) {
  test(`refused with its place: ${name}`, () => {
    assert.throws(
      () => read(text),
      (error) => {
        assert.ok(error instanceof DeploymentError);
        assert.match(error.message, fault);
        assert.ok(!error.message.includes('sk-secret'));
        return true;
      },
    );
  });
}

test('all faults are reported at once', () => {
  assert.throws(
    () =>
      read('{"models":[{"name":"a","provider":"x","price":{"perMessage":1},"fallbacks":["y"]}]}'),
    (error) => error instanceof DeploymentError && error.message.split('\n').length === 2,
  );
});

const withEndpoints = (provider: string) =>
  `{"providers":{"p":{"wire":"openai",${provider}}},` +
  '"models":[{"name":"m","provider":"p","price":{"perMessage":1}}]}';

test('an endpoint has from its provider what it leaves out', () => {
  const text = withEndpoints(
    '"baseUrl":"https://one/v1","apiKeyEnv":"OPENAI_API_KEY","headers":{"a":"1"},' +
      '"endpoints":[{"weight":3},{"baseUrl":"https://two/v1/","headers":{"b":"2"}}]',
  );
  const [provider] = read(text).providers;
  const [first, second] = provider?.endpoints ?? [];
  const apiKey = 'sk-secret';
  assert.deepEqual(first, { baseUrl: 'https://one/v1', apiKey, headers: { a: '1' }, weight: 3 });
  assert.deepEqual(second, {
    baseUrl: 'https://two/v1',
    apiKey,
    headers: { a: '1', b: '2' },
    weight: 1,
  });
});

test('a provider can have all its addresses as endpoints', () => {
  const [provider] = read(withEndpoints('"endpoints":[{"baseUrl":"https://one/v1"}]')).providers;
  assert.equal(provider?.baseUrl, 'https://one/v1');
  assert.equal(provider?.endpoints?.length, 1);
});

for (const [name, provider, fault] of [
  ['no address', '"apiKeyEnv":"OPENAI_API_KEY"', /providers\.p: "baseUrl" is missing\.$/],
  [
    'an endpoint without any',
    '"endpoints":[{"baseUrl":"https://x"},{"weight":2}]',
    /providers\.p\.endpoints\[1\]: "baseUrl" is missing\.$/,
  ],
  [
    'a key of an endpoint that is not there',
    '"baseUrl":"https://x","endpoints":[{"apiKeyEnv":"NO_KEY"}]',
    /providers\.p\.endpoints\[0\]\.apiKeyEnv: the environment has no NO_KEY\.$/,
  ],
  [
    'a weight of nothing',
    '"baseUrl":"https://x","endpoints":[{"weight":0}]',
    /providers\.p\.endpoints\[0\]\.weight: it must be more than 0\.$/,
  ],
  ['no endpoints', '"baseUrl":"https://x","endpoints":[]', /endpoints: at least one is needed/],
] as const) {
  test(`refused with its place: ${name}`, () => {
    assert.throws(
      () => read(withEndpoints(provider)),
      (error) => error instanceof DeploymentError && fault.test(error.message),
    );
  });
}

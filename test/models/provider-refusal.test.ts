/** What refusals of providers are about, by the bodies that they are known to send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderFailure } from '../../src/models/provider-failure.ts';
import { errorIn, type RefusalKind, refusalKind } from '../../src/models/provider-refusal.ts';

const openAi = (message: string, type = 'invalid_request_error', code: string | null = null) =>
  JSON.stringify({ error: { message, type, param: null, code } });
const anthropic = (message: string, type = 'invalid_request_error') =>
  JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' });
const PAGE = '<html><body>404 model page</body></html>';

const REFUSALS: readonly (readonly [RefusalKind, status: number, body: string])[] = [
  ['account', 400, anthropic('Your credit balance is too low. Please go to Plans & Billing.')],
  ['account', 400, anthropic('You have reached your specified API usage limits until 2027.')],
  ['account', 400, anthropic('This organization has been disabled.')],
  [
    'account',
    400,
    openAi('Billing hard limit has been reached', 'x', 'billing_hard_limit_reached'),
  ],
  ['account', 400, openAi('Your organization must be verified to stream this model.')],
  ['account', 400, '{"error":{"code":400,"message":"API key not valid.","status":"X"}}'],
  ['account', 400, '{"error":{"code":400,"message":"User location is not supported here."}}'],
  ['account', 401, openAi('Incorrect API key provided: sk-1', 'x', 'invalid_api_key')],
  ['account', 402, '{"error":{"message":"Insufficient Balance"}}'],
  ['account', 403, PAGE],
  ['account', 404, openAi('Your account is not active, please check your billing details.')],
  ['account', 429, openAi('You exceeded your current quota', 'x', 'insufficient_quota')],
  ['busy', 429, openAi('Rate limit reached for requests', 'requests', 'rate_limit_exceeded')],
  ['busy', 503, openAi('Billing is down')],
  ['busy', 529, anthropic('Overloaded', 'overloaded_error')],
  ['model', 404, openAi('The model `x` does not exist', 'x', 'model_not_found')],
  ['model', 404, anthropic('model: claude-x', 'not_found_error')],
  ['model', 404, '{"error":"model \\"x\\" not found, try pulling it first"}'],
  ['model', 404, '{"error":{"code":"DeploymentNotFound","message":"It does not exist."}}'],
  ['model', 400, '{"object":"error","message":"Invalid model: x","code":"1500"}'],
  ['model', 410, ''],
  ['endpoint', 404, PAGE],
  ['endpoint', 404, ''],
  ['endpoint', 404, '{"detail":"Not Found"}'],
  ['endpoint', 405, '{"detail":"Method Not Allowed"}'],
  ['endpoint', 501, openAi('This server does not support embeddings.')],
  ['request', 404, '{"error":{"message":"No item with id rs_1.","param":"input"}}'],
  ['request', 400, anthropic('messages.0.content: Field required')],
  ['request', 400, openAi("Invalid 'tools[0].function.name': 'get_account'")],
  ['request', 413, PAGE],
  ['request', 422, '{"detail":[{"loc":["body","input"],"msg":"field required"}]}'],
  ['failed', 500, openAi('Please check your billing')],
  ['failed', 504, ''],
];

for (const [kind, status, body] of REFUSALS) {
  test(`${status} ${body} is about: ${kind}`, () => {
    const failure = new ProviderFailure('refused', 'it answered', { status, body });
    assert.equal(refusalKind(failure), kind);
  });
}

test('an error within a stream has no status', () => {
  const kindOf = (body: string) => refusalKind(new ProviderFailure('refused', 'x', { body }));
  assert.equal(kindOf(openAi('You exceeded your current quota.')), 'account');
  const failed = { type: 'response.failed', response: { error: { code: 'insufficient_quota' } } };
  assert.equal(kindOf(JSON.stringify(failed)), 'account');
  assert.equal(kindOf(openAi('The server had an error.', 'server_error')), 'failed');
});

test('a provider that was not reached has refused nothing', () => {
  assert.equal(refusalKind(new ProviderFailure('unreachable', 'billing.example')), 'failed');
});

test('the words of an error are found wherever a provider puts them', () => {
  for (const [body, message] of [
    [openAi('a'), 'a'],
    ['{"error":"b"}', 'b'],
    ['{"object":"error","message":"c","type":"x"}', 'c'],
    ['{"detail":"d"}', 'd'],
    ['{"detail":[{"loc":["body","n"],"msg":"e"}]}', 'body.n: e'],
    ['{"detail":[{"msg":"f"}]}', 'f'],
    [PAGE, ''],
    ['', ''],
    ['null', ''],
    ['{"error":{"message":{"a":1}}}', ''],
  ] as const) {
    assert.equal(errorIn(body).message, message, body);
  }
});

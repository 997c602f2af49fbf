import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderFailure } from '../../../src/models/provider-client/provider-failure.ts';
import {
  type RefusalKind,
  refusalKind,
  refusalOf,
  refusalWithin,
} from '../../../src/models/provider-client/refusal.ts';

const openai = { name: 'first', family: 'openai' } as const;
const anthropic = { name: 'second', family: 'anthropic' } as const;

const ofOpenAi = (message: string, type: string, code: string | null = null) =>
  JSON.stringify({ error: { message, type, param: null, code } });
const ofAnthropic = (type: string, message: string) =>
  JSON.stringify({ type: 'error', error: { type, message } });

const CREDIT =
  'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.';
const QUOTA = 'You exceeded your current quota, please check your plan and billing details.';

const ROWS = [
  ['a wrong key', openai, 401, ofOpenAi('Incorrect key', 'x', 'invalid_api_key'), 'operator'],
  ['a wrong key, without a word', openai, 401, '', 'operator'],
  ['an empty balance', openai, 402, ofOpenAi('Insufficient Balance', 'unknown'), 'operator'],
  ['a region that is not served', openai, 403, '<html>Forbidden</html>', 'operator'],
  ['a quota', openai, 429, ofOpenAi(QUOTA, 'insufficient_quota', 'insufficient_quota'), 'operator'],
  ['a hard limit', openai, 400, ofOpenAi('x', 'y', 'billing_hard_limit_reached'), 'operator'],
  ['a limit of Gemini', openai, 429, ofOpenAi(QUOTA, 'x', 'RESOURCE_EXHAUSTED'), 'refused'],
  ['a limit per minute', openai, 429, ofOpenAi('Slow down', 'requests', 'x'), 'refused'],
  ['a bad request', openai, 400, ofOpenAi('Too long', 'invalid_request_error'), 'refused'],
  ['an empty balance', anthropic, 400, ofAnthropic('invalid_request_error', CREDIT), 'operator'],
  ['a billing error', anthropic, 400, ofAnthropic('billing_error', 'Pay.'), 'operator'],
  ['a bad request', anthropic, 400, ofAnthropic('invalid_request_error', 'Long'), 'refused'],
  ['an overload', anthropic, 529, ofAnthropic('overloaded_error', 'Overloaded'), 'refused'],
] as const;

for (const [name, provider, status, text, reason] of ROWS) {
  test(`${provider.family} refuses for ${name} (${status}): ${reason}`, () => {
    const failure = refusalOf(provider, { status, headers: {}, text });
    assert.equal(failure.reason, reason);
    assert.equal(failure.status, status);
    assert.equal(failure.apiError === undefined, !text.startsWith('{'));
    assert.ok(!failure.message.includes(text) || text === '');
  });
}

test('words of a client that a provider quotes are not about the operator', () => {
  const text = ofOpenAi(`Invalid value: '${CREDIT}'.`, 'invalid_request_error');
  assert.equal(refusalOf(openai, { status: 400, headers: {}, text }).reason, 'refused');
});

test('input that moderation has flagged is no fault of the operator', () => {
  const error = { code: 403, message: 'Flagged', metadata: { reasons: ['violence'] } };
  const text = JSON.stringify({ error });
  assert.equal(refusalOf(openai, { status: 403, headers: {}, text }).reason, 'refused');
});

for (const [name, text] of [
  ['an HTML page', '<html><h1>502 Bad Gateway</h1></html>'],
  ['nothing', ''],
  ['JSON of another shape', '{"detail":"Not Found"}'],
  ['JSON that is cut short', '{"error":{"message":"Too lo'],
  ['an error of the other API', '{"error":{"message":"Too long"}}'],
] as const) {
  test(`an error response with ${name} has no error of the API`, () => {
    const failure = refusalOf(anthropic, { status: 500, headers: {}, text });
    assert.equal(failure.apiError, undefined);
    assert.equal(failure.body, text);
  });
}

test('asking again is of no use if the provider says so, or the request is over its limit', () => {
  const isFinal = (status: number, text: string, headers = {}) =>
    refusalOf(openai, { status, headers, text }).isFinal;
  assert.equal(isFinal(500, ''), false);
  assert.equal(isFinal(500, '', { 'x-should-retry': 'false' }), true);
  const large = 'Request too large for gpt-x on tokens per min (TPM): Limit 30000, Requested 50000';
  assert.equal(isFinal(429, ofOpenAi(large, 'tokens', 'rate_limit_exceeded')), true);
});

test('an error within a stream can be about the operator, too', () => {
  const within = (type: string) => refusalWithin({ error: { type, message: 'No.' } }, 'No.').reason;
  assert.equal(within('billing_error'), 'operator');
  assert.equal(within('overloaded_error'), 'refused');
});

const PAGE = '<html><body>404 model page</body></html>';
const KINDS: readonly (readonly [RefusalKind, status: number, body: string])[] = [
  ['account', 400, ofAnthropic('invalid_request_error', 'This organization has been disabled.')],
  ['account', 400, ofOpenAi('Your organization must be verified to stream this model.', 'x')],
  ['account', 400, '{"error":{"code":400,"message":"User location is not supported here."}}'],
  ['account', 402, '{"error":{"message":"Insufficient Balance"}}'],
  ['account', 403, PAGE],
  ['account', 404, ofOpenAi('Your account is not active, please check your billing.', 'x')],
  ['account', 429, ofOpenAi(QUOTA, 'insufficient_quota')],
  ['account', 400, '{"error":"Invalid API key: sk-1"}'],
  ['busy', 429, ofOpenAi('Rate limit reached for requests', 'requests', 'rate_limit_exceeded')],
  ['busy', 503, PAGE],
  ['busy', 529, ofAnthropic('overloaded_error', 'Overloaded')],
  ['model', 404, ofOpenAi('The model `x` does not exist', 'x', 'model_not_found')],
  ['model', 404, ofAnthropic('not_found_error', 'model: claude-x')],
  ['model', 404, '{"error":"model \\"x\\" not found, try pulling it first"}'],
  ['model', 404, '{"error":{"code":"DeploymentNotFound","message":"It does not exist."}}'],
  ['model', 400, '{"object":"error","message":"Invalid model: x","code":"1500"}'],
  ['model', 410, ''],
  ['endpoint', 404, PAGE],
  ['endpoint', 404, ''],
  ['endpoint', 404, '{"detail":"Not Found"}'],
  ['endpoint', 405, '{"detail":"Method Not Allowed"}'],
  ['endpoint', 501, ofOpenAi('This server does not support embeddings.', 'x')],
  ['request', 404, '{"error":{"message":"No item with id rs_1.","param":"input"}}'],
  ['request', 400, ofAnthropic('invalid_request_error', 'messages.0.content: Field required')],
  ['request', 400, ofOpenAi("Invalid 'tools[0].function.name': 'account is billing'", 'x')],
  ['request', 403, '{"error":{"message":"Flagged","metadata":{"reasons":["violence"]}}}'],
  ['request', 413, PAGE],
  ['request', 422, '{"detail":[{"loc":["body","input"],"msg":"field required"}]}'],
  ['failed', 500, ofOpenAi('The server had an error.', 'server_error')],
  ['failed', 504, ''],
];

for (const [kind, status, text] of KINDS) {
  test(`${status} ${text} is about: ${kind}`, () => {
    assert.equal(refusalKind(refusalOf(openai, { status, headers: {}, text })), kind);
  });
}

test('a provider that was not reached has refused nothing', () => {
  assert.equal(refusalKind(new ProviderFailure('unreachable', 'no connection')), 'failed');
});

test('a response that has failed says of the operator what any error does', () => {
  const failed = { type: 'response.failed', response: { error: { code: 'insufficient_quota' } } };
  assert.equal(refusalWithin(failed, 'No.').reason, 'operator');
  assert.equal(refusalWithin({ type: 'error', code: 'billing_error' }, 'x').reason, 'operator');
});

test('the log has what a provider says of the operator, without long words, and of what it lacks', () => {
  const logged = (status: number, words: string) => {
    const text = ofOpenAi(words, 'x');
    return refusalOf(openai, { status, headers: {}, text, path: '/embeddings' }).message;
  };
  const key = `sk-${'x'.repeat(40)}`;
  const wrong = logged(401, `Incorrect API key provided: ${key}. Find yours on the site.`);
  assert.equal(
    wrong,
    'first answered 401 to /embeddings: Incorrect API key provided: … Find yours on the site.',
  );
  assert.equal(logged(404, 'No model `x`'), 'first answered 404 to /embeddings: No model `x`.');
  assert.equal(logged(400, 'Bad word: secret'), 'first answered 400 to /embeddings.');
  assert.ok(logged(404, 'x'.repeat(5_000)).length < 400);
});

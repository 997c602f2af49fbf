import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf, refusalWithin } from '../../src/models/refusal.ts';

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

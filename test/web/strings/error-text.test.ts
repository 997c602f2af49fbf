/** Errors reach the reader in their own language, found by code and never by English sentence. */
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { REPLY_FAILURES } from '../../../src/core/reply-failure.ts';
import { ApiError, Unreachable } from '../../../web/src/api/client.ts';
import { language } from '../../../web/src/state/preferences.ts';
import { de } from '../../../web/src/strings/de.ts';
import { en } from '../../../web/src/strings/en.ts';
import { errorText, failureText, loadGerman } from '../../../web/src/strings/strings.ts';

before(loadGerman);
beforeEach(() => {
  language.value = 'en';
});

test('every code that the page can meet has a text in English and another in German', () => {
  assert.ok(Object.keys(en.errors).length >= 20);
  for (const table of ['errors', 'fieldFaults', 'failures'] as const) {
    assert.deepEqual(Object.keys(de[table]), Object.keys(en[table]));
    const german = textsOf(de[table]);
    for (const [nth, english] of textsOf(en[table]).entries()) {
      assert.notEqual(english, '');
      assert.notEqual(german[nth], english);
    }
  }
});

test('every reason why a reply failed has a text', () => {
  assert.deepEqual(Object.keys(en.failures).toSorted(), [...REPLY_FAILURES].toSorted());
});

test('an error is shown by its code and parameters, in the language of the page', () => {
  const error = refused(400, { detail: 'unused' }, 'too_many_api_keys', { max: 50 });
  assert.match(errorText(error), /^You can have up to 50 keys\./);
  language.value = 'de';
  assert.match(errorText(error), /^Du kannst höchstens 50 Schlüssel haben\./);
});

test('the code may also be in the body', () => {
  assert.equal(
    errorText(refused(404, { detail: 'x', code: 'link_invalid' })),
    en.errors.link_invalid,
  );
});

test('the wording of the server does not matter', () => {
  const error = refused(400, { error: 'some other sentence' }, 'invalid_credentials');
  assert.equal(errorText(error), 'Wrong username or password.');
});

test('a code that the page does not know falls back to the sentence of the server', () => {
  language.value = 'de';
  const error = refused(400, { detail: 'A sentence.' }, 'code_of_tomorrow');
  assert.equal(errorText(error), 'A sentence.');
  assert.equal(errorText(refused(400, { detail: 'A sentence.' }, 'toString')), 'A sentence.');
  assert.equal(errorText(refused(502, undefined)), de.somethingWrong);
});

test('a text with parameters is not shown without them', () => {
  const error = refused(404, { detail: 'No model for you.' }, 'model_not_found');
  assert.equal(errorText(error), 'No model for you.');
});

test('faults of fields are shown field by field, each sentence once', () => {
  const fields = {
    username: [{ code: 'blank' }],
    password: [{ code: 'too_short', min: 8 }, { code: 'blank' }],
  };
  const error = refused(400, { username: ['x'] }, 'invalid_fields', { fields });
  assert.equal(errorText(error), 'Please fill in every field. Use at least 8 characters.');
});

test('faults of which one is unknown are shown in the words of the server', () => {
  const fields = { username: [{ code: 'blank' }, { code: 'fault_of_tomorrow' }] };
  const error = refused(400, { username: ['One.', 'Two.'] }, 'invalid_fields', { fields });
  assert.equal(errorText(error), 'One. Two.');
});

test('a request that came too fast tells when to try again', () => {
  const headers = { 'retry-after': '7' };
  const error = new ApiError(429, { detail: 'Throttled.' }, new Headers(headers));
  assert.equal(errorText(error), 'Too many requests. Try again in 7 s.');
});

test('texts that are given come before those of the page', () => {
  const special = { errors: { link_invalid: 'Special.' }, fieldFaults: {} };
  assert.equal(errorText(refused(400, {}, 'link_invalid'), special), 'Special.');
  assert.equal(errorText(refused(404, {}, 'message_not_found'), special), 'Message not found.');
});

test('without a server the page says that it cannot be reached', () => {
  assert.equal(errorText(new Unreachable()), en.offline);
  assert.equal(errorText(new Error('a bug')), en.somethingWrong);
});

test('a failed reply is explained by its code, else by the sentence of the server', () => {
  language.value = 'de';
  const failure = 'The model broke off.';
  assert.equal(failureText({ failure, failure_code: 'stopped' }), de.failures.stopped);
  assert.equal(failureText({ failure, failure_code: null }), failure);
  assert.equal(failureText({ failure: null, failure_code: null }), undefined);
});

function refused(status: number, body: unknown, code?: string, params?: unknown): ApiError {
  const headers = new Headers();
  if (code !== undefined) headers.set('chit-error', code);
  if (params !== undefined) headers.set('chit-error-params', JSON.stringify(params));
  return new ApiError(status, body, headers);
}

/** The texts of a table; those with parameters are given every parameter there is. */
function textsOf(table: object): string[] {
  const params = { min: 1, max: 2, model: 'm', group: 'g', is_outcome_unknown: false };
  return Object.values(table).map((it) => (typeof it === 'function' ? it(params) : it));
}

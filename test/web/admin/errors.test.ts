/** The panel explains refusals by code and parameters, in the chosen language. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { errorMessage, fieldMessages } from '../../../web/src/admin/words/errors.ts';
import { ApiError, Unreachable } from '../../../web/src/api/client.ts';
import { language } from '../../../web/src/state/preferences.ts';
import { loadGerman } from '../../../web/src/strings/strings.ts';

before(loadGerman);
after(() => {
  language.value = 'en';
});
beforeEach(() => {
  language.value = 'de';
});

function refusal(status: number, body: unknown, code: string, params?: unknown): ApiError {
  const headers = new Headers({ 'chit-error': code });
  if (params !== undefined) headers.set('chit-error-params', JSON.stringify(params));
  return new ApiError(status, body, headers);
}

test('a code of the panel has a text of the panel, whatever the server writes', () => {
  const error = refusal(400, { detail: 'Some sentence.' }, 'last_superuser');
  assert.match(errorMessage(error), /^Das ist der einzige Superuser\./);
  language.value = 'en';
  assert.match(errorMessage(error), /^This is the only superuser\./);
});

test('parameters of a code are written into its text', () => {
  const error = refusal(400, { detail: 'x' }, 'grants_refused', { refused: 1_200 });
  assert.match(errorMessage(error), /1\.200 Konten lassen sich so nicht ändern/);
});

test('faults that the panel and the chat page know are explained together', () => {
  const fields = {
    from: [{ code: 'span_too_long', max_days: 14, step: 'hour' }],
    reason: [{ code: 'too_long', max: 500 }],
  };
  const error = refusal(400, { from: ['a'], reason: ['b'] }, 'invalid_fields', { fields });
  assert.match(errorMessage(error), /^Nach Stunden höchstens 14 Tage\. .*500/);
});

test('each field has its own message, in the words of the server where it has no code', () => {
  const fields = { 'to/1/tokens': [{ code: 'not_a_choice', choices: [] }] };
  const body = { 'to/1/tokens': ['Server text.'], 'to/2/tokens': ['Left out of the params.'] };
  assert.deepEqual(fieldMessages(refusal(400, body, 'invalid_fields', { fields })), [
    ['to/1/tokens', 'Das steht nicht zur Auswahl.'],
    ['to/2/tokens', 'Left out of the params.'],
  ]);
});

test('an unknown code falls back to the words of the server', () => {
  const error = refusal(400, { detail: 'From a newer server.' }, 'code_of_tomorrow');
  assert.equal(errorMessage(error), 'From a newer server.');
});

test('a server that cannot be reached is reported as such', () => {
  assert.match(errorMessage(new Unreachable()), /Server/);
});

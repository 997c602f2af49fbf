/** The length of a message in a chat, and of the words of a search, is limited. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { Talker } from '../../support/conversations.ts';
import { type Answer, getWith, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ScriptedModel, scriptedModel } from '../../support/scripted-model.ts';

const MAX = 1_000;
const BALANCE = 4_000;
const PRICE = 100;

let model: ScriptedModel;
let server: ModelServer;

before(async () => {
  model = scriptedModel(flatPrice(PRICE));
  server = await startModelServer([model], { CHIT_MESSAGE_LIMIT_CHARACTERS: String(MAX) });
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
});

function assertTooLong(answer: Answer, field: string, max: number): void {
  assert.equal(answer.status, 400);
  assert.equal(answer.headers['chit-error'], 'invalid_fields');
  const params = JSON.parse(String(answer.headers['chit-error-params'])) as unknown;
  assert.deepEqual(params, { fields: { [field]: [{ code: 'too_long', max }] } });
  const sentence = `Ensure this field has no more than ${max} characters.`;
  assert.deepEqual(answer.json, { [field]: [sentence] });
}

test('a message that is too long is refused: no model is asked, nothing is stored or charged', async () => {
  const { access, userId } = await server.newUser();
  const talker = new Talker(server.url, access);
  const { id } = await talker.begin();
  const asked = model.requests.length;
  for (const path of ['/api/chat/', `/api/conversations/${id}/messages/`]) {
    for (const message of ['x'.repeat(MAX + 1), '😀'.repeat(MAX + 1)]) {
      assertTooLong(await postJson(`${server.url}${path}`, { message }, access), 'message', MAX);
    }
  }
  assert.equal(model.requests.length, asked);
  assert.deepEqual(await talker.messages(id), []);
  const { postedCredits, heldCredits } = await server.balanceOf(userId);
  assert.deepEqual([postedCredits, heldCredits], [BALANCE, 0]);
});

test('characters are code points: the longest message may have twice as many units', async () => {
  const { access, userId } = await server.newUser();
  const message = '😀'.repeat(MAX);
  const answer = await postJson(`${server.url}/api/chat/`, { message }, access);
  assert.equal(answer.status, 200);
  assert.equal((answer.json as { message: string }).message, message);
  assert.equal((await server.balanceOf(userId)).postedCredits, BALANCE - PRICE);
});

test('a search has at most 100 characters', async () => {
  const { access } = await server.newUser();
  const search = (q: string) =>
    getWith(`${server.url}/api/conversations/?q=${encodeURIComponent(q)}`, access);
  assert.equal((await search('ä'.repeat(100))).status, 200);
  assertTooLong(await search('ä'.repeat(101)), 'q', 100);
});

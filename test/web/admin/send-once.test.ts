/** Lists of grants are applied once, even when the server's answers get lost. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
  isDefinite,
  isUnanswered,
  type KeyStore,
  sendOnce,
  type UnansweredKeys,
} from '../../../web/src/admin/credits/send-once.ts';
import { ApiError, Unreachable } from '../../../web/src/api/client.ts';

const LIST = { to: [{ id: 1, tokens: 70 }], reason: 'Term begins' };

let kept: UnansweredKeys;
let store: KeyStore;
/** The keys that arrived at the server. */
let sent: string[];

beforeEach(() => {
  kept = {};
  sent = [];
  store = {
    get: () => kept,
    set: (keys) => {
      kept = keys;
    },
  };
});

async function succeed(key: string): Promise<void> {
  sent.push(key);
}

function failWith(error: Error) {
  return async (key: string): Promise<void> => {
    sent.push(key);
    throw error;
  };
}

function refusal(status: number): ApiError {
  return new ApiError(status, { detail: 'Refused.' }, new Headers());
}

test('a list without an answer keeps its key until an answer comes', async () => {
  await assert.rejects(sendOnce(LIST, store, failWith(new Unreachable())), Unreachable);
  assert.ok(isUnanswered(kept, LIST));
  await assert.rejects(sendOnce(LIST, store, failWith(refusal(503))), ApiError);
  await sendOnce(LIST, store, succeed);
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent).size, 1);
  assert.deepEqual(kept, {});
});

test('after an answer the same list is sent under a new key', async () => {
  await sendOnce(LIST, store, succeed);
  await sendOnce(LIST, store, succeed);
  assert.equal(new Set(sent).size, 2);
});

test('a refusal is an answer: its key is forgotten', async () => {
  await assert.rejects(sendOnce(LIST, store, failWith(refusal(400))), ApiError);
  assert.ok(!isUnanswered(kept, LIST));
  await sendOnce(LIST, store, succeed);
  assert.equal(new Set(sent).size, 2);
});

test('the key is kept before the list is sent, for someone who leaves the page meanwhile', async () => {
  await sendOnce(LIST, store, async (key) => {
    assert.deepEqual(Object.values(kept), [key]);
  });
});

test('another amount or another reason is another list', async () => {
  await assert.rejects(sendOnce(LIST, store, failWith(new Unreachable())), Unreachable);
  const others = [
    { ...LIST, reason: 'Term ends' },
    { ...LIST, to: [{ id: 1, tokens: 71 }] },
  ];
  for (const list of others) {
    assert.ok(!isUnanswered(kept, list));
    await sendOnce(list, store, succeed);
  }
  assert.equal(new Set(sent).size, 3);
  assert.ok(isUnanswered(kept, LIST));
});

test('only an answer below 500 proves that nothing was applied', () => {
  assert.ok(isDefinite(refusal(400)));
  assert.ok(isDefinite(refusal(422)));
  assert.ok(!isDefinite(refusal(500)));
  assert.ok(!isDefinite(refusal(503)));
  assert.ok(!isDefinite(new Unreachable()));
});

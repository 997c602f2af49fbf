/** Who gets credits that others have freed, and in which order. No timer fires by itself. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { accountPurse, keyPurse, Turns } from '../../../src/app/metering/turns.ts';

const WAIT_MS = 30_000;
const ME = { accountId: 1, apiKeyId: 'mine' };
const ACCOUNT = accountPurse(1);
const KEY = keyPurse('mine');

/** Turns by a clock that stands, and requests that log when they are served. */
function startTurns(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const turns = new Turns(() => nowMs);
  const served: string[] = [];
  let free = 0;
  const ask = async (name: string, options: { stop?: AbortSignal; needs?: number } = {}) => {
    const { stop, needs = 1 } = options;
    const attempt = async () => {
      if (free < needs) return undefined;
      free -= needs;
      served.push(name);
      return name;
    };
    return turns.wait(ACCOUNT, attempt, { untilMs: turns.untilMs(WAIT_MS), stop });
  };
  const release = async (credits: number) => {
    free += credits;
    turns.ended(ME);
    await nextTurn();
  };
  const pass = async (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(ms);
    await nextTurn();
  };
  return { turns, served, ask, release, pass };
}

test('they are served in the order of arrival, as credits become free', async (t) => {
  const { turns, served, ask, release } = startTurns(t);
  const all = ['a', 'b', 'c'].map((name) => ask(name));
  await nextTurn();
  assert.deepEqual(served, []);
  assert.equal(turns.waitedFor(ME), ACCOUNT);
  await release(1);
  assert.deepEqual(served, ['a']);
  await release(2);
  assert.deepEqual(await Promise.all(all), ['a', 'b', 'c']);
  assert.deepEqual(served, ['a', 'b', 'c']);
  assert.equal(turns.waitedFor(ME), undefined);
});

test('a small one does not overtake a large one', async (t) => {
  const { served, ask, release } = startTurns(t);
  const all = [ask('large', { needs: 3 }), ask('small')];
  await release(1);
  await release(1);
  assert.deepEqual(served, []);
  await release(2);
  await Promise.all(all);
  assert.deepEqual(served, ['large', 'small']);
});

test('credits that become free during an attempt are not missed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const turns = new Turns(() => 0);
  const first = Promise.withResolvers<undefined>();
  const results = [first.promise, Promise.resolve('served')];
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    return results[attempts - 1] as Promise<string | undefined>;
  };
  const waiting = turns.wait(ACCOUNT, attempt, { untilMs: WAIT_MS, stop: undefined });
  turns.ended(ME);
  first.resolve(undefined);
  assert.equal(await waiting, 'served');
  assert.equal(attempts, 2);
});

test('one whose client has left frees its place at once, wherever it stood', async (t) => {
  const { served, ask, release } = startTurns(t);
  const [first, second] = [new AbortController(), new AbortController()];
  const left = [ask('a', { stop: first.signal }), ask('b', { stop: second.signal })];
  const stays = ask('c');
  await nextTurn();
  second.abort();
  assert.equal(await left[1], undefined);
  first.abort();
  assert.equal(await left[0], undefined);
  await release(1);
  assert.equal(await stays, 'c');
  assert.deepEqual(served, ['c']);
});

test('one that has left before it came is not served', async (t) => {
  const { turns, ask } = startTurns(t);
  assert.equal(await ask('a', { stop: AbortSignal.abort() }), undefined);
  assert.equal(turns.waitedFor(ME), undefined);
});

test('nobody waits for longer than the limit, and the next one has its turn', async (t) => {
  const { served, ask, release, pass } = startTurns(t);
  const first = ask('a', { needs: 2 });
  await pass(WAIT_MS / 2);
  const second = ask('b');
  await pass(WAIT_MS / 2);
  assert.equal(await first, undefined);
  await release(1);
  assert.equal(await second, 'b');
  assert.deepEqual(served, ['b']);
});

test('what another server has freed is noticed without being told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const turns = new Turns(() => 0);
  let isFree = false;
  const attempt = async () => (isFree ? 'served' : undefined);
  const waiting = turns.wait(ACCOUNT, attempt, { untilMs: WAIT_MS, stop: undefined });
  await nextTurn();
  isFree = true;
  t.mock.timers.tick(500);
  assert.equal(await waiting, 'served');
});

test('an attempt that throws ends its wait, and the next one has its turn', async (t) => {
  const { turns, served, ask, release } = startTurns(t);
  const attempt = () => Promise.reject(new Error('The ledger is away.'));
  const limits = { untilMs: WAIT_MS, stop: undefined };
  const failing = turns.wait(ACCOUNT, attempt, limits);
  const next = ask('next');
  await assert.rejects(failing, /ledger is away/);
  await release(1);
  await next;
  assert.deepEqual(served, ['next']);
});

test('whoever waits for the budget of a key holds up no other key and no other account', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const turns = new Turns(() => 0);
  const stop = new AbortController();
  const waiting = turns.wait(KEY, async () => undefined, {
    untilMs: WAIT_MS,
    stop: stop.signal,
  });
  assert.equal(turns.waitedFor(ME), KEY);
  assert.equal(turns.waitedFor({ ...ME, apiKeyId: 'other' }), undefined);
  assert.equal(turns.waitedFor({ ...ME, apiKeyId: undefined }), undefined);
  assert.equal(turns.waitedFor({ accountId: 2, apiKeyId: 'other' }), undefined);
  stop.abort();
  await waiting;
});

/** Which endpoint is asked next, by a clock and by chance that the test decides on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Endpoint,
  Endpoints,
  type RestBegun,
} from '../../../src/models/provider-client/endpoints.ts';
import { ProviderFailure } from '../../../src/models/provider-client/provider-failure.ts';
import { providerAt } from '../../support/upstream.ts';

const SOON_MS = 5_000;
const refused = (status: number, retryAfterMs?: number) =>
  new ProviderFailure('refused', `answered ${status}.`, { status, retryAfterMs });
const operators = () => new ProviderFailure('operator', 'answered 401.', { status: 401 });

function endpointsWith(...weights: number[]) {
  const endpoints = weights.map((weight, index) => ({
    baseUrl: 'http://127.0.0.1:1/v1',
    apiKey: `sk-${index + 1}`,
    headers: {},
    weight,
  }));
  const { settings } = providerAt({ url: 'http://127.0.0.1:1' }, 'openai', { endpoints });
  const clock = { nowMs: 1_000, chance: 0 };
  const begun: RestBegun[] = [];
  const all = new Endpoints(settings, {
    nowMs: () => clock.nowMs,
    random: () => clock.chance,
    onRest: (rest) => begun.push(rest),
  });
  /** The position of the endpoint that is asked next, or 0 if none is, and the wait. */
  const next = (model = 'm') => {
    const { endpoint, waitMs } = all.choose(model, SOON_MS) ?? {};
    return { position: endpoint?.position ?? 0, waitMs: waitMs ?? 0 };
  };
  const nth = (position: number): Endpoint => {
    const it = all.all[position - 1];
    assert.ok(it);
    return it;
  };
  return { all, clock, begun, next, nth };
}

test('the choice is by weight', () => {
  const { clock, next } = endpointsWith(1, 3);
  const chosen = [0, 0.24, 0.25, 0.99].map((chance) => {
    clock.chance = chance;
    return next().position;
  });
  assert.deepEqual(chosen, [1, 1, 2, 2]);
});

test('an endpoint that is limited rests as long as it says, for that model', () => {
  const { all, clock, begun, next, nth } = endpointsWith(1, 1);
  all.noteFailure(nth(1), 'm', refused(429, 30_000));
  assert.equal(next('m').position, 2);
  assert.equal(next('other').position, 1);
  clock.nowMs += 29_999;
  assert.equal(next('m').position, 2);
  clock.nowMs += 1;
  assert.equal(next('m').position, 1);
  const [rest] = begun;
  assert.deepEqual(
    [rest?.provider, rest?.endpoint, rest?.reason, rest?.status, rest?.model, rest?.seconds],
    ['emulated-openai', 1, 'limited', 429, 'm', 30],
  );
});

test('pauses grow with each failure up to a minute, with jitter, and end with an answer', () => {
  const { all, clock, nth, next } = endpointsWith(1, 1);
  const pauses: number[] = [];
  const first = nth(1);
  for (let failures = 0; failures < 8; failures += 1) {
    all.noteFailure(first, 'm', refused(500));
    // Another request that was under way then counts for nothing.
    all.noteFailure(first, 'm', refused(500));
    const before = clock.nowMs;
    while (next().position === 2) clock.nowMs += 250;
    pauses.push(clock.nowMs - before);
  }
  assert.deepEqual(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  clock.chance = 0.999;
  all.noteFailure(first, 'm', refused(500));
  assert.equal(all.shown()[0]?.rest?.seconds, 60);
  clock.nowMs += 60_000;
  all.noteAnswer(first, 'm');
  all.noteFailure(first, 'm', refused(500));
  assert.equal(all.shown()[0]?.rest?.seconds, 1);
});

test('a key that is refused rests for five minutes, for every model', () => {
  const { all, clock, next, nth, begun } = endpointsWith(1, 1);
  all.noteFailure(nth(1), 'm', operators());
  clock.nowMs += 299_999;
  assert.equal(next('other').position, 2);
  clock.nowMs += 1;
  assert.equal(next('other').position, 1);
  assert.deepEqual([begun[0]?.reason, begun[0]?.model], ['account', undefined]);
});

test('if all rest as they asked for, the first to return is waited for if that is soon', () => {
  const { all, next, nth } = endpointsWith(1, 1);
  all.noteFailure(nth(1), 'm', refused(429, 60_000));
  all.noteFailure(nth(2), 'm', refused(429, 4_000));
  assert.deepEqual(next(), { position: 2, waitMs: 4_000 });
});

test('else the request fails at once, and says when the first returns', () => {
  const { all, next, nth } = endpointsWith(1, 1);
  all.noteFailure(nth(1), 'm', refused(429, 60_000));
  all.noteFailure(nth(2), 'm', refused(429, 30_000));
  assert.equal(next().position, 0);
  const { status, reason, retryAfterSeconds, endpoint } = all.restingFailure('m');
  assert.deepEqual([status, reason, retryAfterSeconds, endpoint], [429, 'refused', 30, 2]);
});

test('endpoints that only fail are asked if there is no other: no client can take them away', () => {
  const { all, next, nth, clock } = endpointsWith(1, 1);
  all.noteFailure(nth(1), 'm', refused(500));
  clock.nowMs += 100;
  all.noteFailure(nth(2), 'm', new ProviderFailure('unreachable', 'no connection'));
  assert.deepEqual(next(), { position: 1, waitMs: 0 });
});

test('an only endpoint is asked by every turn, and its answer ends its rest', () => {
  for (const failure of [operators(), refused(429, 60_000), refused(500)]) {
    const { all, next, nth, begun } = endpointsWith(1);
    all.noteFailure(nth(1), 'm', failure);
    assert.deepEqual(next(), { position: 1, waitMs: 0 });
    assert.equal(begun.length, 1);
    all.noteAnswer(nth(1), 'm');
    assert.equal(all.shown()[0]?.rest, undefined);
  }
});

test('within a turn an only endpoint is not asked before the time that it told', () => {
  const { all, nth } = endpointsWith(1);
  const limited = refused(429, 4_000);
  all.noteFailure(nth(1), 'm', limited);
  const failed = new Map([[nth(1), limited]]);
  assert.equal(all.choose('m', SOON_MS, failed)?.waitMs, 4_000);
  assert.equal(all.choose('m', 3_999, failed), undefined);
});

test('a refusal of the operator is told of again while nobody has acted', () => {
  const { all, clock, nth, begun } = endpointsWith(1);
  for (const passedMs of [0, 200_000, 100_000]) {
    clock.nowMs += passedMs;
    all.noteFailure(nth(1), 'm', operators());
  }
  assert.equal(begun.length, 2);
});

test('of endpoints that all rest those that only fail come first', () => {
  const { all, next, nth } = endpointsWith(1, 1);
  all.noteFailure(nth(1), 'm', refused(429, 1_000));
  all.noteFailure(nth(2), 'm', refused(503));
  assert.deepEqual(next(), { position: 2, waitMs: 0 });
});

test('the answer to an earlier request does not end what was asked for since', () => {
  const { all, next, nth } = endpointsWith(1, 1);
  all.noteFailure(nth(1), 'm', refused(429, 30_000));
  all.noteAnswer(nth(1), 'm');
  assert.equal(next().position, 2);
});

for (const [name, failure] of [
  ['a bad request', refused(400)],
  ['a model that is not there', refused(404)],
  [
    'a request over the limit of a minute',
    new ProviderFailure('refused', '', { status: 429, isFinal: true }),
  ],
  ['the page of a firewall', new ProviderFailure('operator', '', { status: 403 })],
] as const) {
  test(`${name} makes nothing rest, since a client can bring it about`, () => {
    const { all, begun, nth, next } = endpointsWith(1, 1);
    all.noteFailure(nth(1), 'm', failure);
    assert.equal(next().position, 1);
    assert.deepEqual(begun, []);
  });
}

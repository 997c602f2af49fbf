/** The comparison of the fleet finds each fault that is planted, and nothing where all is well. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Book, Generation } from './fleet/book.ts';
import {
  type Column,
  findingsOf,
  findingsOfStaff,
  findingsOfUsage,
  type Trouble,
} from './fleet/compare.ts';
import type { Told } from './fleet/kinds.ts';
import type { Sent, StaffAction } from './fleet/records.ts';
import { compareRedemptions, type Redemption } from './fleet/vouchers.ts';

const TEXT = 'the whole answer';

const WHOLE: Told = {
  claim: 'whole',
  text: TEXT,
  cost: undefined,
  messageId: undefined,
  isReplayed: false,
  status: 200,
  code: undefined,
  startedMs: 1_000,
  endedMs: 2_000,
  textUntil: () => TEXT.length,
};
const REFUSED: Told = { ...WHOLE, claim: 'nothing', text: '', status: 503 };
const LOST: Told = { ...WHOLE, claim: 'unknown', text: '', status: 0 };
const DONE_BEFORE: Told = { ...WHOLE, claim: 'done before', text: '', status: 409 };

const COMPLETE: Generation = {
  id: 'a',
  scriptId: 's',
  status: 'complete',
  reply: TEXT,
  failure: null,
  charge: 100,
  isOfPool: false,
  usageSource: 'flat',
  createdMs: 1_001,
  endedMs: 1_900,
};
const FAILED: Generation = {
  ...COMPLETE,
  status: 'failed',
  reply: '',
  failure: 'server_lost_before_reply',
  charge: 0,
};

const cases: [what: string, tries: Told[], generations: Generation[], found: Column[]][] = [
  ['answered, charged and stored', [WHOLE], [COMPLETE], []],
  ['refused, and nothing booked', [REFUSED], [], []],
  ['lost, and released', [LOST], [FAILED], []],
  ['lost, and the key gives it', [LOST, { ...WHOLE, isReplayed: true }], [COMPLETE], []],
  ['charged twice', [LOST, WHOLE], [COMPLETE, { ...COMPLETE, id: 'b' }], ['doubleCharges']],
  ['stored and not charged', [LOST], [{ ...COMPLETE, charge: 0 }], ['missingCharges']],
  ['told of a charge that is none', [DONE_BEFORE], [FAILED], ['missingCharges']],
  ['answered, and failed in the book', [WHOLE], [FAILED], ['freeAnswers']],
  ['answered, and not in the book', [WHOLE], [], ['freeAnswers']],
  ['charged, and the key gives nothing', [LOST, DONE_BEFORE], [COMPLETE], ['lostAnswers']],
  [
    'another text is stored',
    [WHOLE],
    [{ ...COMPLETE, reply: 'x' }],
    ['lostAnswers', 'lostAnswers'],
  ],
  ['"Nothing was charged", and it was', [REFUSED], [COMPLETE], ['falseNothing', 'lostAnswers']],
  ['told less than was charged', [{ ...WHOLE, cost: 1 }], [COMPLETE], ['falseNothing']],
  [
    'told an id that is not stored',
    [{ ...WHOLE, claim: 'pending', text: '' }],
    [],
    ['lostAnswers'],
  ],
  ['a stream without an end', [{ ...WHOLE, claim: 'silent' }], [FAILED], ['silentEnds']],
  ['the server does not know', [{ ...LOST, status: 500 }], [FAILED], ['internalErrors']],
  [
    'more after another server had ended it',
    [{ ...WHOLE, claim: 'unknown', textUntil: () => 3 }],
    [FAILED],
    ['lateDeliveries'],
  ],
];

for (const [what, tries, generations, found] of cases) {
  test(`${what}: ${found.join(', ') || 'nothing is found'}`, () => {
    const findings = findingsOf(sentWith(tries), bookWith(generations));
    assert.deepEqual(
      findings.map(({ column }) => column),
      found,
    );
  });
}

test('a charge that is not what the provider told is found, also of clients that left', () => {
  const sent = sentWith([LOST]);
  const metered = { ...sent, spending: { ...sent.spending, model: 'metered' } };
  const told = [{ scriptId: 's', atMs: 1_800, credits: 100 }];
  const left: Generation = {
    ...COMPLETE,
    status: 'incomplete',
    failure: 'stopped',
    usageSource: 'provider',
  };
  const foundWith = (changed: Partial<Generation>, usage = told, troubles: Trouble[] = []) =>
    findingsOfUsage(metered, bookWith([{ ...left, ...changed }]), usage, troubles).length;
  assert.equal(foundWith({}), 0);
  assert.equal(foundWith({ charge: 8 }), 1);
  assert.equal(foundWith({ charge: 8, usageSource: 'counted' }), 1);
  assert.equal(foundWith({ charge: 0, failure: 'stopped_before_reply', usageSource: null }), 1);
  assert.equal(foundWith({ charge: 8, failure: null, status: 'complete' }), 1);
  // Not in time, not told, or of a server that is gone.
  assert.equal(foundWith({ charge: 8, endedMs: 1_700 }), 0);
  assert.equal(foundWith({ charge: 8 }, []), 0);
  assert.equal(foundWith({ charge: 8, failure: 'server_lost' }), 0);
  // A server that is not certain of its lease does not read on; but what it read is charged.
  const trouble = [{ fromMs: 1_500, toMs: 1_600 }];
  assert.equal(foundWith({ charge: 8, usageSource: 'counted' }, told, trouble), 0);
  assert.equal(foundWith({ charge: 8 }, told, trouble), 1);
  assert.deepEqual(findingsOfUsage(sent, bookWith([{ ...left, charge: 8 }]), told, []), []);
});

test('grants and refunds: booked twice, not booked, booked in spite of a refusal', () => {
  const grant: StaffAction = {
    kind: 'grant',
    via: 'http',
    userId: 1,
    username: 'client',
    reason: 'r',
    chargeId: undefined,
    told: 'booked',
    tries: 1,
  };
  const refund: StaffAction = { ...grant, kind: 'refund', chargeId: 'c' };
  const foundWith = (action: StaffAction, times: number) => {
    const book = {
      ...bookWith([]),
      grants: new Map([['r', times]]),
      refunds: new Map([['c', times]]),
    };
    return findingsOfStaff(action, book).map(({ column }) => column);
  };
  for (const action of [grant, refund]) {
    assert.deepEqual(foundWith(action, 1), []);
    assert.deepEqual(foundWith(action, 2), ['doubleCharges']);
    assert.deepEqual(foundWith(action, 0), ['missingCharges']);
    assert.deepEqual(foundWith({ ...action, told: 'not booked' }, 1), ['falseNothing']);
    assert.deepEqual(foundWith({ ...action, told: 'unknown' }, 1), []);
  }
});

test('vouchers: redeemed twice, not at all, for another amount, or by too many', () => {
  const voucher = { code: 'c', codeHash: 'h', credits: 11 };
  const one: Redemption = {
    userId: 1,
    access: '',
    voucher,
    key: 'k',
    told: 'redeemed',
    credits: 11,
    tries: 1,
  };
  const once = { times: 1, credits: 11 };
  const foundWith = (it: Redemption, booked: [number, { times: number; credits: number }][]) =>
    compareRedemptions([it], new Map([['h', new Map(booked)]])).map(({ column }) => column);
  assert.deepEqual(foundWith(one, [[1, once]]), []);
  assert.deepEqual(foundWith(one, []), ['missingCharges']);
  assert.deepEqual(foundWith(one, [[1, { times: 2, credits: 22 }]]), ['doubleCharges']);
  assert.deepEqual(foundWith(one, [[1, { times: 1, credits: 0 }]]), [
    'sumMismatches',
    'wrongCharges',
  ]);
  assert.deepEqual(foundWith({ ...one, told: 'not redeemed' }, [[1, once]]), ['falseNothing']);
  assert.deepEqual(foundWith({ ...one, told: 'used up' }, [[2, once]]), ['missingCharges']);
  const two: [number, typeof once][] = [
    [2, once],
    [3, once],
  ];
  assert.deepEqual(foundWith({ ...one, told: 'used up' }, two), []);
  assert.deepEqual(foundWith(one, [[1, once], ...two]), ['doubleCharges']);
});

function sentWith(tries: Told[]): Sent {
  return {
    spending: { kind: 'completions', content: '', model: 'flat', key: 'k', conversationId: '' },
    script: { id: 's', content: '', answer: TEXT },
    account: { userId: 1, access: '', apiKey: '' },
    tries,
    follows: [],
  };
}

function bookWith(generations: Generation[]): Book {
  return { generations: new Map([['s', generations]]), grants: new Map(), refunds: new Map() };
}

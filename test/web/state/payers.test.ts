/** Which account pays for the next message, and what is short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limits } from '../../../web/src/api/types.ts';
import {
  chosenOf,
  type Limit,
  limitsOn,
  ownedIn,
  type PayingAccount,
  payingAccount,
  shortageOf,
} from '../../../web/src/state/machines/payers.ts';

const NONE = { kind: 'none', hours: null, time_zone: null } as const;

function account(id: string, tokens: number, changes: Partial<PayingAccount> = {}): PayingAccount {
  return {
    id,
    name: id === 'personal' ? null : id,
    tokens,
    available: tokens,
    held: 0,
    expiring: 0,
    plan: null,
    renews_at: null,
    models: null,
    ...changes,
  };
}

function limit(kind: Limit['kind'], left: number, changes: Partial<Limit> = {}): Limit {
  const amounts = { limit: 1_000, spent: 1_000 - left, held: 0, left };
  return {
    id: kind,
    kind,
    account: null,
    key: null,
    window: NONE,
    renews_at: null,
    ...amounts,
    ...changes,
  };
}

function limitsWith(changes: Partial<Limits> = {}): Limits {
  const accounts = [account('8b', 50), account('personal', 400)];
  return { tokens: 50, payer: '8b', accounts, limits: [], ...changes };
}

test('the server’s choice pays, unless the user chose an account that is still there', () => {
  const limits = limitsWith();
  assert.equal(payingAccount(limits, '', 'any')?.id, '8b');
  assert.equal(payingAccount(limits, 'personal', 'any')?.id, 'personal');
  assert.equal(payingAccount(limits, 'a group that is gone', 'any')?.id, '8b');
  assert.equal(chosenOf(limits, 'a group that is gone', 'any'), undefined);
  assert.equal(payingAccount(undefined, 'personal', 'any'), undefined);
});

test('an account that does not pay for the model, or has nothing left, is passed over', () => {
  const accounts = [
    account('8b', 50, { models: ['small'] }),
    account('9c', 0),
    account('personal', 400),
  ];
  const limits = limitsWith({ accounts });
  assert.equal(payingAccount(limits, '', 'small')?.id, '8b');
  assert.equal(payingAccount(limits, '', 'large')?.id, 'personal');
  assert.equal(payingAccount(limits, '9c', 'large')?.id, '9c');
  assert.equal(payingAccount(limits, '8b', 'large')?.id, 'personal');
  const poor = limitsWith({ accounts: accounts.slice(0, 2) });
  assert.equal(payingAccount(poor, '', 'large')?.id, '9c');
});

test('limits of other accounts and of API keys do not apply to what an account pays', () => {
  const applying = [limit('own', 5), limit('member', 6, { account: '8b' })];
  const other = limit('plan', 0, { account: 'personal' });
  const limits = limitsWith({ limits: [...applying, other, limit('key', 0)] });
  assert.deepEqual(limitsOn(limits, '8b'), applying);
});

test('what is short is the account, or the limit that leaves less than it', () => {
  const renewsAt = '2026-12-01T00:00:00.000Z';
  const pool = account('8b', 50, { renews_at: renewsAt });
  const one = limitsWith({ accounts: [pool], limits: [limit('own', 50)] });
  assert.deepEqual(shortageOf(one, pool), {
    kind: 'account',
    left: 50,
    renewsAt,
    timeZone: null,
    hasOther: false,
  });
  const several = limitsWith({ limits: [limit('own', 40), limit('user', 30), limit('plan', 60)] });
  const [first] = several.accounts;
  assert.deepEqual(first && shortageOf(several, first), {
    kind: 'user',
    left: 30,
    renewsAt: null,
    timeZone: null,
    hasOther: true,
  });
});

test('what is held for a reply counts as the user’s until it is charged', () => {
  assert.equal(ownedIn({ tokens: 3_979, held: 21 }), 4_000);
});

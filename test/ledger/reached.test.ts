/** The random commands of `engine.test.ts` reach what can happen in a ledger. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import { batchSteps, CONVERSATIONS } from '../support/commands.ts';
import { worldIn } from '../support/ledger-world.ts';
import { reachedBy } from '../support/reached.ts';

/** What `reached.ts` has to name. */
const MUST_BE_REACHED = [
  ...['opened', 'id_taken', 'username_taken'].map((it) => `open ${it}`),
  ...['granted', 'insufficient_credits', 'balance_limit', 'id_taken'].map((it) => `grant ${it}`),
  ...['distributed', 'refused', 'id_taken'].map((it) => `distribute ${it}`),
  ...['refunded', 'refunded_already', 'not_refundable'].map((it) => `refund ${it}`),
  ...['assigned', 'account_unknown', 'id_taken'].map((it) => `assign_plan ${it}`),
  ...['redeemed', 'voucher_unknown', 'voucher_expired', 'voucher_limit', 'voucher_used_up'].map(
    (it) => `redeem ${it}`,
  ),
  ...['held', 'insufficient_credits', 'budget_exceeded', 'account_unknown'].map(
    (it) => `hold ${it}`,
  ),
  ...['conversation_unknown', 'api_key_unknown', 'id_taken'].map((it) => `hold ${it}`),
  ...['key_running', 'key_done', 'key_reused'].map((it) => `hold ${it}`),
  ...['journaled', 'hold_ended'].map((it) => `journal ${it}`),
  ...['settled', 'released', 'hold_unknown'].map((it) => `settle ${it}`),
  ...['settled', 'released', 'hold_unknown'].map((it) => `release ${it}`),
  ...['account', 'key', 'member', 'plan', 'user', 'own'].map((it) => `short: ${it}`),
  ...['account', 'plan', 'own'].map((it) => `short: ${it}, renews`),
  ...['paid by the user', 'paid by payer 0', 'paid by payer 1', 'held in part', 'held by others'],
  ...['expiry', 'plan step, holds open', 'held outlives its plan', 'plan ended', 'next plan'],
  ...['gap begins', 'extended', 'has next', 'last period', 'four budgets or more'],
  ...['window', 'window, held before', 'window is the same', 'window has passed'],
  ...['ended for a user', 'ended for a pool', 'refund to a pool', 'renew renewed'],
];

test('each outcome, each shortage, renewals with holds open, gaps, other windows', () => {
  const reached = new Set<string>();
  for (const steps of fc.sample(batchSteps, { numRuns: 300, seed: 1 })) {
    const reference = new ReferenceLedger();
    for (const [index, { batch, disabledAccountIds }] of steps.entries()) {
      if (index === 1) {
        worldIn(reference);
        for (const { id, accountId } of CONVERSATIONS) reference.conversations.set(id, accountId);
      }
      reference.disabled.clear();
      for (const id of disabledAccountIds) reference.disabled.add(id);
      for (const command of batch) for (const it of reachedBy(reference, command)) reached.add(it);
    }
  }
  assert.deepEqual(
    MUST_BE_REACHED.filter((it) => !reached.has(it)),
    [],
  );
});

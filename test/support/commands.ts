/** Random ledger commands, with few accounts and ids and small balances, so that they collide. */
import fc from 'fast-check';
import type { Command } from '../../src/core/ledger.ts';
import { inBookingOrder } from '../../src/core/ledger-order.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { UNKNOWN_USAGE } from '../../src/core/usage.ts';
import { API_KEYS, CODES, GROUPS, PLANS, TIMES } from './ledger-world.ts';

const accountId = fc.integer({ min: 1, max: 4 });
const generationId = fc.integer({ min: 1, max: 12 }).map((n) => `generation-${n}`);
const transferId = fc
  .integer({ min: 1, max: 8 })
  .map((n) => (n <= 6 ? `transfer-${n}` : `generation-${n}`));
const credits = fc.integer({ min: 0, max: 300 });
const piece = fc.integer({ min: 0, max: 2 });
const idempotency = fc.option(
  fc.record({
    key: fc.constantFrom('key-1', 'key-2'),
    bodyHash: fc.constantFrom('hash-1', 'hash-1', 'hash-2'),
  }),
  { nil: undefined, freq: 2 },
);
const atMs = fc.constantFrom(...TIMES);
/** Also pools, and one that does not exist. */
const anyAccountId = fc.oneof(accountId, fc.constantFrom(...GROUPS.map(({ poolId }) => poolId), 9));

export const CONVERSATIONS = [
  { id: 'conversation-1', accountId: 1 },
  { id: 'conversation-2', accountId: 2 },
] as const;

const open: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('open' as const),
  accountId,
  user: fc.record({
    username: fc.integer({ min: 1, max: 5 }).map((n) => `user-${n}`),
    passwordHash: fc.constant('hash'),
    isStaff: fc.boolean(),
    isSuperuser: fc.boolean(),
  }),
  openingTransferId: fc.integer({ min: 1, max: 20 }).map((n) => `opening-${n}`),
  openingCredits: credits,
  idempotency,
  atMs,
});

const grant: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('grant' as const),
  transferId,
  accountId: anyAccountId,
  credits: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 300 }) },
    { weight: 4, arbitrary: fc.integer({ min: -300, max: -1 }) },
    { weight: 1, arbitrary: fc.constant(1_000_000_000_000_000) },
  ),
  actor: fc.constant('test'),
  reason: fc.constant('because'),
  idempotency,
  atMs,
});

const distribute: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('distribute' as const),
  entries: fc.uniqueArray(
    fc.record({
      transferId,
      accountId: anyAccountId,
      credits: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -300, max: -1 })),
    }),
    { minLength: 1, maxLength: 3, comparator: (a, b) => isSameEntry(a, b) },
  ),
  actor: fc.constantFrom('test', 'another'),
  reason: fc.constant('because'),
  idempotency,
  atMs,
});

const refund: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('refund' as const),
  transferId,
  chargeId: fc.oneof(generationId, transferId),
  actor: fc.constant('test'),
  reason: fc.constant('sorry'),
  atMs,
});

const planId = fc.constantFrom(...PLANS.map(({ id }) => id), undefined);

const assignPlan: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.constant('assign_plan' as const),
    accountId: anyAccountId,
    planId,
    from: fc.constantFrom('now' as const, 'now' as const, 'renewal' as const),
    endsAtMs: fc.option(fc.constantFrom(...TIMES), { nil: undefined, freq: 1 }),
    allowanceId: fc.integer({ min: 1, max: 20 }).map((n) => `allowance-${n}`),
    expiryId: fc.integer({ min: 1, max: 20 }).map((n) => `expiry-${n}`),
    actor: fc.constant('test'),
    atMs,
  })
  // A plan ends later than it begins.
  .map((it) => ({ ...it, endsAtMs: it.endsAtMs && Math.max(it.endsAtMs, it.atMs + 1) }));

const renew: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('renew' as const),
  accountIds: fc.uniqueArray(anyAccountId, { maxLength: 4 }),
  atMs,
});

const redeem: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('redeem' as const),
  codeHash: fc.constantFrom(...CODES),
  accountId,
  redemptionId: fc
    .integer({ min: 1, max: 20 })
    .map((n) => (n === 1 ? 'transfer-1' : `voucher-${n}`)),
  expiryId: fc.integer({ min: 1, max: 20 }).map((n) => `expiry-${n}`),
  actor: fc.constant('test'),
  atMs,
});

const journal: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('journal' as const),
  generationId,
  accountId,
  piece,
  text: fc.constantFrom('some', 'words'),
  nonReplyOutput: fc.constantFrom('', 'thoughts'),
});

/** The user's own account, pools, and accounts that may not pay. */
const PAYERS = [
  'self' as const,
  ...GROUPS.map(({ id, poolId }) => ({ accountId: poolId, groupId: id })),
  { accountId: 101, groupId: 'group-2' },
  { accountId: 4 },
];

const hold: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.constant('hold' as const),
    generationId,
    accountId,
    mostCredits: credits,
    leastCredits: credits,
    leaseId: fc.constant('lease'),
    model: fc.constant('dummy'),
    price: fc.constant(flatPrice(100)),
    inputTokens: fc.constant(5),
    content: fc.constant('hello'),
    apiKeyId: fc.option(fc.constantFrom(...API_KEYS.map(({ id }) => id), 'none'), {
      nil: undefined,
    }),
    payers: fc.option(fc.uniqueArray(fc.constantFrom(...PAYERS), { minLength: 1, maxLength: 3 }), {
      nil: undefined,
      freq: 2,
    }),
    conversationId: fc.option(fc.constantFrom(...CONVERSATIONS.map(({ id }) => id), 'none'), {
      nil: undefined,
      freq: 2,
    }),
    idempotency,
    atMs,
  })
  .map(({ payers, ...it }) => ({
    ...it,
    leastCredits: Math.min(it.leastCredits, it.mostCredits),
    payers: payers?.map((payer) => (payer === 'self' ? { accountId: it.accountId } : payer)),
  }));

const settle: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('settle' as const),
  generationId,
  accountId,
  costCredits: credits,
  usage: fc.constant(UNKNOWN_USAGE),
  usageSource: fc.constant('flat' as const),
  reply: fc.constant('reply'),
  status: fc.constantFrom('complete' as const, 'incomplete' as const),
  failure: fc.constantFrom(undefined, 'stopped' as const, 'server_lost' as const),
  response: fc.constantFrom(undefined, { contentType: 'application/json', body: '{}' }),
  atMs,
});

const release: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('release' as const),
  generationId,
  accountId,
  reason: fc.constantFrom('model_failed' as const, 'server_lost_before_reply' as const),
  atMs,
});

/** A batch in booking order, and the users who are disabled while it is applied. */
export interface BatchStep {
  readonly batch: Command[];
  readonly disabledAccountIds: readonly number[];
}

/** The first batch only opens accounts, so that the others find some. */
export const batchSteps: fc.Arbitrary<BatchStep[]> = fc
  .tuple(
    fc.array(open, { minLength: 1, maxLength: 6 }),
    fc.array(
      fc.record({
        disabledAccountIds: fc.oneof(
          { weight: 2, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.subarray([1, 2, 3, 4]) },
        ),
        batch: fc.array(
          fc.oneof(
            { weight: 1, arbitrary: open },
            { weight: 2, arbitrary: grant },
            { weight: 2, arbitrary: distribute },
            { weight: 2, arbitrary: refund },
            { weight: 2, arbitrary: assignPlan },
            { weight: 1, arbitrary: renew },
            { weight: 2, arbitrary: redeem },
            { weight: 2, arbitrary: journal },
            { weight: 5, arbitrary: hold },
            { weight: 4, arbitrary: settle },
            { weight: 2, arbitrary: release },
          ),
          { minLength: 1, maxLength: 20 },
        ),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([opening, rest]) =>
    [{ batch: opening, disabledAccountIds: [] }, ...rest].map(({ batch, disabledAccountIds }) => ({
      batch: batch.toSorted(inBookingOrder),
      disabledAccountIds,
    })),
  );

function isSameEntry(
  a: { transferId: string; accountId: number },
  b: { transferId: string; accountId: number },
): boolean {
  return a.transferId === b.transferId || a.accountId === b.accountId;
}

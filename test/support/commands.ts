/**
 * Random ledger commands, with few accounts and ids and small balances, so that they collide; most
 * fit together, so that they reach what only happens after others. `reached.ts` names all that
 * they reach.
 */
import fc from 'fast-check';
import type { Command, Payer } from '../../src/core/ledger.ts';
import { inBookingOrder } from '../../src/core/ledger-order.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { UNKNOWN_USAGE } from '../../src/core/usage.ts';
import { API_KEYS, CODES, GROUPS, PLANS, TIMES } from './ledger-world.ts';

const HOUR_MS = 3_600_000;
const accountId = fc.integer({ min: 1, max: 4 });
/** A generation and who asks for it, mostly the same user each time. */
const generation = fc
  .tuple(
    fc.integer({ min: 1, max: 15 }),
    fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: accountId }),
  )
  .map(([n, another]) => ({
    generationId: `generation-${n}`,
    accountId: another || (n % 3) + 1,
  }));
const generationId = generation.map((it) => it.generationId);
const transferId = fc
  .integer({ min: 1, max: 24 })
  .map((n) => (n <= 22 ? `transfer-${n}` : `generation-${n - 15}`));
const credits = fc.integer({ min: 0, max: 300 });
const piece = fc.integer({ min: 0, max: 2 });
const idempotency = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      key: fc.constantFrom('key-1', 'key-2'),
      bodyHash: fc.constantFrom('hash-1', 'hash-1', 'hash-2'),
    }),
  },
);
/** How far the clock of the server that sends it is off. */
const atMs = fc.constantFrom(0, 0, 0, 30_000, -30_000);
const poolId = fc.constantFrom(...GROUPS.map((it) => it.poolId));
/** Also pools, and one that does not exist. */
const anyAccountId = fc.oneof(
  { weight: 4, arbitrary: accountId },
  { weight: 4, arbitrary: poolId },
  { weight: 1, arbitrary: fc.constant(9) },
);

export const CONVERSATIONS = [
  { id: 'conversation-1', accountId: 1 },
  { id: 'conversation-2', accountId: 2 },
] as const;

const open = fc.record({
  kind: fc.constant('open' as const),
  accountId: fc.oneof(
    { weight: 9, arbitrary: accountId },
    // A pool, from the second batch on.
    { weight: 1, arbitrary: poolId },
  ),
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
      takesOnlyLasting: fc.boolean(),
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

const assignPlan: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('assign_plan' as const),
  accountId: fc.oneof(
    { weight: 3, arbitrary: poolId },
    { weight: 3, arbitrary: fc.constantFrom(1, 2) },
    { weight: 1, arbitrary: anyAccountId },
  ),
  planId,
  from: fc.constantFrom('now' as const, 'now' as const, 'renewal' as const),
  endsAtMs: fc.option(fc.constantFrom(...TIMES), { nil: undefined, freq: 2 }),
  allowanceId: fc.integer({ min: 1, max: 60 }).map((n) => `allowance-${n}`),
  expiryId: fc.integer({ min: 1, max: 60 }).map((n) => `expiry-${n}`),
  actor: fc.constant('test'),
  atMs,
});

const renew: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('renew' as const),
  accountIds: fc.uniqueArray(anyAccountId, { maxLength: 4 }),
  atMs,
});

const redeem: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('redeem' as const),
  codeHash: fc.constantFrom(...CODES),
  accountId: fc.constantFrom(1, 1, 2, 2, 3, 4),
  redemptionId: fc
    .integer({ min: 1, max: 40 })
    .map((n) => (n === 1 ? 'transfer-1' : `voucher-${n}`)),
  expiryId: fc.integer({ min: 1, max: 60 }).map((n) => `expiry-${n}`),
  actor: fc.constant('test'),
  atMs,
});

const journal: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.constant('journal' as const),
    generation,
    piece,
    text: fc.constantFrom('some', 'words'),
    nonReplyOutput: fc.constantFrom('', 'thoughts'),
  })
  .map(withGeneration);

/** The user's own account, pools, and accounts that may not pay. */
const PAYERS = [
  'self' as const,
  ...GROUPS.map(({ id, poolId }) => ({ accountId: poolId, groupId: id })),
];
const payers = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.uniqueArray(fc.constantFrom(...PAYERS), { minLength: 1, maxLength: 3 }),
  },
  { weight: 1, arbitrary: fc.constant([{ accountId: 101, groupId: 'group-2' }, { accountId: 4 }]) },
);
/** One of the user's, one of another user, or one that does not exist. */
const choice = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom('any' as const, 'none' as const) },
);

const hold: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.constant('hold' as const),
    generation,
    mostCredits: fc.integer({ min: 0, max: 160 }),
    leastCredits: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 160 }) },
    ),
    leaseId: fc.constant('lease'),
    model: fc.constant('dummy'),
    price: fc.constant(flatPrice(100)),
    inputTokens: fc.constant(5),
    content: fc.constant('hello'),
    apiKey: fc.option(choice, { nil: undefined, freq: 2 }),
    payers: fc.option(payers, { nil: undefined, freq: 3 }),
    conversation: fc.option(choice, { nil: undefined, freq: 2 }),
    idempotency,
    atMs,
  })
  .map(({ payers, apiKey, conversation, ...it }) => {
    const command = withGeneration(it);
    const { accountId } = command;
    return {
      ...command,
      leastCredits: Math.min(it.leastCredits, it.mostCredits),
      payers: payers && payersFor(accountId, payers),
      apiKeyId: chosen(apiKey, API_KEYS, (key) => key.userId === accountId),
      conversationId: chosen(conversation, CONVERSATIONS, (of) => of.accountId === accountId),
    };
  });

function withGeneration<T extends { generation: { generationId: string; accountId: number } }>({
  generation,
  ...rest
}: T) {
  return { ...rest, ...generation };
}

/** Mostly those that may pay; a pool that is not the user's only where it is alone. */
function payersFor(
  accountId: number,
  payers: readonly (Payer | 'self')[],
): readonly Payer[] | undefined {
  const all = payers.map((payer) => (payer === 'self' ? { accountId } : payer));
  if (all.length === 1) return all;
  return all.filter(({ groupId }) => {
    const group = GROUPS.find(({ id }) => id === groupId);
    return !group || group.members.some((id) => id === accountId);
  });
}

function chosen<T extends { readonly id: string }>(
  choice: number | 'any' | 'none' | undefined,
  all: readonly T[],
  isOwn: (it: T) => boolean,
): string | undefined {
  if (choice === undefined || choice === 'none') return choice;
  const own = choice === 'any' ? all : all.filter(isOwn);
  return own[choice === 'any' ? all.length - 1 : choice % own.length]?.id;
}

const settle: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.constant('settle' as const),
    generation,
    costCredits: fc.integer({ min: 0, max: 120 }),
    usage: fc.constant(UNKNOWN_USAGE),
    usageSource: fc.constant('flat' as const),
    reply: fc.constant('reply'),
    status: fc.constantFrom('complete' as const, 'incomplete' as const),
    failure: fc.constantFrom(undefined, 'stopped' as const, 'server_lost' as const),
    response: fc.constantFrom(undefined, { contentType: 'application/json', body: '{}' }),
    atMs,
  })
  .map(withGeneration);

const release: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.constant('release' as const),
    generation,
    reason: fc.constantFrom('model_failed' as const, 'server_lost_before_reply' as const),
    atMs,
  })
  .map(withGeneration);

/** A batch in booking order, and the users who are disabled while it is applied. */
export interface BatchStep {
  readonly batch: Command[];
  readonly disabledAccountIds: readonly number[];
}

const opened = fc.integer({ min: 0, max: 900 });

/** Users whom the others find, and then any. */
const opening = fc
  .tuple(
    fc.tuple(opened, opened, opened),
    fc.array(open, { maxLength: 2 }),
    fc.constantFrom([1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2]),
  )
  .map(([openings, others, present]) => [
    ...present.map((id) => ({
      kind: 'open' as const,
      accountId: id,
      user: { username: `user-${id}`, passwordHash: 'hash', isStaff: false, isSuperuser: false },
      openingTransferId: `opening-${id}`,
      openingCredits: openings[id - 1] as number,
      idempotency: undefined,
      atMs: 0,
    })),
    ...others.filter(({ accountId: id }) => id < 100),
  ]);

/** What passes between two batches. */
const passes = fc
  .constantFrom(0, 0, 1, 1, 1.5, 5, 6, 16.5, 22.5, 24, 30, 48, 48, 700)
  .map((hours) => hours * HOUR_MS);

/** The first batch only opens accounts, so that the others find some. */
export const batchSteps: fc.Arbitrary<BatchStep[]> = fc
  .tuple(
    opening,
    fc.array(
      fc.record({
        passes,
        disabledAccountIds: fc.oneof(
          { weight: 9, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.subarray([1, 2, 3, 4]) },
        ),
        batch: fc.array(
          fc.record({
            link: fc.integer({ min: 0, max: 7 }),
            command: fc.oneof(
              { weight: 1, arbitrary: open },
              { weight: 4, arbitrary: grant },
              { weight: 2, arbitrary: distribute },
              { weight: 2, arbitrary: refund },
              { weight: 5, arbitrary: assignPlan },
              { weight: 2, arbitrary: renew },
              { weight: 3, arbitrary: redeem },
              { weight: 3, arbitrary: journal },
              { weight: 16, arbitrary: hold },
              { weight: 10, arbitrary: settle },
              { weight: 2, arbitrary: release },
            ),
          }),
          { minLength: 1, maxLength: 16 },
        ),
      }),
      { minLength: 2, maxLength: 10, size: '+1' },
    ),
  )
  .map(([first, rest]) => {
    const steps: BatchStep[] = [{ batch: first, disabledAccountIds: [] }];
    const earlier: Earlier = { asked: [], ended: [] };
    let nowMs = TIMES[0] as number;
    for (const { batch, disabledAccountIds, passes } of rest) {
      nowMs += passes;
      const linked = batch.map(({ command, link }) => linkedTo(earlier, at(command, nowMs), link));
      for (const it of linked) {
        if (it.kind === 'hold') earlier.asked.push(it);
        if (it.kind === 'settle') earlier.ended.push(it);
      }
      steps.push({ batch: linked.toSorted(inBookingOrder), disabledAccountIds });
    }
    return steps;
  });

type OfGeneration = Extract<Command, { generationId: string }>;

/** What earlier batches asked for and ended. */
interface Earlier {
  readonly asked: OfGeneration[];
  readonly ended: OfGeneration[];
}

/**
 * Most holds are new ones, and most of what follows a hold is about one of an earlier batch.
 * @param link chooses which; 0 leaves the command as it is
 */
function linkedTo({ asked, ended }: Earlier, command: Command, link: number): Command {
  if (link === 0) return command;
  const from = command.kind === 'refund' ? ended : asked;
  const of = from[from.length - 1 - ((link - 1) % Math.max(1, from.length))];
  switch (command.kind) {
    case 'hold':
      return { ...command, generationId: `new-${asked.length}-${link}` };
    case 'refund':
      return of ? { ...command, chargeId: of.generationId } : command;
    case 'journal':
    case 'settle':
    case 'release':
      return of ? { ...command, generationId: of.generationId, accountId: of.accountId } : command;
    default:
      return command;
  }
}

/** A command at a time, from which the clock of its server is off. */
function at(command: Command, nowMs: number): Command {
  if (command.kind === 'journal') return command;
  const atMs = nowMs + command.atMs;
  if (command.kind !== 'assign_plan') return { ...command, atMs };
  // A plan ends later than it begins.
  const endsAtMs = command.endsAtMs && Math.max(command.endsAtMs, atMs + 1);
  return { ...command, atMs, endsAtMs };
}

function isSameEntry(
  a: { transferId: string; accountId: number },
  b: { transferId: string; accountId: number },
): boolean {
  return a.transferId === b.transferId || a.accountId === b.accountId;
}

/** Random ledger commands: few accounts, few ids and small balances, so that they often collide. */
import fc from 'fast-check';
import type { Command } from '../../src/core/ledger.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { UNKNOWN_USAGE } from '../../src/core/usage.ts';

const accountId = fc.integer({ min: 1, max: 4 });
const generationId = fc.integer({ min: 1, max: 12 }).map((n) => `generation-${n}`);
const transferId = fc
  .integer({ min: 1, max: 8 })
  .map((n) => (n <= 6 ? `transfer-${n}` : `generation-${n}`));
const credits = fc.integer({ min: 0, max: 300 });
const atMs = fc.constant(1_700_000_000_000);

const open: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('open' as const),
  accountId,
  user: fc.record({
    username: fc.integer({ min: 1, max: 5 }).map((n) => `user-${n}`),
    passwordHash: fc.constant('hash'),
    isStaff: fc.boolean(),
    isSuperuser: fc.boolean(),
  }),
  openingTransferId: fc.uuid(),
  openingCredits: credits,
  atMs,
});

const grant: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('grant' as const),
  transferId,
  accountId,
  credits: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(1_000_000_000_000_000)),
  actor: fc.constant('test'),
  reason: fc.constant('because'),
  atMs,
});

const hold: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('hold' as const),
  generationId,
  accountId,
  credits,
  model: fc.constant('dummy'),
  content: fc.constant('hello'),
  atMs,
});

const settle: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('settle' as const),
  generationId,
  accountId,
  costCredits: credits,
  price: fc.constant(flatPrice(100)),
  usage: fc.constant(UNKNOWN_USAGE),
  usageSource: fc.constant('flat' as const),
  reply: fc.constant('reply'),
  status: fc.constantFrom('complete' as const, 'incomplete' as const),
  atMs,
});

const release: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('release' as const),
  generationId,
  accountId,
  reason: fc.constant('it failed'),
  atMs,
});

/** A sequence of batches; accounts are opened early so that the rest has something to act on. */
export const batches: fc.Arbitrary<Command[][]> = fc
  .tuple(
    fc.array(open, { minLength: 1, maxLength: 6 }),
    fc.array(
      fc.array(
        fc.oneof(
          { weight: 1, arbitrary: open },
          { weight: 2, arbitrary: grant },
          { weight: 5, arbitrary: hold },
          { weight: 4, arbitrary: settle },
          { weight: 2, arbitrary: release },
        ),
        { minLength: 1, maxLength: 20 },
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([opening, rest]) => [opening, ...rest]);

/** Ledger commands with defaults for what a test does not care about. */
import type {
  HoldCommand,
  OpenCommand,
  ReleaseCommand,
  SettleCommand,
} from '../../src/core/ledger.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { UNKNOWN_USAGE } from '../../src/core/usage.ts';

export function openOf(accountId: number, openingCredits: number): OpenCommand {
  const username = `user-${accountId}`;
  return {
    kind: 'open',
    accountId,
    user: { username, passwordHash: 'hash', isStaff: false, isSuperuser: false },
    openingTransferId: `opening-${accountId}`,
    openingCredits,
    idempotency: undefined,
    atMs: 1,
  };
}

export function holdOf(generationId: string, credits: number, accountId = 1): HoldCommand {
  return {
    kind: 'hold',
    generationId,
    accountId,
    mostCredits: credits,
    leastCredits: credits,
    leaseId: 'lease',
    model: 'dummy',
    price: flatPrice(100),
    inputTokens: 5,
    content: 'hello',
    idempotency: undefined,
    atMs: 2,
  };
}

export function settleOf(generationId: string, costCredits: number, accountId = 1): SettleCommand {
  return {
    kind: 'settle',
    generationId,
    accountId,
    costCredits,
    usage: UNKNOWN_USAGE,
    usageSource: 'flat',
    reply: 'reply',
    status: 'complete',
    failure: undefined,
    atMs: 3,
  };
}

export function releaseOf(generationId: string, accountId = 1): ReleaseCommand {
  return { kind: 'release', generationId, accountId, reason: 'model_failed', atMs: 3 };
}

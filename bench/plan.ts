import type { Accounts } from './setup/accounts.ts';
import type { LedgerSize } from './setup/seed.ts';
import type { DatabaseKind } from './setup/workspaces.ts';
import type { LoadGenerator } from './system/processes.ts';
import type { Progress } from './system/progress.ts';

/** Durations and repetitions of the measurements. */
export interface Plan {
  /** For a server that has just started, before its first measurement. */
  readonly firstWarmUpMs: number;
  /** Before each measurement, since the other server ran in between. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Each server is measured so often at each number of connections; medians are reported. */
  readonly chatRounds: number;
  readonly otherRounds: number;
  readonly starts: number;
  /** From the start until memory counts as at rest. */
  readonly restMs: number;
  readonly memoryLoadMs: number;
  readonly growth: { readonly small: LedgerSize; readonly large: LedgerSize };
  readonly verify: readonly LedgerSize[];
  readonly verifyRounds: number;
  readonly admin: LedgerSize;
  readonly adminRequests: number;
  /** Short streams in a round, one after the other. */
  readonly relayStreams: number;
  /** How often each of many streams is asked for. */
  readonly relayTimes: number;
  readonly leavingMinutes: number;
  /** How many accounts renew at once, and how often chats are measured before. */
  readonly renewals: number;
  readonly renewalRounds: number;
  /** How many accounts are mailed at once. */
  readonly mail: number;
}

/** Many short rounds, not few long ones: what disturbs the machine then hits both servers. */
export const FULL_PLAN: Plan = {
  firstWarmUpMs: 4_000,
  warmUpMs: 300,
  measureMs: 1_200,
  chatRounds: 9,
  otherRounds: 3,
  starts: 5,
  restMs: 5_000,
  memoryLoadMs: 8_000,
  growth: {
    small: { accounts: 1_000, grants: 9, charges: 1 },
    large: { accounts: 1_000_000, grants: 9, charges: 1 },
  },
  verify: [
    { accounts: 1_000, grants: 1, charges: 100 },
    { accounts: 1_000, grants: 1, charges: 1_000 },
  ],
  verifyRounds: 3,
  admin: { accounts: 1_000_000, grants: 1, charges: 10 },
  adminRequests: 100,
  relayStreams: 300,
  relayTimes: 5,
  leavingMinutes: 10,
  renewals: 1_000_000,
  mail: 10_000,
  renewalRounds: 5,
};

/** For trying the benchmark itself; its numbers mean little. */
export const QUICK_PLAN: Plan = {
  firstWarmUpMs: 1_000,
  warmUpMs: 200,
  measureMs: 500,
  chatRounds: 2,
  otherRounds: 1,
  starts: 2,
  restMs: 1_000,
  memoryLoadMs: 1_000,
  growth: {
    small: { accounts: 1_000, grants: 9, charges: 1 },
    large: { accounts: 10_000, grants: 9, charges: 1 },
  },
  verify: [{ accounts: 1_000, grants: 1, charges: 10 }],
  verifyRounds: 1,
  admin: { accounts: 10_000, grants: 1, charges: 10 },
  adminRequests: 30,
  relayStreams: 100,
  relayTimes: 1,
  leavingMinutes: 0.5,
  renewals: 20_000,
  mail: 1_000,
  renewalRounds: 2,
};

export const CHAT_CONNECTIONS = [1, 32, 128] as const;
export const BALANCE_CONNECTIONS = [1, 32, 128] as const;
export const LOGIN_CONNECTIONS = [1, 32] as const;

/** What every measurement works with. */
export interface Bench {
  readonly plan: Plan;
  /** Accounts in a database of that kind, created on first use. */
  readonly accountsOn: (kind: DatabaseKind) => Promise<Accounts>;
  readonly load: Pick<LoadGenerator, 'run'>;
  readonly progress: Progress;
  /** Where Portkey's gateway is installed; undefined if it is not to be compared. */
  readonly portkeyFolder: string | undefined;
}

import { madeAtMsOf } from '../../core/backups.ts';
import type { RestReason } from '../../models/provider-client/endpoints.ts';
import type { Context } from '../context.ts';
import { lastGoodBackup } from './backups.ts';

/** The state of a server and of its database at one time, for those who watch it. */
export interface Gauges {
  /** Whether a booking gets through. */
  readonly isReady: boolean;
  /** Of all servers on the database; undefined if it does not answer. */
  readonly openHolds: { readonly count: number; readonly oldestSeconds: number } | undefined;
  /** For how long the allowance that is due longest has been; undefined as above. */
  readonly renewalLagSeconds: number | undefined;
  /** When the last good backup was made, in seconds since 1970 UTC; undefined if not known. */
  readonly lastBackupSeconds: number | undefined;
  /** Commands of the ledger, of this server. */
  readonly queue: Context['ledger']['queue'];
  /** Generations that this server is running. */
  readonly generations: number;
  /** Requests of this server that wait for credits which others hold. */
  readonly waitingTurns: number;
  /** Endpoints of providers that this server does not ask at present. */
  readonly resting: readonly { readonly provider: string; readonly reason: RestReason }[];
  /** Every model, and whether it fails although a fallback may answer in its place. */
  readonly models: readonly { readonly name: string; readonly isFailing: boolean }[];
  readonly providers: readonly string[];
}

/** Reads all of it, within seconds; what cannot be read is undefined. */
export async function readGauges(
  context: Context,
  isReady: () => Promise<boolean>,
): Promise<Gauges> {
  const { ledger, catalogue, modelHealth } = context;
  const [ready, openHolds, renewalLagSeconds, lastBackupMs] = await Promise.all([
    isReady(),
    openHoldsOf(context).catch(() => undefined),
    renewalLagOf(context).catch(() => undefined),
    lastBackupMsOf(context).catch(() => undefined),
  ]);
  return {
    isReady: ready,
    openHolds,
    renewalLagSeconds,
    lastBackupSeconds: lastBackupMs === undefined ? undefined : lastBackupMs / 1_000,
    queue: ledger.queue,
    generations: context.generations.size,
    waitingTurns: context.turns.waiting,
    resting: catalogue.providers.flatMap(({ settings, endpoints }) =>
      endpoints
        .shown()
        .flatMap(({ rest }) => rest && { provider: settings.name, reason: rest.reason })
        .filter((it) => it !== undefined),
    ),
    models: catalogue.all.map(({ name }) => ({ name, isFailing: modelHealth.of(name).isFailing })),
    providers: catalogue.providers.map(({ settings }) => settings.name),
  };
}

async function openHoldsOf({ holds, now }: Context): Promise<Gauges['openHolds']> {
  const { count, oldestAtMs } = await holds.openSummary();
  return { count, oldestSeconds: oldestAtMs === undefined ? 0 : secondsSince(oldestAtMs, now()) };
}

async function renewalLagOf({ plansInForce, accountPlans, now }: Context): Promise<number> {
  if (!plansInForce.hasPlans) return 0;
  const [oldest] = await accountPlans.due(now(), { offset: 0, limit: 1 });
  return oldest ? secondsSince(oldest.renewsAtMs, now()) : 0;
}

async function lastBackupMsOf({ backups }: Context): Promise<number | undefined> {
  const backup = await lastGoodBackup(backups.settings.folder);
  return backup && madeAtMsOf(backup.manifest);
}

function secondsSince(atMs: number, nowMs: number): number {
  return Math.max(0, nowMs - atMs) / 1_000;
}

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../plan.ts';
import { checkLedger, type LedgerCheck } from '../setup/check-ledger.ts';
import { startChit } from '../system/processes.ts';
import { peakWhile, residentMb } from '../system/resources.ts';

const CONNECTIONS = 128;

/** Resident memory of the server, in megabytes of a million bytes. */
export interface Memory {
  readonly atRestMb: number;
  /** The most that was seen while it answered chats on 128 connections. */
  readonly underLoadMb: number;
}

/** Memory of a server that was just started, and under load. Linux only: it reads `/proc`. */
export async function measureMemory(
  bench: Bench,
): Promise<{ readonly memory: Memory; readonly check: LedgerCheck } | undefined> {
  const { load, plan, progress } = bench;
  if (!existsSync('/proc/self/status')) return undefined;
  progress.show('memory: at rest');
  const accounts = await bench.accountsOn('sqlite');
  const workspace = await accounts.copy();
  const server = await startChit(workspace);
  await sleep(plan.restMs);
  const atRestMb = residentMb(server.pid);

  progress.show('memory: under load');
  const job = {
    port: server.port,
    connections: CONNECTIONS,
    warmUpMs: 0,
    measureMs: plan.memoryLoadMs,
    requests: accounts.chats(),
  };
  const { result, peakMb: underLoadMb } = await peakWhile(server.pid, () => load.run(job));
  await server.stop();
  const check = await checkLedger('Chit (memory)', workspace, [result]);
  return { memory: { atRestMb, underLoadMb }, check };
}

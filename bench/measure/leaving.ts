/** Memory over many minutes of streams whose readers disconnect. */

import type { Bench } from '../plan.ts';
import type { LedgerCheck } from '../setup/check-ledger.ts';
import { startRelay, streamRequest } from '../setup/relay.ts';
import { countsIn, type Workspace } from '../setup/workspaces.ts';
import { runChit, StreamReader } from '../system/processes.ts';
import { residentMb } from '../system/resources.ts';

const STREAMS = 100;
const CHUNKS = 50;
const DELAY_MS = 20;
/** After a fifth of each stream. */
const LEAVE_AFTER = 10;

export interface LeavingMemory {
  readonly minutes: number;
  readonly streams: number;
  /** Resident memory at the end of each tenth of the time, in megabytes of a million bytes. */
  readonly residentMb: readonly number[];
}

/** Streams abandoned again and again; memory must not grow. */
export async function measureLeaving({
  plan,
  progress,
}: Bench): Promise<{ readonly memory: LeavingMemory; readonly check: LedgerCheck }> {
  const relay = await startRelay();
  const reader = new StreamReader();
  const { port, pid } = relay.chit;
  const request = streamRequest(relay.keys[0] as string, { chunks: CHUNKS, delayMs: DELAY_MS });
  const job = { port, request, streams: STREAMS, times: 10, chunks: CHUNKS };
  const beginMs = performance.now();
  const tenthMs = (plan.leavingMinutes * 60_000) / 10;
  const samples: number[] = [];
  let streams = 0;
  while (samples.length < 10) {
    progress.show(`leaving: ${streams} streams, tenth ${samples.length + 1} of 10`);
    await reader.run({ ...job, leaveAfter: LEAVE_AFTER });
    streams += job.streams * job.times;
    if (performance.now() - beginMs > (samples.length + 1) * tenthMs) samples.push(residentMb(pid));
  }
  reader.stop();
  await relay.chit.stop();
  await relay.provider.stop();
  const check = await checkLeft(relay.workspace, streams);
  return { memory: { minutes: plan.leavingMinutes, streams, residentMb: samples }, check };
}

/** Each is charged once for what was delivered, and no hold is left. */
async function checkLeft(workspace: Workspace, streams: number): Promise<LedgerCheck> {
  const { charges, openHolds } = await countsIn(workspace);
  const faults: string[] = [];
  if (charges !== streams) faults.push(`${streams} were left, ${charges} were charged.`);
  if (openHolds > 0) faults.push(`${openHolds} holds were left open.`);
  const code = await runChit(workspace, ['ledger', 'verify']);
  if (code !== 0) faults.push(`"chit ledger verify" exited with ${code}.`);
  const counts = { answered: streams, messages: streams, charges };
  return { server: 'Chit (leaving)', ...counts, faults };
}

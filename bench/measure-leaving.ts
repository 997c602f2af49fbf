/** Memory over many minutes of streams whose readers leave in the middle. */
import type { Books } from './books.ts';
import { countsIn, type Place } from './places.ts';
import type { Bench } from './plan.ts';
import { runChit, StreamReader } from './processes.ts';
import { startRelay, streamRequest } from './relay.ts';
import { residentMb } from './resources.ts';

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

/** Streams that are left, again and again; memory must not grow with them. */
export async function measureLeaving({
  plan,
  progress,
}: Bench): Promise<{ readonly memory: LeavingMemory; readonly books: Books }> {
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
  const books = await booksOf(relay.place, streams);
  return { memory: { minutes: plan.leavingMinutes, streams, residentMb: samples }, books };
}

/** Each of them is charged for as far as it came, once, and no hold is left. */
async function booksOf(place: Place, streams: number): Promise<Books> {
  const { charges, openHolds } = await countsIn(place);
  const faults: string[] = [];
  if (charges !== streams) faults.push(`${streams} were left, ${charges} were charged.`);
  if (openHolds > 0) faults.push(`${openHolds} holds were left open.`);
  const code = await runChit(place, ['ledger', 'verify']);
  if (code !== 0) faults.push(`"chit ledger verify" exited with ${code}.`);
  const counts = { answered: streams, messages: streams, charges };
  return { server: 'Chit (leaving)', ...counts, faults };
}

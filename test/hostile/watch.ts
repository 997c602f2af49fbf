/** Watches a server from a thread of its own: how long a small request takes, and its memory. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const PROBE_EVERY_MS = 25;
/** A probe is given up after this time, and counts as having taken it. */
const MOST_PROBE_MS = 10_000;
const BYTES_PER_PAGE = 4_096;
const TICKS_PER_SECOND = 100;

/** In milliseconds. */
export interface Delays {
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** Measures in the background until it is stopped. */
export class Watch {
  readonly #worker: Worker;

  constructor(url: string) {
    this.#worker = new Worker(import.meta.filename, { workerData: { url } });
  }

  /** Ends it; returns how long `GET /healthz` took. */
  async stop(): Promise<Delays> {
    const delays = new Promise<Delays>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('stop');
    const result = await delays;
    await this.#worker.terminate();
    return result;
  }
}

/** Resident memory of a process in megabytes of a million bytes; undefined without `/proc`. */
export function residentMb(pid: number): number | undefined {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
    return Math.round((Number(pages) * BYTES_PER_PAGE) / 1e6);
  } catch {
    return undefined;
  }
}

/** Processor time that a process has used, in seconds; undefined without `/proc`. */
export function processorSeconds(pid: number): number | undefined {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13);
    return Math.round((Number(user) + Number(system)) / TICKS_PER_SECOND);
  } catch {
    return undefined;
  }
}

function probe(url: string): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const end = () => resolve(performance.now() - startedMs);
    const options = { agent: false, timeout: MOST_PROBE_MS };
    const outgoing = request(`${url}/healthz`, options, (incoming) => {
      incoming.resume();
      incoming.once('close', end);
    });
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', end);
    outgoing.end();
  });
}

async function measure(url: string): Promise<void> {
  const delays: number[] = [];
  let isStopped = false;
  parentPort?.once('message', () => {
    isStopped = true;
  });
  while (!isStopped) {
    delays.push(await probe(url));
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => Math.round(delays[Math.floor(delays.length * share)] ?? 0);
  parentPort?.postMessage({
    count: delays.length,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    mostMs: Math.round(delays.at(-1) ?? 0),
  } satisfies Delays);
}

if (!isMainThread) await measure((workerData as { url: string }).url);

/** What a process has used, as the kernel counts it. Linux only: it reads `/proc`. */
import { readFileSync } from 'node:fs';

/** The kernel's unit for times of processes, the same on every Linux. */
const TICK_MS = 10;
const SAMPLE_EVERY_MS = 100;

/** Resident memory, in megabytes of a million bytes. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return (kibibytes * 1024) / 1_000_000;
}

/** Time on a processor so far, in milliseconds, in the program and in the kernel for it. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The most memory that is seen while something runs. */
export async function peakWhile<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly peakMb: number }> {
  let peakMb = 0;
  const sampling = setInterval(() => {
    peakMb = Math.max(peakMb, residentMb(pid));
  }, SAMPLE_EVERY_MS);
  const result = await work().finally(() => clearInterval(sampling));
  return { result, peakMb };
}

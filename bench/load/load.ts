/**
 * The load generator: a process of its own, so that it shares an event loop with nothing that is
 * measured. It takes jobs as messages from the process that started it, one at a time.
 */
import { performance } from 'node:perf_hooks';
import { Connection } from './connection.ts';
import { answerJobs } from './jobs.ts';
import type { LoadJob, LoadResult } from './load-job.ts';
import { Latencies, percentile } from './statistics.ts';

/** Runs one job: every connection sends, waits for the answer, and sends again. */
async function run(job: LoadJob): Promise<LoadResult> {
  const requests = job.requests.map((it) => Buffer.from(it));
  const connections = await Promise.all(
    Array.from({ length: job.connections }, () => Connection.open(job.port)),
  );
  const latencies = new Latencies();
  const otherStatuses: Record<string, number> = {};
  let answered = 0;
  const beginMs = performance.now() + job.warmUpMs;
  const endMs = beginMs + job.measureMs;

  const repeat = async (connection: Connection, request: Buffer) => {
    let doneMs = performance.now();
    while (doneMs < endMs) {
      const sentMs = doneMs;
      const status = await connection.send(request);
      doneMs = performance.now();
      if (status === 200) answered += 1;
      else otherStatuses[status] = (otherStatuses[status] ?? 0) + 1;
      if (doneMs >= beginMs && doneMs < endMs) latencies.add(doneMs - sentMs);
    }
  };
  const before = performance.eventLoopUtilization();
  try {
    await Promise.all(
      connections.map((it, index) => repeat(it, requests[index % requests.length] as Buffer)),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
  const sorted = latencies.sorted();
  return {
    perSecond: (latencies.count / job.measureMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    answered,
    otherStatuses,
    generatorBusy: performance.eventLoopUtilization(before).utilization,
  };
}

answerJobs(run);

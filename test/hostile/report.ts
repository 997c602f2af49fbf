import type { Report } from './run.ts';

const SHOWN_FAULTS = 20;

/** A report for people. */
export function reportAsText(report: Report): string {
  const { requests, seconds, delays, memoryMb, faults, withoutSuccess, compared } = report;
  const replies = [...report.replies].sort(([a], [b]) => a.localeCompare(b));
  const perSecond = Math.round(requests / Math.max(1, seconds));
  return [
    ...replies.map(([what, count]) => `${String(count).padStart(8)}  ${what}`),
    '',
    `${requests} requests in ${seconds} s, ${perSecond} per second; seed ${report.seed}`,
    `processor time of the server: ${report.processorSeconds ?? 'unknown'} s`,
    `GET /healthz meanwhile: median ${delays.medianMs} ms, 99 % within ${delays.p99Ms} ms, ` +
      `at most ${delays.mostMs} ms, of ${delays.count}`,
    `memory in each third, median: ${memoryMb.join(', ') || 'unknown'} MB`,
    `${compared} answered messages compared with their charges`,
    `never successful: ${withoutSuccess.join(', ') || 'no route'}`,
    `faults: ${faults.length}`,
    ...faults.slice(0, SHOWN_FAULTS).map((it) => `- ${it.sentence}\n  ${it.request}`),
    '',
  ].join('\n');
}

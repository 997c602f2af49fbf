/** The panel in the report. */
import type { AdminTimes } from '../measure/admin.ts';
import type { SumsSpeed } from '../measure/sums.ts';
import { DATABASE_NAMES } from '../setup/workspaces.ts';
import { comparisonCells, comparisonHead, type Section, verdict } from './parts.ts';

/** The target for the 95th percentile of each response. */
const P95_MS = 100;

/** How long the API of each page took. */
export function adminSection(times: AdminTimes): Section {
  const { database, users, charges, days, summedUpSeconds, routes } = times;
  const rows = routes.map(({ route, p50Ms, p95Ms }) => [
    ...[route, p50Ms.toFixed(1), p95Ms.toFixed(1)],
    `< ${P95_MS}: ${verdict(p95Ms < P95_MS)}`,
  ]);
  const perSecond = (charges / summedUpSeconds).toFixed(0);
  const count = (number: number) => number.toLocaleString('en');
  return {
    title: `The panel's API on ${DATABASE_NAMES[database]}`,
    table: { head: ['request', 'p50 ms', 'p95 ms', 'target'], rows },
    lines: [
      `${count(users)} users and ${count(charges)} charges over ${days} days`,
      `all charges summed up in ${summedUpSeconds.toFixed(0)} s, ${perSecond} a second`,
    ],
  };
}

/** What it would cost to sum up usage while it is booked, and what it costs later. */
export function sumsSection(sums: readonly SumsSpeed[]): Section {
  const rows = sums.map((it) => [DATABASE_NAMES[it.database], ...comparisonCells(it), '']);
  return {
    title: 'POST /api/chat/, sums of usage derived later and kept by the settling transaction',
    table: { head: ['database', ...comparisonHead('derived', 'kept')], rows },
    lines: [...new Map(sums.map((it) => [it.database, it])).values()].map(
      ({ database, derivedPerSecond }) =>
        `${DATABASE_NAMES[database]}: ${derivedPerSecond.toFixed(0)} a second summed up afterwards`,
    ),
  };
}

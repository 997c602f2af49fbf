/** Chats with and without limits in the report. */
import type { CpuPerChat, LimitsSpeed } from '../measure/limits.ts';
import { DATABASE_NAMES } from '../setup/workspaces.ts';
import { comparisonCells, comparisonHead, type Section, verdict } from './parts.ts';

const TARGET = 0.8;
const TARGET_CONNECTIONS = 32;

/** How fast chats are for which six limits count. */
export function limitsSection(speeds: readonly LimitsSpeed[]): Section {
  const rows = speeds.map((it) => [
    DATABASE_NAMES[it.database],
    ...comparisonCells(it),
    it.connections === TARGET_CONNECTIONS ? `>= ${TARGET}: ${verdict(it.ratio >= TARGET)}` : '',
  ]);
  return {
    title: 'POST /api/chat/ with six limits (pool, member, plan twice, staff, own) and with none',
    table: { head: ['database', ...comparisonHead('six', 'none')], rows },
    lines: speeds.map(cpuLine),
  };
}

function cpuLine({ database, connections, firstCpu, secondCpu }: LimitsSpeed): string {
  const ratio = totalOf(secondCpu) / totalOf(firstCpu);
  return (
    `${DATABASE_NAMES[database]}, ${connections} connections, time of processors for a chat: ` +
    `${cpuText(firstCpu)} with six, ${cpuText(secondCpu)} with none, ratio ${ratio.toFixed(2)}`
  );
}

function totalOf({ serverUs, databaseUs }: CpuPerChat): number {
  return serverUs + databaseUs;
}

function cpuText({ serverUs, databaseUs }: CpuPerChat): string {
  const server = `${serverUs.toFixed(0)} µs`;
  return databaseUs > 0 ? `${server} and ${databaseUs.toFixed(0)} µs in PostgreSQL` : server;
}

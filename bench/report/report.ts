/** The results as text: on the terminal and, the same, as Markdown. */

import type { Comparison } from '../load/take-turns.ts';
import type { AdminTimes } from '../measure/admin.ts';
import type { CheckoutSpeed } from '../measure/against.ts';
import type { ChatSpeed } from '../measure/chats.ts';
import type { CountingSpeed } from '../measure/counting.ts';
import type { GrowthSpeed } from '../measure/growth.ts';
import type { HotSpeed } from '../measure/hot.ts';
import type { LeavingMemory } from '../measure/leaving.ts';
import type { LimitsSpeed } from '../measure/limits.ts';
import type { MailTimes } from '../measure/mail.ts';
import type { Memory } from '../measure/memory.ts';
import type { RelaySpeed } from '../measure/relay.ts';
import type { RenewalTimes } from '../measure/renewals.ts';
import type { RouteSpeed } from '../measure/routes.ts';
import type { StartTimes } from '../measure/start.ts';
import type { SumsSpeed } from '../measure/sums.ts';
import type { VerifyTime } from '../measure/verify.ts';
import type { LedgerCheck } from '../setup/check-ledger.ts';
import { DATABASE_NAMES } from '../setup/workspaces.ts';
import type { Machine, Versions } from '../system/machine.ts';
import { adminSection, sumsSection } from './admin.ts';
import { againstSection } from './against.ts';
import { limitsSection } from './limits.ts';
import { mailSection } from './mail.ts';
import { cells, comparisonCells, comparisonHead, type Section, verdict } from './parts.ts';
import { countingSection, leavingSection, relaySections } from './relay.ts';
import { renewalsSection } from './renewals.ts';
import { asMarkdown, asText } from './table.ts';

/** Targets. */
const TARGETS = {
  ratio: { sqlite: 0.85, postgres: 0.6 },
  ratioFromConnections: 32,
  /** At 32 connections, with the database and the load generator on the same two cores. */
  postgresPerSecond: 2_500,
  hot: 0.8,
  growth: 0.85,
  verifyCharges: 1_000_000,
  verifySeconds: 10,
  atRestMb: 120,
} as const;
/** A load generator busier than this may itself be the bottleneck. */
const GENERATOR_LIMIT = 0.9;

/** Results that parts add to while they run; of parts that were not run there are none. */
export interface Draft {
  readonly at: string;
  readonly machine: Machine;
  readonly chats: ChatSpeed[];
  readonly hot: HotSpeed[];
  readonly growth: GrowthSpeed[];
  readonly verify: VerifyTime[];
  readonly admin: AdminTimes[];
  readonly sums: SumsSpeed[];
  readonly renewals: RenewalTimes[];
  readonly mail: MailTimes[];
  readonly limits: LimitsSpeed[];
  readonly against: CheckoutSpeed[];
  readonly routes: RouteSpeed[];
  memory?: Memory;
  start?: StartTimes;
  relay?: RelaySpeed;
  counting?: CountingSpeed;
  leaving?: LeavingMemory;
  readonly checks: LedgerCheck[];
}

/** A part that failed; the parts after it were not run. */
export interface Failure {
  readonly part: string;
  readonly reason: string;
}

/** Everything that a run found out. */
export interface Report extends Readonly<Draft> {
  readonly versions: Versions;
  readonly failure?: Failure;
}

/** A report without results. */
export function newDraft(at: string, machine: Machine): Draft {
  return {
    at,
    machine,
    chats: [],
    hot: [],
    growth: [],
    verify: [],
    admin: [],
    sums: [],
    renewals: [],
    mail: [],
    limits: [],
    against: [],
    routes: [],
    checks: [],
  };
}

/** Whether every request that was answered is stored and charged, and nothing else is. */
export function ledgersAgree({ checks }: Report): boolean {
  return checks.every(({ faults }) => faults.length === 0);
}

export function reportAsText(report: Report): string {
  const sections = sectionsOf(report).map(({ title, table, lines = [] }) =>
    [title, ...(table ? [asText(table)] : []), ...lines].join('\n'),
  );
  return `${sections.join('\n\n')}\n`;
}

export function reportAsMarkdown(report: Report): string {
  const sections = sectionsOf(report).map(({ title, table, lines = [] }) => {
    const list = lines.map((line) => `- ${line}`).join('\n');
    const parts = [`## ${title}`, ...(table ? [asMarkdown(table)] : []), ...(list ? [list] : [])];
    return parts.join('\n\n');
  });
  return `# Benchmark of ${report.at}\n\n${sections.join('\n\n')}\n`;
}

function sectionsOf(report: Report): Section[] {
  const { chats, hot, growth, verify, admin, sums, renewals, mail, limits } = report;
  const { against, routes } = report;
  const { memory, start, relay, counting, leaving, failure } = report;
  return [
    ...(failure ? [failureSection(failure)] : []),
    ...(against.length > 0 ? [againstSection(against)] : []),
    ...(chats.length > 0 ? [chatSection(chats)] : []),
    ...(hot.length > 0 ? [hotSection(hot)] : []),
    ...(growth.length > 0 ? [growthSection(growth)] : []),
    ...(verify.length > 0 ? [verifySection(verify)] : []),
    ...admin.map(adminSection),
    ...(sums.length > 0 ? [sumsSection(sums)] : []),
    ...(renewals.length > 0 ? [renewalsSection(renewals)] : []),
    ...(mail.length > 0 ? [mailSection(mail)] : []),
    ...(limits.length > 0 ? [limitsSection(limits)] : []),
    ...(relay ? relaySections(relay) : []),
    ...(counting ? [countingSection(counting)] : []),
    ...(leaving ? [leavingSection(leaving)] : []),
    ...(routes.length > 0 ? [routeSection(routes)] : []),
    ...(memory || start ? [processSection(memory, start)] : []),
    ...(report.checks.length > 0
      ? [{ title: 'Ledgers', lines: report.checks.map(ledgerLine) }]
      : []),
    { title: 'Measured on', lines: circumstances(report) },
  ];
}

function failureSection({ part, reason }: Failure): Section {
  return {
    title: 'Incomplete',
    lines: [`The part "${part}" failed, and no later part was run: ${reason}`],
  };
}

function chatSection(chats: readonly ChatSpeed[]): Section {
  const rows = chats.map((it) => [
    ...[DATABASE_NAMES[it.database], ...comparisonCells(it)],
    chatVerdict(it),
  ]);
  return {
    title: 'POST /api/chat/, Chit and the floor',
    table: { head: ['database', ...comparisonHead('Chit', 'floor')], rows },
    lines: generatorLines(chats),
  };
}

function chatVerdict({ database, connections, ratio, first }: ChatSpeed): string {
  if (connections < TARGETS.ratioFromConnections) return '';
  const target = TARGETS.ratio[database];
  const ofFloor = `>= ${target}: ${verdict(ratio >= target)}`;
  if (database === 'sqlite' || connections > TARGETS.ratioFromConnections) return ofFloor;
  const { postgresPerSecond } = TARGETS;
  const isFast = first.perSecond >= postgresPerSecond;
  return `${ofFloor}; >= ${postgresPerSecond}/s: ${verdict(isFast)}`;
}

function hotSection(hot: readonly HotSpeed[]): Section {
  const rows = hot.map((it) => [
    ...[DATABASE_NAMES[it.database], ...comparisonCells(it)],
    `>= ${TARGETS.hot}: ${verdict(it.ratio >= TARGETS.hot)}`,
  ]);
  return {
    title: 'POST /api/chat/, one hot account and many accounts',
    table: { head: ['database', ...comparisonHead('hot', 'many')], rows },
    lines: generatorLines(hot),
  };
}

function growthSection(growth: readonly GrowthSpeed[]): Section {
  const rows = growth.map((it) => [
    ...[`${it.route} on ${DATABASE_NAMES[it.database]}`, ...comparisonCells(it)],
    `>= ${TARGETS.growth}: ${verdict(it.ratio >= TARGETS.growth)}`,
  ]);
  return {
    title:
      'A large ledger (1,000,000 accounts, 10,000,000 transfers) and a small one (1,000, 10,000)',
    table: { head: ['', ...comparisonHead('large', 'small')], rows },
    lines: [...sizeLines(growth), ...generatorLines(growth)],
  };
}

function sizeLines(growth: readonly GrowthSpeed[]): string[] {
  const sizes = growth[0]?.sizes ?? [];
  return sizes.map(({ accounts, grants, charges }) => {
    const transfers = accounts * (grants + charges);
    return `${accounts.toLocaleString('en')} accounts, ${transfers.toLocaleString('en')} transfers`;
  });
}

function verifySection(verify: readonly VerifyTime[]): Section {
  const rows = verify.map(({ database, charges, seconds, peakMb }) => [
    DATABASE_NAMES[database],
    ...[charges.toLocaleString('en'), seconds.toFixed(1), peakMb.toFixed(0)],
    verifyVerdict(charges, seconds),
  ]);
  const head = ['database', 'charges', 'seconds', 'memory at most, MB', 'target'];
  return { title: 'chit ledger verify', table: { head, rows } };
}

function verifyVerdict(charges: number, seconds: number): string {
  const { verifyCharges, verifySeconds } = TARGETS;
  return charges < verifyCharges ? '' : `< ${verifySeconds} s: ${verdict(seconds < verifySeconds)}`;
}

function generatorLines(comparisons: readonly Comparison[]): string[] {
  return comparisons.some(({ generatorBusy }) => generatorBusy > GENERATOR_LIMIT)
    ? ['The load generator had hardly any time left: the faster one may be faster yet.']
    : [];
}

function routeSection(routes: readonly RouteSpeed[]): Section {
  const rows = routes.map((it) => [it.route, String(it.connections), ...cells(it)]);
  const head = ['route', 'connections', 'per second', 'p50 ms', 'p99 ms'];
  return { title: 'Other routes', table: { head, rows } };
}

function processSection(memory: Memory | undefined, start: StartTimes | undefined): Section {
  const rows: string[][] = [];
  if (memory) {
    const { atRestMb, underLoadMb } = memory;
    const target = `<= ${TARGETS.atRestMb} MB: ${verdict(atRestMb <= TARGETS.atRestMb)}`;
    rows.push(['memory at rest', `${atRestMb.toFixed(0)} MB`, target]);
    rows.push(['memory under load, at most', `${underLoadMb.toFixed(0)} MB`, '']);
  }
  if (start) {
    rows.push(['first start to first answer', `${start.firstMs.toFixed(0)} ms`, '']);
    rows.push(['later start to first answer', `${start.againMs.toFixed(0)} ms`, '']);
  }
  return { title: 'The process', table: { head: ['', 'measured', 'target'], rows } };
}

function ledgerLine({ server, answered, messages, charges, faults }: LedgerCheck): string {
  const counts = `${answered} answered, ${messages} stored, ${charges} charged`;
  return `${server}: ${counts}. ${faults.length === 0 ? 'They agree.' : faults.join(' ')}`;
}

function circumstances({ at, machine, versions }: Report): string[] {
  const { cpu, cores, memoryGb, os, fsyncMs } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${os}; an fsync takes ${fsyncMs.toFixed(2)} ms`,
    `Chit ${versions.chit} (${versions.commit}), Node ${versions.node}, SQLite ${versions.sqlite}${
      versions.postgres ? `, PostgreSQL ${versions.postgres}` : ''
    }`,
    `${at}; medians of rounds in which the two that are compared took turns`,
  ];
}

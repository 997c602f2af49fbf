/** Renewals in the report. */
import type { RenewalTimes } from '../measure/renewals.ts';
import { DATABASE_NAMES } from '../setup/workspaces.ts';
import { type Section, verdict } from './parts.ts';

const TARGETS = { accounts: 1_000_000, seconds: 300, p99MoreMs: 50 } as const;

/** How long all accounts took to renew, and what chats noticed of it. */
export function renewalsSection(renewals: readonly RenewalTimes[]): Section {
  const rows = renewals.map((it) => [
    ...[DATABASE_NAMES[it.database], it.accounts.toLocaleString('en'), it.seconds.toFixed(0)],
    ...[it.before.perSecond.toFixed(0), it.during.perSecond.toFixed(0)],
    ...[it.before.p99Ms.toFixed(1), it.during.p99Ms.toFixed(1)],
    `${it.worstP99Ms.before.toFixed(0)}, ${it.worstP99Ms.during.toFixed(0)}`,
    verdictOf(it),
  ]);
  const head = ['database', 'accounts', 'seconds'];
  const chats = ['chats/s before', 'during', 'p99 ms before', 'during', 'worst 3 s'];
  return {
    title: 'Allowances of all accounts that renew at one midnight while chats run',
    table: { head: [...head, ...chats, 'target'], rows },
  };
}

function verdictOf({ accounts, seconds, before, during }: RenewalTimes): string {
  const isQuick = seconds < (TARGETS.seconds * accounts) / TARGETS.accounts;
  const isUnnoticed = during.p99Ms - before.p99Ms < TARGETS.p99MoreMs;
  return (
    `< ${TARGETS.seconds} s a million: ${verdict(isQuick)}; ` +
    `< ${TARGETS.p99MoreMs} ms more: ${verdict(isUnnoticed)}`
  );
}

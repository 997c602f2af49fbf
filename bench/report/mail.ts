/** Mail to everybody at one midnight, in the report. */
import type { MailTimes } from '../measure/mail.ts';
import { DATABASE_NAMES } from '../setup/workspaces.ts';
import { type Section, verdict } from './parts.ts';

const TARGETS = { forgottenSeconds: 10, moreMb: 100 } as const;

/** How long mail to all accounts took, and what chats and others who get mail noticed of it. */
export function mailSection(all: readonly MailTimes[]): Section {
  const rows = all.map((it) => [
    ...[DATABASE_NAMES[it.database], it.accounts.toLocaleString('en')],
    it.perMinute?.toLocaleString('en') ?? 'no mail',
    ...[it.renewedSeconds.toFixed(1), it.sentSeconds?.toFixed(0) ?? ''],
    it.forgottenSeconds?.toFixed(1) ?? '',
    ...[it.before.perSecond.toFixed(0), it.during.perSecond.toFixed(0)],
    ...[it.before.p99Ms.toFixed(1), it.during.p99Ms.toFixed(1)],
    ...[`${it.restMb.toFixed(0)}, ${it.peakMb.toFixed(0)}`, String(it.connections)],
    verdictOf(it),
  ]);
  const head = ['database', 'accounts', 'mail a minute', 'renewed s', 'all sent s', 'link s'];
  const chats = ['chats/s before', 'during', 'p99 ms before', 'during'];
  return {
    title: 'Mail to all accounts that renew at one midnight, while chats run',
    table: {
      head: [...head, ...chats, 'MB before, most', 'connections', 'target'],
      rows,
    },
  };
}

function verdictOf({ forgottenSeconds = 0, restMb, peakMb }: MailTimes): string {
  return (
    `link < ${TARGETS.forgottenSeconds} s: ` +
    `${verdict(forgottenSeconds < TARGETS.forgottenSeconds)}; ` +
    `< ${TARGETS.moreMb} MB more: ${verdict(peakMb - restMb < TARGETS.moreMb)}`
  );
}

import type { Counts, ImportReport } from '../app/django-import/import-log.ts';
import { counted } from '../core/counted.ts';
import { print, printTable, visible } from './output.ts';

/** Prints what was imported, or would be, and every difference from the original. */
export function printReport(report: ImportReport, { isDryRun }: { isDryRun: boolean }): void {
  const rows = { users: report.users, superusers: report.superusers, chats: report.chats };
  printTable(Object.entries(rows).map(([name, counts]) => row(name, counts, isDryRun)));
  for (const problem of report.problems()) print(visible(problem));
  const { midnight, borrowed } = report.times;
  if (midnight > 0) print(`${counted(midnight, 'chat')} with only a date: dated midnight UTC.`);
  if (borrowed > 0) {
    print(`${counted(borrowed, 'chat')} without a time: dated like the chat before.`);
  }
  const skipped = skippedOf(report);
  print(skipped === undefined ? 'Nothing was skipped.' : skipped);
  if (isDryRun) print('This was a dry run: nothing was written.');
}

function skippedOf({
  users,
  superusers,
  chats,
  tokensLeftBehind,
}: ImportReport): string | undefined {
  const what = [
    ...(users.skipped > 0
      ? [`${counted(users.skipped, 'user')} (with ${counted(tokensLeftBehind, 'token')})`]
      : []),
    ...(superusers.skipped > 0 ? [counted(superusers.skipped, 'superuser')] : []),
    ...(chats.skipped > 0 ? [counted(chats.skipped, 'chat')] : []),
  ];
  if (what.length === 0) return undefined;
  return `Not imported, for the reasons above: ${what.join(', ')}.`;
}

function row(name: string, { imported, known, skipped }: Counts, isDryRun: boolean) {
  const done = isDryRun ? 'to import' : 'imported';
  return { what: name, [done]: imported, 'already here': known, skipped };
}

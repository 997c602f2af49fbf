import { Command } from 'commander';
import { ImportInterrupted, importDjango } from '../app/django-import/import-django.ts';
import type { ImportReport } from '../app/django-import/import-log.ts';
import { ChitError, hasCode } from '../core/errors.ts';
import { DjangoSource, DjangoSourceError } from '../store/django-import/django-source.ts';
import { commandLine } from './command-line-principal.ts';
import { printReport } from './import-report.ts';
import { CommandFailure, print, printError, progressBar } from './output.ts';
import { withChit } from './with-chit.ts';

export function importDjangoCommand(): Command {
  return new Command('import-django')
    .description('Import users, balances and chats from the database of a Django site')
    .argument('<path>', 'its SQLite file, with the tables api_user and api_chat')
    .option('--dry-run', 'write nothing, only report what would be imported')
    .addHelpText(
      'after',
      '\nIt can be interrupted and run again: what was imported before is left as it is.',
    )
    .action(importFrom);
}

async function importFrom(
  path: string,
  { dryRun: isDryRun = false }: { dryRun?: boolean },
): Promise<void> {
  const source = open(path);
  const stop = new AbortController();
  // A second signal has its default effect and kills the process.
  const onSignal = () => stop.abort(new CommandFailure('it was stopped.'));
  for (const signal of SIGNALS) process.once(signal, onSignal);
  const bar = progressBar('Users and chats');
  try {
    await withChit(
      async ({ context, isNewDatabase }) => {
        if (isNewDatabase) print('There was no database here, so a new one was created.');
        const options = { isDryRun, signal: stop.signal, onProgress: bar.update };
        const done = await importDjango(context, commandLine(), source, options).finally(bar.end);
        printReport(done, { isDryRun });
      },
      { mayCreate: true },
    );
  } catch (error) {
    if (!(error instanceof ImportInterrupted)) throw error;
    explain(error.report, error.cause, isDryRun);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    source.close();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function open(path: string): DjangoSource {
  try {
    return new DjangoSource(path);
  } catch (error) {
    if (error instanceof DjangoSourceError) throw new CommandFailure(error.message);
    throw error;
  }
}

/** Reports what was done until the import was interrupted, and how to continue. */
function explain(report: ImportReport, cause: unknown, isDryRun: boolean): never {
  printReport(report, { isDryRun });
  const nextStep = isDryRun
    ? 'The dry run was interrupted, so the report is incomplete'
    : 'The import was interrupted. What was imported stays; to continue, run it again';
  const reason = reasonOf(cause);
  if (reason !== undefined) throw new CommandFailure(`${nextStep}. The reason: ${reason}`);
  printError(`${nextStep}.`);
  throw cause;
}

/** The reason as a sentence; undefined for an unexpected error, which is shown with its stack. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  if (hasCode(cause, 'ledger_unavailable')) {
    const reason = reasonOf(cause.cause) ?? 'the reason is unknown.';
    return `the database could not be written: ${reason}`;
  }
  const isExpected = cause instanceof DjangoSourceError || cause instanceof CommandFailure;
  // Errors of the system and of databases have a code.
  const isOfSystem = 'code' in cause && typeof cause.code === 'string';
  return isExpected || (isOfSystem && !(cause instanceof ChitError)) ? cause.message : undefined;
}

import { Command } from 'commander';
import { ImportBrokenOff, importDjango } from '../app/django-import/import-django.ts';
import type { ImportReport } from '../app/django-import/import-log.ts';
import { ChitError, hasCode } from '../core/errors.ts';
import { DjangoSource, DjangoSourceError } from '../store/django-import/django-source.ts';
import { commandLine } from './command-line-principal.ts';
import { printReport } from './import-report.ts';
import { CommandFailure, printError, progressBar } from './output.ts';
import { withChit } from './with-chit.ts';

export function importDjangoCommand(): Command {
  return new Command('import-django')
    .description('Bring users, balances and chats over from the database of a Django site')
    .argument('<path>', 'its SQLite file, with the tables api_user and api_chat')
    .option('--dry-run', 'write nothing, and report what would be done')
    .addHelpText(
      'after',
      '\nIt can be broken off and done again: what is here already is left as it is.',
    )
    .action(importFrom);
}

async function importFrom(
  path: string,
  { dryRun: isDryRun = false }: { dryRun?: boolean },
): Promise<void> {
  const source = open(path);
  const stop = new AbortController();
  // The second signal ends it as ever, should this one not be enough.
  const onSignal = () => stop.abort(new CommandFailure('it was stopped.'));
  for (const signal of SIGNALS) process.once(signal, onSignal);
  const bar = progressBar('Users and chats');
  try {
    await withChit(async ({ context }) => {
      const options = { isDryRun, signal: stop.signal, onProgress: bar.update };
      const done = await importDjango(context, commandLine(), source, options).finally(bar.end);
      printReport(done, { isDryRun });
    });
  } catch (error) {
    if (!(error instanceof ImportBrokenOff)) throw error;
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

/** Says what was done until the import was broken off, and how to go on. */
function explain(report: ImportReport, cause: unknown, isDryRun: boolean): never {
  printReport(report, { isDryRun });
  const wayOn = isDryRun
    ? 'The dry run was broken off, so the report is not whole'
    : 'The import was broken off. What is here already stays; to go on, do the same again';
  const reason = reasonOf(cause);
  if (reason !== undefined) throw new CommandFailure(`${wayOn}. The reason: ${reason}`);
  printError(`${wayOn}.`);
  throw cause;
}

/** In words; undefined for what nobody expected, whose stack is for whoever reports it. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  if (hasCode(cause, 'ledger_unavailable')) {
    return `the database could not be written: ${reasonOf(cause.cause) ?? 'it is not known why.'}`;
  }
  const isExpected = cause instanceof DjangoSourceError || cause instanceof CommandFailure;
  // What the system and the databases report has a code.
  const isOfSystem = 'code' in cause && typeof cause.code === 'string';
  return isExpected || (isOfSystem && !(cause instanceof ChitError)) ? cause.message : undefined;
}

import { Command } from 'commander';
import { importDjango } from '../app/import-django.ts';
import type { Counts } from '../app/import-log.ts';
import { DjangoSource, DjangoSourceError } from '../store/django-source.ts';
import { commandLine } from './by.ts';
import { CommandFailure, print, printTable, progressBar, visible } from './output.ts';
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
    .action((path: string, { dryRun: isDryRun = false }: { dryRun?: boolean }) =>
      withChit(async ({ context }) => {
        const source = open(path);
        const bar = progressBar('Users and chats');
        try {
          const options = { isDryRun, onProgress: bar.update };
          const report = await importDjango(context, commandLine(), source, options);
          bar.end();
          const rows = { users: report.users, superusers: report.superusers, chats: report.chats };
          printTable(Object.entries(rows).map(([name, counts]) => row(name, counts, isDryRun)));
          for (const problem of report.problems) print(visible(problem));
          if (report.moreProblems > 0) print(`… and ${report.moreProblems} more.`);
          if (isDryRun) print('This was a dry run: nothing was written.');
        } finally {
          bar.end();
          source.close();
        }
      }),
    );
}

function open(path: string): DjangoSource {
  try {
    return new DjangoSource(path);
  } catch (error) {
    if (error instanceof DjangoSourceError) throw new CommandFailure(error.message);
    throw error;
  }
}

function row(name: string, { imported, known, skipped }: Counts, isDryRun: boolean) {
  const done = isDryRun ? 'to import' : 'imported';
  return { what: name, [done]: imported, 'already here': known, skipped };
}

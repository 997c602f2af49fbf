import { Command } from 'commander';
import { print } from './output.ts';
import { withChit } from './with-chit.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Upgrade the database to the newest schema (`serve` does so too)')
    .action(() =>
      withChit(
        async ({ migrated }) => {
          for (const name of migrated) print(`Applied ${name}.`);
          if (migrated.length === 0) print('The database is up to date.');
        },
        { mayCreate: true },
      ),
    );
}

import { Command } from 'commander';
import { makeSetupLink } from '../app/accounts/one-time-links.ts';
import { auditEntry } from '../app/principal.ts';
import { loadConfig } from '../config.ts';
import { commandLine } from './command-line-principal.ts';
import { CommandFailure, print } from './output.ts';
import { withChit } from './with-chit.ts';

export function setupLinkCommand(): Command {
  return new Command('setup-link')
    .description('Print a link with which anyone can create the first superuser')
    .action(() =>
      withChit(async ({ context }) => {
        const link = await makeSetupLink(context);
        if (!link)
          throw new CommandFailure('There is already a superuser: sign in with that account.');
        await context.auditLog.add(
          auditEntry(commandLine(), { action: 'setup.link', target: 'site' }),
        );
        const { host, port, publicUrl } = loadConfig().config;
        if (publicUrl !== '') {
          print(`${publicUrl}${link.path}`);
          print('It works once, for 30 minutes.');
          return;
        }
        print(`http://${host.includes(':') ? `[${host}]` : host}:${port}${link.path}`);
        print('It works once, for 30 minutes. Behind a proxy, replace the address with your own.');
      }),
    );
}

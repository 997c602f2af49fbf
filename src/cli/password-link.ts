import { Command } from 'commander';
import { passwordLinkFor } from '../app/accounts/manage-users.ts';
import { loadConfig } from '../config.ts';
import { timesIn } from '../core/shown-time.ts';
import { commandLine } from './command-line-principal.ts';
import { linkAddress } from './link-address.ts';
import { print } from './output.ts';
import { userNamed, withChit } from './with-chit.ts';

/** `chit users password-link`. */
export function passwordLinkCommand(): Command {
  return new Command('password-link')
    .description(
      'Print a link with which a user chooses a password; without passwords, it signs in',
    )
    .argument('<username>')
    .option('--site <url>', 'the address of the site, in front of the link')
    .action(run);
}

function run(username: string, options: { readonly site?: string }): Promise<void> {
  return withChit(async (chit) => {
    const user = await userNamed(chit, username);
    const { path, expiresAtMs } = await passwordLinkFor(chit.context, commandLine(), user.id);
    const { passwordLogin } = loadConfig().config;
    print(linkAddress(options.site) + path);
    const purpose = passwordLogin ? '' : ', and signs in without a password';
    const until = timesIn('en-GB', chit.context.policy.timeZone)(expiresAtMs);
    print(`It works once${purpose}, until ${until}.`);
  });
}

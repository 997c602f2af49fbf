import { loadConfig } from '../config.ts';
import { printError } from './output.ts';

/**
 * The address in front of links that a command is about to print; empty if nobody has said where
 * the site is, which a line on stderr says, so that stdout is for links and programs.
 * @param site what `--site` gives, in place of CHIT_PUBLIC_URL
 */
export function linkAddress(site: string | undefined): string {
  const address = (site ?? loadConfig().config.publicUrl).replace(/\/+$/, '');
  if (address === '') {
    printError(
      'Links are printed without the address of the site: give it with --site, or set ' +
        'CHIT_PUBLIC_URL.',
    );
  }
  return address;
}

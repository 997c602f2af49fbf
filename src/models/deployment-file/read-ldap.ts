/** Reads the LDAP directory of `chit.json`. */
import { readFileSync } from 'node:fs';
import { dnKey, filledFilter, type LdapSettings } from '../../core/ldap.ts';
import type { DeploymentFile } from './deployment-schema.ts';
import type { LdapEntry } from './ldap-schema.ts';
import type { DeploymentFault } from './references.ts';

const TIMEOUT_SECONDS = 5;
const FILTER = '(uid={username})';
const GROUP_FILTER = '(|(member={dn})(uniqueMember={dn})(memberUid={username}))';
/** Addresses of the machine itself, to which nobody else listens. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

type Report = (member: string | undefined, reason: string) => void;

/** Reads the directory, if there is one. @param faults receives what is wrong with it */
export function readLdap(
  { ldap }: DeploymentFile,
  { environment }: { readonly environment: Readonly<Record<string, string | undefined>> },
  faults: DeploymentFault[],
): LdapSettings | undefined {
  if (!ldap) return undefined;
  const fault: Report = (member, reason) =>
    faults.push({ path: ['ldap', ...(member ? [member] : [])], reason });
  const urls = [ldap.url].flat();
  for (const url of urls) checkUrl(url, ldap, fault);
  const { bindDn, bindPasswordEnv, filter = FILTER, attributes = {}, groupSearch } = ldap;
  if ((bindDn === undefined) !== (bindPasswordEnv === undefined)) {
    fault(undefined, '"bindDn" and "bindPasswordEnv" belong together.');
  }
  const bindPassword = bindPasswordEnv === undefined ? undefined : environment[bindPasswordEnv];
  if (bindPasswordEnv !== undefined && !bindPassword) {
    // An empty one would be taken for nobody's (RFC 4513, 5.1.2), and everything would seem fine.
    fault('bindPasswordEnv', `the environment has no ${bindPasswordEnv}.`);
  }
  if (!filter.includes('{username}')) {
    fault('filter', 'it must contain "{username}", such as (uid={username}).');
  }
  for (const [member, text] of [
    ['filter', filter],
    ['groupSearch', groupSearch?.filter ?? GROUP_FILTER],
  ] as const) {
    if (!isBalanced(filledFilter(text, { username: 'x', dn: 'x' }))) {
      fault(member, 'a filter is in parentheses, and each that is opened is closed.');
    }
  }
  const { groups = {}, staff } = ldap;
  return {
    urls,
    startTls: ldap.startTls ?? false,
    ca: caOf(ldap, fault),
    bindDn,
    bindPassword,
    base: ldap.base,
    filter,
    attributes: {
      id: attributes.id,
      username: attributes.username ?? 'uid',
      email: attributes.email ?? 'mail',
      groups: attributes.groups ?? 'memberOf',
    },
    groupSearch: groupSearch && {
      base: groupSearch.base,
      filter: groupSearch.filter ?? GROUP_FILTER,
    },
    groups: new Map(Object.entries(groups).map(([dn, name]) => [dnKey(dn), name.trim()])),
    staff: staff && new Set(staff.map(dnKey)),
    createsAccounts: ldap.createAccounts ?? true,
    timeoutMs: (ldap.timeoutSeconds ?? TIMEOUT_SECONDS) * 1_000,
  };
}

function checkUrl(url: string, { startTls, allowPlain }: LdapEntry, fault: Report): void {
  if (!URL.canParse(url) || new URL(url).hostname === '') {
    fault('url', 'it is not a URL such as ldaps://ldap.school.example.');
    return;
  }
  const { protocol, hostname, username, pathname } = new URL(url);
  if (username !== '' || !['', '/'].includes(pathname)) {
    fault('url', 'it has only a host and perhaps a port. The rest belongs to other members.');
  }
  if (protocol === 'ldaps:') {
    if (startTls) fault('startTls', 'a connection by ldaps:// is encrypted from its beginning.');
    return;
  }
  const mayBePlain = startTls === true || allowPlain === true || LOOPBACK.test(hostname);
  if (!mayBePlain) {
    fault(
      'url',
      'over ldap:// anyone between can read passwords. Use ldaps://, or add "startTls": true.',
    );
  }
}

function caOf({ caFile }: LdapEntry, fault: Report): string | undefined {
  if (caFile === undefined) return undefined;
  try {
    const text = readFileSync(caFile, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    fault('caFile', 'the file has no certificate in PEM.');
  } catch (error) {
    fault('caFile', `it cannot be read: ${(error as Error).message}.`);
  }
  return undefined;
}

function isBalanced(filter: string): boolean {
  let depth = 0;
  for (const character of filter.replace(/\\[\da-f]{2}/gi, '')) {
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0 && /^\(.+\)$/s.test(filter);
}

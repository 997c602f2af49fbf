/** Reads the providers of `signIn` in `chit.json`. */
import type { SignInProvider } from '../../core/sign-in-provider.ts';
import { isOnPrivateNetwork } from '../provider-client/private-network.ts';
import type { DeploymentFile } from './deployment-schema.ts';
import type { DeploymentFault } from './references.ts';
import type { SignInEntry } from './sign-in-schema.ts';

/** It is a part of addresses, and of the actor in the audit log. */
const NAME = /^[a-z][a-z0-9-]{0,23}$/;
const SCOPES = ['openid', 'profile', 'email'] as const;

/** Reads all providers. @param faults receives what is wrong with them */
export function readSignIn(
  { signIn = {} }: DeploymentFile,
  { environment }: { readonly environment: Readonly<Record<string, string | undefined>> },
  faults: DeploymentFault[],
): SignInProvider[] {
  return Object.entries(signIn).map(([name, entry]) => {
    const fault = (member: string | undefined, reason: string) =>
      faults.push({ path: ['signIn', name, ...(member ? [member] : [])], reason });
    if (!NAME.test(name)) {
      fault(undefined, 'its name must be lower-case letters, digits and "-", 24 at most.');
    }
    const { issuer, clientId, clientSecretEnv, button, scopes = SCOPES } = entry;
    checkIssuer(issuer, fault);
    if (!scopes.includes('openid')) fault('scopes', 'it must contain "openid".');
    const clientSecret = clientSecretEnv === undefined ? undefined : environment[clientSecretEnv];
    if (clientSecretEnv !== undefined && !clientSecret) {
      fault('clientSecretEnv', `the environment has no ${clientSecretEnv}.`);
    }
    checkMatching(entry, fault);
    return {
      name,
      issuer,
      clientId,
      clientSecret: clientSecret || undefined,
      scopes,
      button: typeof button === 'string' ? { '': button } : button,
      usernameClaim: entry.usernameClaim,
      groupsClaim: entry.groupsClaim ?? 'groups',
      groups: entry.groups ?? {},
      staff: entry.staff,
      requires: Object.fromEntries(
        Object.entries(entry.requires ?? {}).map(([claim, values]) => [claim, [values].flat()]),
      ),
      matchesByEmail: entry.matchByEmail ?? false,
      matchesByUsername: entry.matchByUsername ?? false,
      isEmailVerified: entry.emailIsVerified ?? false,
      makesAccounts: entry.newAccounts ?? true,
      signsOut: entry.signOut ?? true,
    };
  });
}

type Report = (member: string | undefined, reason: string) => void;

/** OpenID Connect Discovery 1.0, section 4.3, and Core 1.0, section 2, of the issuer. */
function checkIssuer(issuer: string, fault: Report): void {
  if (!URL.canParse(issuer)) {
    fault('issuer', 'it is not a URL.');
    return;
  }
  const { username, password, protocol, search, hash } = new URL(issuer);
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    fault('issuer', 'it must have no user, password, query or fragment.');
  }
  if (protocol === 'http:' && !isOnPrivateNetwork(issuer)) {
    fault('issuer', 'over http:// anyone between can sign in as anybody. Use https://.');
  }
  if (issuer.includes('/.well-known/')) {
    fault('issuer', 'leave out what begins with "/.well-known/".');
  }
}

function checkMatching({ issuer, matchByEmail, emailIsVerified }: SignInEntry, fault: Report) {
  // Anybody can have a tenant, and write any address into it.
  const isForAnyTenant = /^https:\/\/login\.microsoftonline\.com\/(common|organizations)\//;
  if (matchByEmail && emailIsVerified && isForAnyTenant.test(issuer)) {
    fault(
      'emailIsVerified',
      'anybody can have a tenant with any address in it. Name your own tenant in "issuer".',
    );
  }
}

/** The providers by which people sign in, and the directory, each asked whether it can be used. */
import { LdapDirectory } from '../../../auth/ldap/ldap-directory.ts';
import { OidcClients } from '../../../auth/oidc/oidc-clients.ts';
import { signInFaultOf } from '../../../auth/oidc/sign-in-fault.ts';
import { type Finding, finding } from '../../../core/doctor.ts';
import type { LdapSettings } from '../../../core/ldap.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import type { Subject } from './subject.ts';

/** Whether people can sign in by each of them, and whether they can sign in at all. */
export async function checkSignIn(
  {
    settings,
    deployment,
  }: Pick<Subject, 'deployment'> & {
    readonly settings: Pick<Subject['settings'], 'passwordLogin' | 'publicUrl'>;
  },
  clients = new OidcClients({ fetch, now: Date.now }),
  directoryOf: (settings: LdapSettings) => Pick<LdapDirectory, 'check'> = (it) =>
    new LdapDirectory(it),
): Promise<Finding[]> {
  if (!deployment) return [];
  const { signIn = [], ldap } = deployment;
  const isNobody = signIn.length === 0 && !ldap && !settings.passwordLogin;
  if (isNobody) return [finding('sign_in_nobody', {})];
  const asked = await Promise.all(signIn.map((it) => ask(clients, it)));
  const isAddressed = signIn.length === 0 || settings.publicUrl !== '';
  return [
    ...asked,
    ...(isAddressed ? [] : [finding('sign_in_without_address', {})]),
    ...(ldap ? await checkDirectory(directoryOf(ldap)) : []),
  ];
}

async function checkDirectory(directory: Pick<LdapDirectory, 'check'>): Promise<Finding[]> {
  const servers = await directory.check();
  const found = servers.map(({ url, fault }) =>
    fault
      ? finding('ldap_server_down', { url, reason: fault.reason })
      : finding('ldap_ok', { url }),
  );
  return servers.every(({ fault }) => fault) ? [...found, finding('ldap_down', {})] : found;
}

async function ask(
  clients: Pick<OidcClients, 'check'>,
  provider: SignInProvider,
): Promise<Finding> {
  const { name, issuer } = provider;
  try {
    await clients.check(provider);
    return finding('sign_in_ok', { provider: name, issuer });
  } catch (error) {
    const { reason } = signInFaultOf(error);
    return finding('sign_in_provider_down', { provider: name, issuer, reason });
  }
}

/** The providers by which people sign in, each asked what it says of itself. */
import { OidcClients } from '../../../auth/oidc/oidc-clients.ts';
import { type Finding, finding } from '../../../core/doctor.ts';
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
): Promise<Finding[]> {
  if (!deployment) return [];
  const { signIn = [] } = deployment;
  if (signIn.length === 0) return settings.passwordLogin ? [] : [finding('sign_in_nobody', {})];
  const asked = await Promise.all(signIn.map((it) => ask(clients, it)));
  const isAddressed = settings.publicUrl !== '';
  return [...asked, ...(isAddressed ? [] : [finding('sign_in_without_address', {})])];
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
    const reason = reasonOf(error);
    return finding('sign_in_provider_down', { provider: name, issuer, reason });
  }
}

/** The innermost cause: what is around it says that something failed, and not what. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}

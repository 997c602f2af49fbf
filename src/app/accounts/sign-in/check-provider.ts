import type { ProviderFacts } from '../../../auth/oidc/oidc-clients.ts';
import { signInFaultOf } from '../../../auth/oidc/sign-in-fault.ts';
import { ChitError } from '../../../core/errors.ts';
import type { SignInFault } from '../../../core/sign-in-faults.ts';
import type { Context } from '../../context.ts';
import { providerNamed } from './providers.ts';

/**
 * Asks a provider anew what it says of itself, and for its keys.
 * @throws ChitError `sign_in_unknown`
 */
export async function checkProvider(
  context: Context,
  name: string,
): Promise<{ readonly facts: ProviderFacts } | { readonly fault: SignInFault }> {
  const provider = providerNamed(context, name);
  try {
    return { facts: await context.oidc.check(provider) };
  } catch (error) {
    if (!(error instanceof ChitError)) throw error;
    return { fault: signInFaultOf(error) };
  }
}

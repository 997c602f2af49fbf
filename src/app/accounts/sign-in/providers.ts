/** The providers by which people sign in. */
import { ChitError } from '../../../core/errors.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import type { Context } from '../../context.ts';

/** The providers of `chit.json` as it was read last. */
export function providers({ deployment }: Pick<Context, 'deployment'>): readonly SignInProvider[] {
  return deployment.current.deployment.signIn ?? [];
}

/** @throws ChitError `sign_in_unknown` */
export function providerNamed(context: Context, name: string): SignInProvider {
  const provider = providers(context).find((it) => it.name === name);
  if (!provider) throw new ChitError('sign_in_unknown', undefined);
  return provider;
}

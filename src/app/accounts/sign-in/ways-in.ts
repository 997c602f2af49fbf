import { isUsable } from '../../../auth/passwords.ts';
import type { WaysIn } from '../../../store/accounts/ways-in.ts';
import type { Context } from '../../context.ts';
import { providers } from './providers.ts';

/** Whether one of these ways signs in as the site is set up now. */
export function hasWayIn(context: Context, ways: WaysIn): boolean {
  const { passwordHash, providers: names, hasLdap, hasPasskey } = ways;
  if (hasPasskey) return true;
  if (context.policy.isPasswordLoginOn && isUsable(passwordHash)) return true;
  if (hasLdap && context.ldap.current) return true;
  return providers(context).some(({ name }) => names.includes(name));
}

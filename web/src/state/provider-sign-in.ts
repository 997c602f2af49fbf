/** Signing in by a provider: leaving for it, and what its way back says in the fragment. */
import { signal } from '@preact/signals';
import { expectSession } from '../api/client.ts';
import { path, query } from './router.ts';
import { PREFIX } from './site-address.ts';

const SIGNED_IN = '#signed-in';
const FAILED = /^#sign-in-failed=(\w{1,40})$/;
const UNPROVEN = /^#sign-in-prove=([a-z][a-z0-9-]{0,23})&([\w.-]{1,2000})$/;

/** Why signing in by a provider failed, by the code of the error. */
export const signInFailure = signal<string | undefined>(undefined);

/** An account that has to be proved to be one's own before a provider signs in to it. */
export const signInProof = signal<{ provider: string; ticket: string } | undefined>(undefined);

/** Takes what the fragment says out of the address. @returns whether somebody was signed in */
export function arriveFromProvider(): boolean {
  const { hash } = location;
  const [, code] = FAILED.exec(hash) ?? [];
  const [, provider, ticket] = UNPROVEN.exec(hash) ?? [];
  if (hash !== SIGNED_IN && code === undefined && ticket === undefined) return false;
  history.replaceState(null, '', location.pathname + location.search);
  if (provider !== undefined && ticket !== undefined) signInProof.value = { provider, ticket };
  signInFailure.value = code;
  if (hash === SIGNED_IN) expectSession();
  return hash === SIGNED_IN;
}

/**
 * Leaves for a provider, to come back to this page.
 * @param options `isAgain`: it shall ask who it is even if it knows
 */
export function leaveForProvider(name: string, options: { isAgain?: boolean } = {}): void {
  const search = query.peek().toString();
  const to = encodeURIComponent(path.peek() + (search === '' ? '' : `?${search}`));
  location.assign(`${PREFIX}/api/sign-in/${name}/?to=${to}${options.isAgain ? '&again=1' : ''}`);
}

import type { FastifyRequest } from 'fastify';
import type { RelyingParty } from '../../app/accounts/factors/passkeys.ts';

/**
 * Whom passkeys are for: the public address of the site; without one, only a browser on the same
 * computer, at `localhost`, since a `Host` header may say anything and passkeys are bound to it.
 * @returns undefined if browsers would refuse it (WebAuthn 5.1.3: a domain, over https)
 */
export function relyingParty({
  server,
  headers,
  protocol,
}: FastifyRequest): RelyingParty | undefined {
  const { url } = server.publicSite;
  const host = headers.host ?? '';
  if (url === undefined) {
    if (!/^localhost(:\d{1,5})?$/.test(host)) return undefined;
    return { id: 'localhost', origin: `${protocol}://${host}`, name: 'Chit' };
  }
  const { hostname, origin, protocol: scheme } = new URL(url);
  const isDomain = !/^[\d.]+$|^\[/.test(hostname);
  const isSecure = scheme === 'https:' || hostname === 'localhost';
  return isDomain && isSecure ? { id: hostname, origin, name: hostname } : undefined;
}

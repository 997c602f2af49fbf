import type { FastifyRequest } from 'fastify';

/**
 * The address of the site, without a slash at the end: `CHIT_PUBLIC_URL`, else where the request
 * went. A request can name any host, but providers send people only to addresses that are
 * registered with them.
 */
export function siteAddressOf({ server, protocol, host }: FastifyRequest): string {
  // As URLs are compared: without a port that is the usual one.
  return server.publicSite.url ?? new URL(`${protocol}://${host}`).origin;
}

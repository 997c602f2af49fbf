import type { FastifyRequest } from 'fastify';

const GATEWAY = /^\/v1(?:\/|$)/i;

/** Whether a request is made in one of the provider APIs, whatever its path leads to. */
export function isForGateway(request: FastifyRequest): boolean {
  return GATEWAY.test(pathOf(request));
}

/** The path of the route, or the path as it was asked for if no route has it. */
export function pathOf({ routeOptions, url }: FastifyRequest): string {
  const route = routeOptions.url;
  if (route?.startsWith('/')) return route;
  // A target may name the host too (RFC 9112, 3.2.2).
  return url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] as string;
}

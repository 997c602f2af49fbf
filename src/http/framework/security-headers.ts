import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** The headers of helmet's that matter for a response that is not a page. */
const DATA_HEADER_NAMES = new Set([
  'content-security-policy',
  'cross-origin-resource-policy',
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
]);

/** The headers that helmet sets. They are the same for every response, so they are made once. */
export const PAGE_HEADERS = headersOf(
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } },
    // Only a proxy in front of us knows whether the site is reached over https only.
    strictTransportSecurity: false,
  }),
);
/** Those of them for a response that is not a page. */
export const DATA_HEADERS = {
  ...Object.fromEntries(
    Object.entries(PAGE_HEADERS).filter(([name]) => DATA_HEADER_NAMES.has(name)),
  ),
  // Tokens, one-time links, chats: no cache keeps any of it (RFC 9111, 5.2.2.5). Pages and files
  // replace this.
  'cache-control': 'no-store',
};

/** Sets the headers that keep browsers from treating a response as a page or a part of one. */
export function registerSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(DATA_HEADERS);
    done();
  });
}

/** Sets all headers with which browsers protect a page and its users. */
export function registerPageHeaders(pages: FastifyInstance): void {
  pages.addHook('onRequest', (_request, reply, done) => {
    reply.headers(PAGE_HEADERS);
    done();
  });
}

type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** The headers that a middleware sets. */
function headersOf(middleware: Middleware): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  middleware({} as IncomingMessage, response as unknown as ServerResponse, (error) => {
    if (error) throw error;
  });
  return headers;
}

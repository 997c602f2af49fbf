import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** Those of helmet's headers that say something about an answer which is no page. */
const FOR_DATA = new Set([
  'content-security-policy',
  'cross-origin-resource-policy',
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
]);

/** What helmet advises. It is the same for every answer, so helmet is asked once. */
export const PAGE_ADVICE = adviceOf(
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } },
    // Only a proxy in front of us knows whether the site is reached by https alone.
    strictTransportSecurity: false,
  }),
);
const DATA_ADVICE = Object.fromEntries(
  Object.entries(PAGE_ADVICE).filter(([name]) => FOR_DATA.has(name)),
);

/** Sets the headers that keep browsers from taking an answer for a page or a part of one. */
export function registerSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(DATA_ADVICE);
    done();
  });
}

/** Sets all headers by which browsers protect a page and its users, as helmet advises. */
export function registerPageHeaders(pages: FastifyInstance): void {
  pages.addHook('onRequest', (_request, reply, done) => {
    reply.headers(PAGE_ADVICE);
    done();
  });
}

type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** The headers that a middleware sets on whatever it is given. */
function adviceOf(middleware: Middleware): Record<string, string> {
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

/** The browser app: its page for every path that it knows, and the files that the page needs. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { replyNotFound } from './errors.ts';
import { HttpError } from './http-error.ts';
import { PAGE_ADVICE, registerPageHeaders } from './security-headers.ts';

const DIST = join(import.meta.dirname, '../../../web/dist');
const PAGES = {
  'index.html': ['/', '/c/:id', '/account', '/statement', '/shared/:token', '/setup', '/reset'],
  'admin.html': ['/admin', '/admin/*'],
} as const;
/** Names of built files change with what is in them. */
const YEAR_SECONDS = 31_536_000;

/** Nothing comes from anywhere else, and nothing in the page's own text is a script or a style. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the app; where it was not built, its paths say how to build it. */
export async function registerPages(app: FastifyInstance): Promise<void> {
  await app.register(async (pages) => {
    registerPageHeaders(pages);
    pages.addHook('onRequest', (_request, reply, done) => {
      reply.header('content-security-policy', PAGE_POLICY);
      done();
    });
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
      route.schema = { ...route.schema, hide: true };
    });
    const isBuilt = existsSync(join(DIST, 'index.html'));
    if (isBuilt) {
      await pages.register(fastifyStatic, {
        root: DIST,
        serve: true,
        index: false,
        preCompressed: true,
        wildcard: false,
        immutable: true,
        maxAge: YEAR_SECONDS * 1000,
      });
    }
    for (const [file, paths] of Object.entries(PAGES)) {
      for (const path of paths) pages.get(path, (_, reply) => sendPage(reply, file, isBuilt));
    }
  });
}

/** Answers a path that nothing is behind: to a browser with the page, which says so in words. */
export async function replyNowhere(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!isForPeople(request)) return replyNotFound(request, reply);
  const page = await readFile(join(DIST, 'index.html')).catch(() => undefined);
  if (!page) return replyNotFound(request, reply);
  return reply
    .code(404)
    .headers({ ...PAGE_ADVICE, 'content-security-policy': PAGE_POLICY })
    .header('cache-control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(page);
}

/** Whoever asks for something of an API is a program, even in a browser. */
function isForPeople({ method, url, headers }: FastifyRequest): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && !/^\/(api|v1)(\/|$)/i.test(url) && /text\/html/i.test(headers.accept ?? '');
}

function sendPage(reply: FastifyReply, file: string, isBuilt: boolean): FastifyReply {
  if (!isBuilt) throw new HttpError(404, { detail: 'The page is built by npm run build:web.' });
  // The page names files that are replaced when it is built anew, so it is asked for each time.
  reply.header('cache-control', 'no-cache');
  return reply.sendFile(file, { cacheControl: false });
}

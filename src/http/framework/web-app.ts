/** The browser app: its page, for every path that it handles, and the files that it loads. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ChitError } from '../../core/errors.ts';
import { replyWithError, toHttpError } from './errors.ts';
import { errorHeaders, HttpError } from './http-error.ts';
import { type PublicSite, pageFor, type ShownSite, squareLogoOf } from './public-site.ts';
import { PAGE_HEADERS, registerPageHeaders } from './security-headers.ts';

const DIST = join(import.meta.dirname, '../../../web/dist');
const PAGES = {
  'index.html': [
    '/',
    '/c/:id',
    '/account',
    '/chats',
    '/import',
    '/statement',
    '/prompts',
    '/shared/:token',
    '/setup',
    '/reset',
    '/confirm',
    '/unsubscribe',
    '/forgotten',
    '/invited',
  ],
  'admin.html': ['/admin', '/admin/*'],
} as const;
/** Names of files in `assets/` contain a hash of their contents, so they can be cached. */
const YEAR_SECONDS = 31_536_000;

const FILES = { serve: true, index: false, preCompressed: true, immutable: true } as const;

/** Nothing is loaded from other sites, and the page has no inline scripts or styles. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Pictures of chats need the access token, so the page loads them itself, as blobs.
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The page as an app (https://www.w3.org/TR/appmanifest/). Its addresses are relative to it, so it
 * is the same under any path.
 */
const MANIFEST = {
  id: './',
  name: 'Chit',
  short_name: 'Chit',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#fbfaf7',
  theme_color: '#fbfaf7',
  icons: [
    { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
    { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
    {
      src: 'icons/icon-maskable-512.png',
      sizes: '512x512',
      type: 'image/png',
      purpose: 'maskable',
    },
  ],
} as const;

/** Serves the app. If it was not built, its paths say how to build it. */
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
    pages.setErrorHandler((error, request, reply) =>
      replyWithError(fileErrorOf(error) ?? error, request, reply),
    );
    const isBuilt = existsSync(join(DIST, 'index.html'));
    if (isBuilt) {
      await pages.register(fastifyStatic, {
        ...FILES,
        root: DIST,
        wildcard: false,
        globIgnore: ['assets/**'],
        setHeaders: (response) => response.header('cache-control', 'no-cache'),
      });
      // One route for all of them: with one for each, a server takes longer to start.
      await pages.register(fastifyStatic, {
        ...FILES,
        root: join(DIST, 'assets'),
        prefix: '/assets/',
        maxAge: YEAR_SECONDS * 1000,
        decorateReply: false,
      });
    }
    pages.get('/manifest.webmanifest', (_, reply) =>
      reply
        .header('cache-control', 'no-cache')
        .type('application/manifest+json')
        .send(JSON.stringify(manifestFor(app.shownSite(), app.publicSite))),
    );
    for (const [file, paths] of Object.entries(PAGES)) {
      const page = isBuilt ? await OwnPage.of(app, file) : undefined;
      for (const path of paths) pages.get(path, (_, reply) => sendPage(reply, page));
    }
  });
}

/** The smallest icon that browsers take for an app. */
const APP_ICON_PIXELS = 192;

function manifestFor(shown: ShownSite, { prefix }: PublicSite): object {
  const { name } = shown;
  const logo = squareLogoOf(shown);
  if (!logo || logo.width < APP_ICON_PIXELS) return { ...MANIFEST, name, short_name: name };
  const icon = { src: prefix + logo.path, sizes: `${logo.width}x${logo.height}` };
  return { ...MANIFEST, name, short_name: name, icons: [icon] };
}

/**
 * The error for a request whose conditions (RFC 9110, 13) or range (14) a file does not meet, or
 * whose path leads out of the folder.
 */
function fileErrorOf(error: unknown): HttpError | undefined {
  const { status, headers } = error as FileError;
  if (status === 403) return toHttpError('not_found', undefined);
  if (status === 412) return toHttpError('precondition_failed', undefined);
  if (status !== 416) return undefined;
  return toHttpError('range_not_satisfiable', { contentRange: headers?.['Content-Range'] ?? '' });
}

/** An error of @fastify/static. */
interface FileError {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a path that does not exist: to a browser with the page, which explains it. */
export async function replyNotFound(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const page = isPageRequest(request)
    ? await readFile(join(DIST, 'index.html'), 'utf8').catch(() => undefined)
    : undefined;
  if (!page) return replyWithError(new ChitError('not_found', undefined), request, reply);
  return reply
    .code(404)
    .headers({ ...PAGE_HEADERS, 'content-security-policy': PAGE_POLICY })
    .headers(errorHeaders('not_found'))
    .header('cache-control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(pageFor(page, request.server.publicSite, request.server.shownSite()));
}

/** Whether a browser asks for a page. Requests under the paths of an API come from programs. */
function isPageRequest({ method, url, headers }: FastifyRequest): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && !/^\/(api|v1|scim)(\/|$)/i.test(url) && /text\/html/i.test(headers.accept ?? '');
}

/** A page of the app as this site has it. */
class OwnPage {
  readonly file: string;
  readonly #built: string;
  readonly #app: FastifyInstance;
  #shown: ShownSite | undefined;
  #html: string | undefined;

  private constructor(app: FastifyInstance, file: string, built: string) {
    this.#app = app;
    this.file = file;
    this.#built = built;
  }

  static async of(app: FastifyInstance, file: string): Promise<OwnPage> {
    return new OwnPage(app, file, await readFile(join(DIST, file), 'utf8'));
  }

  /** Its text; undefined if it is as it was built, and the file will do. */
  get html(): string | undefined {
    const shown = this.#app.shownSite();
    if (shown !== this.#shown) {
      this.#shown = shown;
      const { publicSite } = this.#app;
      const isAsBuilt = publicSite.url === undefined && shown.appearance === null;
      this.#html = isAsBuilt ? undefined : pageFor(this.#built, publicSite, shown);
    }
    return this.#html;
  }
}

/** @param page undefined if it was not built */
function sendPage(reply: FastifyReply, page: OwnPage | undefined): FastifyReply {
  if (!page) {
    throw new HttpError('not_found', {
      status: 404,
      detail: 'The page is not built. Build it with npm run build:web.',
    });
  }
  // The page names files that the next build replaces, so browsers must not cache it.
  reply.header('cache-control', 'no-cache');
  const { html } = page;
  if (html !== undefined) return reply.type('text/html; charset=utf-8').send(html);
  return reply.sendFile(page.file, { cacheControl: false });
}

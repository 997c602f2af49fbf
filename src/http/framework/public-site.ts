import type { IncomingMessage } from 'node:http';

declare module 'fastify' {
  interface FastifyInstance {
    publicSite: PublicSite;
    /** The same object until the appearance of the site has changed. */
    shownSite: () => ShownSite;
  }
}

/** Where people reach the site, as `CHIT_PUBLIC_URL` says. */
export interface PublicSite {
  /** Without a slash at the end; undefined if the setting is not set. */
  readonly url: string | undefined;
  /** The path in front of all paths of the site, such as `/chat`; empty at the root of a host. */
  readonly prefix: string;
  readonly host: string | undefined;
  readonly isHttps: boolean;
}

/** What the HTML says of the site's own appearance. */
export interface ShownSite {
  readonly name: string;
  /** Plain data for the page; null where nothing was set, so that the page is as it was built. */
  readonly appearance: {
    readonly logo: {
      readonly path: string;
      readonly width: number;
      readonly height: number;
    } | null;
  } | null;
}

/** @param url as the setting's parser returns it: without a slash at the end, empty for none */
export function publicSiteOf(url: string): PublicSite {
  if (url === '') return { url: undefined, prefix: '', host: undefined, isHttps: false };
  const { pathname, host, protocol } = new URL(url);
  const prefix = pathname === '/' ? '' : pathname;
  return { url, prefix, host, isHttps: protocol === 'https:' };
}

/**
 * The option of Fastify with which requests are served whether the proxy leaves the prefix in their
 * path or not.
 */
export function prefixOption({ prefix }: PublicSite) {
  if (prefix === '') return {};
  return { rewriteUrl: ({ url = '/' }: IncomingMessage) => withoutPrefix(url, prefix) };
}

/** The target of a request without the prefix; the same if it does not begin with it. */
export function withoutPrefix(target: string, prefix: string): string {
  // A target may name the host too (RFC 9112, 3.2.2).
  const [host = ''] = /^https?:\/\/[^/?]*/i.exec(target) ?? [];
  if (!target.startsWith(prefix, host.length)) return target;
  const rest = target.slice(host.length + prefix.length);
  if (rest.startsWith('/')) return host + rest;
  return rest === '' || rest.startsWith('?') ? `${host}/${rest}` : target;
}

/**
 * A built page for this site: its files are under the prefix, it knows its own address, and what
 * the site is called and looks like, so that nothing else is seen first.
 */
export function pageFor(html: string, { url, prefix }: PublicSite, shown?: ShownSite): string {
  const appearance = shown?.appearance ?? undefined;
  const data = appearance ? ` data-site="${escaped(JSON.stringify(appearance))}"` : '';
  const named = shown && appearance ? withName(html, shown.name) : html;
  const icon = iconOf(shown);
  const marked = icon === undefined ? named : named.replace(ICON, () => icon);
  return marked.replaceAll(/\b(src|href)="\//g, `$1="${prefix}/`).replace('<html ', () => {
    return `<html data-prefix="${prefix}" data-address="${url ?? ''}"${data} `;
  });
}

const ICON = /<link rel="icon"[^>]*>/;

/** A logo that is about as wide as high is the icon of the tab, too. */
function iconOf(shown: ShownSite | undefined): string | undefined {
  const logo = squareLogoOf(shown);
  return logo && `<link rel="icon" href="${logo.path}" />`;
}

/** The logo, if it is about as wide as high. */
export function squareLogoOf(shown: ShownSite | undefined) {
  const logo = shown?.appearance?.logo ?? undefined;
  return logo && Math.abs(logo.width - logo.height) * 10 <= logo.height ? logo : undefined;
}

function withName(html: string, name: string): string {
  return html.replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(name)}</title>`);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

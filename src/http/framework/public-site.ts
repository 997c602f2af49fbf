import type { IncomingMessage } from 'node:http';

declare module 'fastify' {
  interface FastifyInstance {
    publicSite: PublicSite;
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

/** A built page for this site: its files are under the prefix, and it knows its own address. */
export function pageFor(html: string, { url, prefix }: PublicSite): string {
  return html
    .replaceAll(/\b(src|href)="\//g, `$1="${prefix}/`)
    .replace('<html ', `<html data-prefix="${prefix}" data-address="${url ?? ''}" `);
}

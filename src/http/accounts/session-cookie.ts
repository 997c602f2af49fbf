/**
 * Cookies of a browser that scripts cannot read (RFC 6265bis): the refresh token of the session,
 * and the mark of a device that somebody has signed in with. Other sites cannot make the browser
 * send them (`SameSite=Strict`). Over https their names begin with `__Host-`, so that no other host
 * of the domain can set them; elsewhere only the session routes receive them. That prefix demands
 * the path `/` (RFC 6265bis, 4.1.3.2), so where the site is under a path, the names of its cookies
 * contain that path: several sites on one host then do not replace each other's.
 *
 * The mark of a browser that has left for a provider of OpenID Connect is sent when that one sends
 * it back (`SameSite=Lax`). It is worth nothing without the state and the code that come with it.
 */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const REFRESH = 'chit_refresh';
const DEVICE = 'chit_device';
const SIGN_IN = 'chit_sign_in';
const HOST_PREFIX = '__Host-';
const PATH = '/api/session';
const SIGN_IN_PATH = '/api/sign-in';
/** Browsers keep no cookie for longer (RFC 6265bis, 5.5). */
const DEVICE_SECONDS = 400 * 86_400;

/** Sets the cookie, for as long as the refresh token is valid. */
export function keepInCookie(reply: FastifyReply, token: string, seconds: number): void {
  setCookie(reply, { name: REFRESH, value: token, maxAge: seconds });
}

/** Removes the cookie. The mark of the device stays: its user has been here all the same. */
export function dropCookie(reply: FastifyReply): void {
  setCookie(reply, { name: REFRESH, value: '', maxAge: 0 });
}

/** The refresh token in the cookie; empty without one. */
export function tokenInCookie(request: FastifyRequest): string {
  return cookieIn(request, REFRESH);
}

/** Sets the cookie with the marks of this device. */
export function keepDevice(reply: FastifyReply, marks: string): void {
  setCookie(reply, { name: DEVICE, value: marks, maxAge: DEVICE_SECONDS });
}

/** The marks of this device; empty without any. */
export function deviceIn(request: FastifyRequest): string {
  return cookieIn(request, DEVICE);
}

/** Sets the mark of a browser that leaves for a provider. */
export function keepSignIn(reply: FastifyReply, mark: string, seconds: number): void {
  setCookie(reply, { name: SIGN_IN, value: mark, maxAge: seconds });
}

/** The mark of a browser that has left for a provider; empty without any. */
export function signInMarkIn(request: FastifyRequest): string {
  return cookieIn(request, SIGN_IN);
}

/** Sets a cookie that ends at once, as the others are set, to see what arrives of it. */
export function setProbeCookie(reply: FastifyReply): void {
  setCookie(reply, { name: 'chit_doctor', value: '', maxAge: 0 });
}

function cookieIn(request: FastifyRequest, name: string): string {
  const cookies = parseCookie(request.headers.cookie ?? '');
  const ownName = name + suffixOf(request);
  const safe = cookies[HOST_PREFIX + ownName];
  // Another host of the domain can set a cookie without the prefix.
  return safe ?? (isSecure(request) ? undefined : cookies[ownName]) ?? '';
}

/** The path of the site, in characters that the name of a cookie may have (RFC 6265, 4.1.1). */
function suffixOf({ server }: FastifyRequest): string {
  return server.publicSite.prefix.replaceAll('/', '_');
}

function setCookie(
  reply: FastifyReply,
  cookie: { readonly name: string; readonly value: string; readonly maxAge: number },
): void {
  // Home networks often have no https, where browsers would drop a secure cookie.
  const secure = isSecure(reply.request);
  const { request } = reply;
  const name = cookie.name + suffixOf(request);
  const isSignIn = cookie.name === SIGN_IN;
  const sameSite = isSignIn ? 'lax' : 'strict';
  const shared = { ...cookie, name, httpOnly: true, sameSite, secure } as const;
  const place = secure
    ? { ...shared, name: HOST_PREFIX + name, path: '/' }
    : { ...shared, path: request.server.publicSite.prefix + (isSignIn ? SIGN_IN_PATH : PATH) };
  reply.header('set-cookie', stringifySetCookie(place));
}

/**
 * Whether the browser is at an https address: the public one, if that is https, or by what a proxy
 * says. One that is not declared may say so as well, and so may the browser itself (`Origin`):
 * whoever claims it gets nothing but a stricter cookie.
 */
function isSecure({ protocol, headers, server, url }: FastifyRequest): boolean {
  const { isHttps, host } = server.publicSite;
  // Providers send browsers to the public address only, and such a request has no `Origin`.
  if (isHttps && url.startsWith(SIGN_IN_PATH)) return true;
  const forwarded = [headers['x-forwarded-proto']].flat()[0] ?? '';
  return (
    protocol === 'https' ||
    (isHttps && headers.host === host) ||
    /^\s*https\s*(,|$)/i.test(forwarded) ||
    /^https:/i.test(headers.origin ?? '')
  );
}

/**
 * The refresh token of a browser, in a cookie that scripts cannot read (RFC 6265bis). Other sites
 * cannot make the browser send it (`SameSite=Strict`), and only the session routes receive it.
 */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'chit_refresh';
const PATH = '/api/session';

/** Sets the cookie, for as long as the refresh token is valid. */
export function keepInCookie(reply: FastifyReply, token: string, seconds: number): void {
  reply.header('set-cookie', cookieOf(reply.request, token, seconds));
}

/** Removes the cookie. */
export function dropCookie(reply: FastifyReply): void {
  reply.header('set-cookie', cookieOf(reply.request, '', 0));
}

/** The refresh token in the cookie; empty without one. */
export function tokenInCookie(request: FastifyRequest): string {
  return parseCookie(request.headers.cookie ?? '')[NAME] ?? '';
}

function cookieOf({ protocol }: FastifyRequest, token: string, maxAge: number): string {
  // Home networks often have no https, where browsers would drop a secure cookie.
  const secure = protocol === 'https';
  return stringifySetCookie({
    name: NAME,
    value: token,
    path: PATH,
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge,
  });
}

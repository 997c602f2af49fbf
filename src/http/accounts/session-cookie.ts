/**
 * The refresh token of a browser, in a cookie that no script can read (RFC 6265bis). Other sites
 * cannot make a browser send it (`SameSite=Strict`), and it goes to the routes for sessions only.
 */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'chit_refresh';
const PATH = '/api/session';

/** Keeps a refresh token with the browser for as long as it lives. */
export function keepInCookie(reply: FastifyReply, token: string, seconds: number): void {
  reply.header('set-cookie', cookieOf(reply.request, token, seconds));
}

/** Takes it away. */
export function dropCookie(reply: FastifyReply): void {
  reply.header('set-cookie', cookieOf(reply.request, '', 0));
}

/** The refresh token that the browser has; empty if it has none. */
export function tokenInCookie(request: FastifyRequest): string {
  return parseCookie(request.headers.cookie ?? '')[NAME] ?? '';
}

function cookieOf({ protocol }: FastifyRequest, token: string, maxAge: number): string {
  // In a home network there often is no https; there the cookie must do without.
  const secure = protocol === 'https';
  const kept = { path: PATH, httpOnly: true, sameSite: 'strict', secure, maxAge } as const;
  return stringifySetCookie({ name: NAME, value: token, ...kept });
}

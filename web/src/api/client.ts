/**
 * Requests to the API. The access token is kept in memory only; when it has expired, the HTTP-only
 * refresh cookie gives a new one.
 */

import type { ErrorCode, ParamsOf, ProofMethod } from '../../../src/http/framework/error-schema.ts';
import { keep, kept } from '../state/preferences.ts';
import { PREFIX } from '../state/site-address.ts';
import { isUnreachable } from './unreachable.ts';

/** Remembers that somebody signed in here; scripts cannot see the cookie itself. */
const SESSION = 'session';

/** The server refused a request. Its `message` is the server's own sentence, in English. */
export class ApiError extends Error {
  readonly status: number;
  /** Why, for programs: one of ErrorCode, or one that this version of the page does not know. */
  readonly code: string | undefined;
  /** The parameters of the code, as `ErrorParams` describes them; undefined if it has none. */
  readonly params: unknown;
  /** The server's sentences by field, where fields are at fault. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, body: unknown, headers: Headers) {
    super(sentenceIn(body));
    const { code, params } = (body ?? {}) as { code?: unknown; params?: unknown };
    const retryAfter = headers.get('retry-after');
    this.status = status;
    this.code = headers.get('chit-error') ?? (typeof code === 'string' ? code : undefined);
    this.params = paramsIn(headers) ?? params;
    this.fields = fieldsIn(body);
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
  }
}

/** Whether the server refused a request for this reason. */
export function hasCode(error: unknown, code: ErrorCode): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

/** The network or the server cannot be reached. */
export class Unreachable extends Error {}

/** Whether a failed request may have been carried out all the same. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (!(error instanceof ApiError)) return !(error instanceof SessionOver);
  return error.status >= 500 || error.status === 409;
}

/** It expired, its user signed out here or in another tab, or another user signed in. */
export type End = 'expired' | 'left' | 'elsewhere' | 'another';

/** The session of a request ended before its response came, which is dropped. */
export class SessionOver extends Error {
  readonly reason: End;

  constructor(reason: End) {
    super();
    this.reason = reason;
  }
}

let access: string | undefined;
/** The user id in the access token; undefined until there was one. */
let owner: string | undefined;
/** Counts sessions, so that a response of one is not used in another. */
let session = 0;
/** Whether the session has ended at the server, and the page begins another. */
let isReplaced = false;
let lastEnd: End = 'expired';
/** Whether the user, who is asked for a proof at the moment, gives one. */
let asking: Promise<boolean> | undefined;
let refreshing: Promise<boolean> | undefined;
let leaving: Promise<unknown> = Promise.resolve();
let onEnd: (reason: End) => void = () => {};

/** Asks the user for a proof, by one of these methods. @returns false if none is given */
type AskForProof = (methods: readonly ProofMethod[]) => Promise<boolean>;

let proofFrom: AskForProof = async () => false;

/** Registers what asks for proofs. */
export function provideProofs(from: AskForProof): void {
  proofFrom = from;
}

/** Registers what to do when the session ends. */
export function whenSessionEnds(react: (reason: End) => void): void {
  onEnd = react;
}

/**
 * Begins a session.
 * @param path of the route that begins one, such as `/api/session/`
 * @throws ApiError, Unreachable
 */
export async function startSession(path: string, body: object): Promise<void> {
  // A late response to signing out would delete the new cookie.
  await leaving;
  const { access: token } = await ask<{ access: string }>(path, body);
  session += 1;
  isReplaced = false;
  access = token;
  owner = ownerOf(token);
  keep(SESSION, '1');
}

/**
 * Ends the session at the server and begins another. Until that has begun, which may take a second
 * step, a refused request does not end what is shown.
 * @throws what the replacement throws
 */
export async function replaceSession(replacement: () => Promise<void>): Promise<void> {
  const replaced = session;
  isReplaced = true;
  try {
    await replacement();
  } catch (error) {
    if (session === replaced) isReplaced = false;
    throw error;
  }
}

/**
 * Asks for something that needs no session.
 * @throws ApiError, Unreachable
 */
export async function ask<T>(path: string, body: object): Promise<T> {
  const response = await send('POST', path, body);
  return (await response.json()) as T;
}

/** Ends the session: here at once, then at the server. */
export async function signOut(): Promise<void> {
  endSession('left');
  const ending = send('DELETE', '/api/session/').catch(() => undefined);
  leaving = ending;
  const response = await ending;
  if (response?.status !== 200) return;
  const { sign_out_url: url } = (await response.json()) as { sign_out_url: string };
  location.assign(url);
}

/** A session was begun by a page of the server: its cookie is there. */
export function expectSession(): void {
  keep(SESSION, '1');
}

/** Ends the session in this tab. */
export function endSession(reason: End): void {
  access = undefined;
  owner = undefined;
  refreshing = undefined;
  session += 1;
  isReplaced = false;
  lastEnd = reason;
  // In the other cases another tab decides whether there is a session.
  if (reason === 'expired' || reason === 'left') keep(SESSION, '');
  onEnd(reason);
}

/** Whether there is a session; requests an access token if there may be one. */
export async function isSignedIn(): Promise<boolean> {
  return access !== undefined || (kept(SESSION) !== '' && (await refresh()));
}

/**
 * Calls the API.
 * @returns the JSON of the response; undefined if it has no body
 * @throws ApiError, Unreachable, SessionOver
 */
export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<T> {
  const startedIn = session;
  const response = await authorized(method, path, body, { headers });
  const json: unknown = response.status === 204 ? undefined : await response.json();
  requireSession(startedIn);
  return json as T;
}

/**
 * Calls the API with the access token, renewing it once if it has expired. If the server asks for a
 * proof of who the user is, the user is asked, and the request is repeated.
 * @returns the response, for the caller to read
 * @throws ApiError, Unreachable, SessionOver
 */
export async function authorized(
  method: string,
  path: string,
  body?: unknown,
  more: { headers?: Record<string, string> | undefined; signal?: AbortSignal } = {},
): Promise<Response> {
  const startedIn = session;
  const once = () =>
    send(method, path, body, { ...more, isAuthorized: true }).finally(() =>
      requireSession(startedIn),
    );
  try {
    return await renewing(once);
  } catch (error) {
    if (!hasCode(error, 'proof_required') || !(await askForProof(error))) throw error;
    requireSession(startedIn);
    return renewing(once);
  }
}

/** Repeats a request with a new access token if it has expired. */
async function renewing(once: () => Promise<Response>): Promise<Response> {
  const startedIn = session;
  try {
    return await once();
  } catch (error) {
    const isExpired = error instanceof ApiError && error.status === 401;
    if (!isExpired) throw error;
    const isRenewed = await refresh();
    requireSession(startedIn);
    if (isRenewed) return once();
    if (!isReplaced) endSession('expired');
    throw new SessionOver('expired');
  }
}

/**
 * Proves once more who the user is, for what the server asks it for.
 * @throws ApiError, Unreachable, SessionOver
 */
export async function prove(given: object): Promise<void> {
  access = (await call<{ access: string }>('POST', '/api/account/proof/', given)).access;
}

/** Goes on with an access token that the server gave in place of the present one. */
export function replaceAccess(token: string): void {
  access = token;
}

/** Asks the user, once for all requests that need it at the same time. */
function askForProof({ params }: ApiError): Promise<boolean> {
  const { methods = [] } = (params ?? {}) as Partial<ParamsOf<'proof_required'>>;
  asking ??= proofFrom(methods).finally(() => {
    asking = undefined;
  });
  return asking;
}

/** The access token, for requests that are not made here; it may have expired. */
export function accessToken(): string | undefined {
  return access;
}

function requireSession(startedIn: number): void {
  if (startedIn !== session) throw new SessionOver(lastEnd);
}

/** Renews the token once for all requests that find it expired at the same time. */
function refresh(): Promise<boolean> {
  if (refreshing) return refreshing;
  const renewal: Promise<boolean> = renew(session).finally(() => {
    if (refreshing === renewal) refreshing = undefined;
  });
  refreshing = renewal;
  return renewal;
}

/** The cookie belongs to the browser, so the session may be another user's by now. */
async function renew(startedIn: number): Promise<boolean> {
  let token: string;
  try {
    await leaving;
    const response = await send('POST', '/api/session/refresh/');
    token = ((await response.json()) as { access: string }).access;
  } catch (error) {
    // A server that is busy or unreachable does not end the session.
    if (error instanceof ApiError && error.status < 429) return false;
    throw error;
  }
  requireSession(startedIn);
  const user = ownerOf(token);
  if (owner !== undefined && user !== owner) {
    endSession('another');
    throw new SessionOver('another');
  }
  owner = user;
  access = token;
  return true;
}

/** Calls the API as the page ends, when nothing can be waited for. */
export function callAtEnd(method: string, path: string): void {
  if (!access) return;
  const headers = { authorization: `Bearer ${access}` };
  void fetch(PREFIX + path, { method, headers, keepalive: true }).catch(() => undefined);
}

/** The user id in a token. The server verifies tokens; here they are only compared. */
function ownerOf(token: string): string {
  const [, payload = ''] = token.split('.');
  const json = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
  return String((JSON.parse(json) as { user_id?: unknown }).user_id);
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  options: {
    headers?: Record<string, string> | undefined;
    signal?: AbortSignal;
    isAuthorized?: boolean;
  } = {},
): Promise<Response> {
  const { headers = {}, signal, isAuthorized = false } = options;
  const all = new Headers(headers);
  if (body !== undefined) all.set('content-type', 'application/json');
  if (isAuthorized && access) all.set('authorization', `Bearer ${access}`);
  let response: Response;
  try {
    response = await fetch(PREFIX + path, {
      method,
      headers: all,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    isUnreachable.value = true;
    throw new Unreachable();
  }
  if (response.ok) return response;
  const json: unknown = await response.json().catch(() => undefined);
  throw new ApiError(response.status, json, response.headers);
}

function paramsIn(headers: Headers): unknown {
  try {
    return JSON.parse(headers.get('chit-error-params') ?? '') as unknown;
  } catch {
    return undefined;
  }
}

function sentenceIn(body: unknown): string {
  const { error, detail } = (body ?? {}) as { error?: unknown; detail?: unknown };
  if (typeof error === 'string') return error;
  if (typeof detail === 'string') return detail;
  return Object.values(fieldsIn(body)).flat().join(' ');
}

function fieldsIn(body: unknown): Record<string, readonly string[]> {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((it): it is [string, string[]] => Array.isArray(it[1])));
}

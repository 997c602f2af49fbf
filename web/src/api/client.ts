/**
 * Calls of the API. The access token is kept in memory only; when it has run out, the cookie that
 * no script can read gives a new one.
 */

import { keep, kept } from '../state/preferences.ts';

/** That somebody signed in here; the cookie itself cannot be seen. */
const SESSION = 'session';

/** The server said no, and why. */
export class ApiError extends Error {
  readonly status: number;
  /** Sentences by field, where fields are at fault. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, body: unknown, retryAfter: string | null) {
    super(sentenceIn(body));
    this.status = status;
    this.fields = fieldsIn(body);
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
  }
}

/** The network, or the server, cannot be reached. */
export class Unreachable extends Error {}

let access: string | undefined;
let refreshing: Promise<boolean> | undefined;
let onSignedOut = () => {};

/** Says what is to happen when the session is over. */
export function whenSignedOut(react: () => void): void {
  onSignedOut = react;
}

/** @throws ApiError, Unreachable */
export async function signIn(username: string, password: string): Promise<void> {
  const answer = await send('POST', '/api/session/', { username, password });
  access = ((await answer.json()) as { access: string }).access;
  keep(SESSION, '1');
}

/** Ends the session, here and at the server. */
export async function signOut(): Promise<void> {
  await send('DELETE', '/api/session/').catch(() => undefined);
  access = undefined;
  keep(SESSION, '');
  onSignedOut();
}

/** Whether there is a session; asks for a token of it if there may be one. */
export async function isSignedIn(): Promise<boolean> {
  return access !== undefined || (kept(SESSION) !== '' && (await refresh()));
}

/**
 * Calls the API and returns what it says as JSON; undefined if it says nothing.
 * @throws ApiError, Unreachable
 */
export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<T> {
  const answer = await authorized(method, path, body, { headers });
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** A call whose answer is read by the caller. */
export async function authorized(
  method: string,
  path: string,
  body?: unknown,
  more: { headers?: Record<string, string> | undefined; signal?: AbortSignal } = {},
): Promise<Response> {
  const once = () => send(method, path, body, { ...more, isAuthorized: true });
  try {
    return await once();
  } catch (error) {
    const isExpired = error instanceof ApiError && error.status === 401;
    if (!isExpired) throw error;
    if (!(await refresh())) {
      keep(SESSION, '');
      access = undefined;
      onSignedOut();
      throw error;
    }
    return once();
  }
}

/** Many calls may find the token expired at the same time; one of them asks for a new one. */
function refresh(): Promise<boolean> {
  refreshing ??= send('POST', '/api/session/refresh/')
    .then(async (answer) => {
      access = ((await answer.json()) as { access: string }).access;
      return true;
    })
    .catch((error: unknown) => {
      // A server that is busy or away has not said that the session is over.
      if (error instanceof ApiError && error.status < 429) return false;
      throw error;
    })
    .finally(() => {
      refreshing = undefined;
    });
  return refreshing;
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
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: all,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  }
  if (answer.ok) return answer;
  const said: unknown = await answer.json().catch(() => undefined);
  throw new ApiError(answer.status, said, answer.headers.get('retry-after'));
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

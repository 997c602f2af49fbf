/** A plain client of AI providers, to look at what the emulated ones send. */

/** An event as it came. */
export interface SentEvent {
  readonly name: string | undefined;
  readonly data: unknown;
}

/** A stream as it came. */
export interface Streamed {
  readonly status: number;
  readonly events: readonly SentEvent[];
  /** Data of events that were no JSON. */
  readonly unreadable: readonly string[];
  /** Whether `[DONE]` came. */
  readonly isDone: boolean;
  /** Whether the connection was lost before the body was whole. */
  readonly isBroken: boolean;
  readonly raw: string;
}

/** POSTs JSON. The headers are those of both providers. */
export function post(url: string, path: string, body: object, signal?: AbortSignal) {
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer key-of-the-test',
    'x-api-key': 'key-of-the-test',
    ...(path.startsWith('/v1/messages') ? { 'anthropic-version': '2023-06-01' } : {}),
  };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  return fetch(`${url}${path}`, { ...init, ...(signal ? { signal } : {}) });
}

/** POSTs JSON and reads a body that is no stream; `json` is undefined if it is none. */
export async function ask(url: string, path: string, body: object) {
  const response = await post(url, path, body);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonIn(text) };
}

/** POSTs JSON and reads the stream until it ends or breaks. */
export async function streamed(url: string, path: string, body: object): Promise<Streamed> {
  const response = await post(url, path, body);
  const { raw, isBroken } = await textOf(response);
  const blocks = raw.split(/\r?\n\r?\n/).filter(Boolean);
  const events: SentEvent[] = [];
  const unreadable: string[] = [];
  let isDone = false;
  for (const block of blocks) {
    const name = /^event: (.*?)\r?$/m.exec(block)?.[1];
    const text = /^data: (.*?)\r?$/m.exec(block)?.[1] ?? '';
    const data = jsonIn(text);
    if (text === '[DONE]') isDone = true;
    else if (data === undefined) unreadable.push(text);
    else events.push({ name, data });
  }
  return { status: response.status, events, unreadable, isDone, isBroken, raw };
}

async function textOf(response: Response): Promise<{ raw: string; isBroken: boolean }> {
  const decoder = new TextDecoder();
  let raw = '';
  try {
    for await (const part of response.body ?? []) raw += decoder.decode(part, { stream: true });
    return { raw, isBroken: false };
  } catch {
    return { raw, isBroken: true };
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The field of an answer that a path as `choices.0.delta` leads to; undefined if there is none. */
export function fieldOf(value: unknown, path: string): unknown {
  let inner = value;
  for (const key of path.split('.')) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[key];
  }
  return inner;
}

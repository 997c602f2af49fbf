/** Sends what an emulated provider answers, with the delays and faults that it was told. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Behaviour, Fault, Reply } from './behaviour.ts';
import type { StreamParts, Wire } from './shared-shapes.ts';

/** One answer on its way to the client. */
export class Answer {
  readonly #response: ServerResponse;
  /** Kept, since a response that is finished has given its socket back. */
  readonly #socket: Socket | null;
  readonly #behaviour: Behaviour;
  readonly #requestId: string;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  #splits = 0;
  /** Whether the connection is closed, by either side. */
  isClosed = false;
  /** Whether this side closed it. */
  isCut = false;

  constructor(response: ServerResponse, behaviour: Behaviour, requestId: string) {
    this.#response = response;
    this.#socket = response.socket;
    this.#behaviour = behaviour;
    this.#requestId = requestId;
    response.on('close', () => {
      this.isClosed = true;
      clearTimeout(this.#timer);
      this.#wake?.();
    });
    if (behaviour.closes === 'announced') response.setHeader('Connection', 'close');
    if (behaviour.closes === 'silently') response.on('finish', () => this.#socket?.end());
  }

  /** Waits so many milliseconds, or until the connection is gone. */
  async pause(ms: number): Promise<void> {
    if (ms <= 0 || this.isClosed) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }

  /** Sends a whole body. */
  send(status: number, type: string, body: string, headers: Record<string, string> = {}): void {
    this.#head(status, { ...headers, 'Content-Type': type, 'Content-Length': lengthOf(body) });
    this.#response.end(body);
  }

  /** Sends a body, in as many writes as the behaviour wants. */
  async sendRaw({ type, body }: { readonly type: string; readonly body: string }): Promise<void> {
    this.#head(200, { 'Content-Type': type });
    await this.write(body);
    this.end();
  }

  /** Sends the head of a stream. */
  begin(): void {
    const headers = { 'Content-Type': 'text/event-stream; charset=utf-8' };
    this.#head(200, { ...headers, 'Cache-Control': 'no-cache' });
  }

  /** Sends the head of a body and only half of the body. */
  beginAndBreakOff(type: string, body: string): void {
    this.#head(200, { 'Content-Type': type, 'Content-Length': lengthOf(body) });
    this.#response.write(body.slice(0, body.length / 2));
  }

  /** Sends events, in as many writes as the behaviour wants, and waits if the client is slow. */
  async write(events: string): Promise<void> {
    const { lineEnd = '\n', splitBytes } = this.#behaviour;
    const text = lineEnd === '\n' ? events : events.replaceAll('\n', lineEnd);
    if (splitBytes) return this.#writeInParts(Buffer.from(text), splitBytes);
    if (this.isClosed || this.#response.write(text)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#response.once('drain', resolve);
    });
  }

  /** Ends the body in order. */
  end(): void {
    this.#response.end();
  }

  /** Closes the connection in the middle, once what was written before is with the system. */
  async cut(): Promise<void> {
    const socket = this.#socket;
    do await turn();
    while (socket && !socket.destroyed && socket.writableLength > 0);
    this.isCut = true;
    socket?.destroy();
  }

  /** Each part waits for the next turn, since Node would put them together again otherwise. */
  async #writeInParts(bytes: Buffer, sizes: readonly number[]): Promise<void> {
    for (let start = 0; start < bytes.length && !this.isClosed; ) {
      const size = Math.max(1, sizes[this.#splits % sizes.length] ?? 1);
      this.#splits += 1;
      this.#response.write(bytes.subarray(start, start + size));
      start += size;
      await turn();
    }
  }

  #head(status: number, headers: Record<string, string | number>): void {
    const id = { 'x-request-id': this.#requestId, 'request-id': this.#requestId };
    this.#response.writeHead(status, { ...id, ...headers });
  }
}

/** Who wants to know of each chunk of a reply that was sent. */
export interface Progress {
  chunksSent: number;
}

/**
 * Sends a reply event by event. The times of the chunks are reckoned from the first, so that a
 * busy machine delays them but does not make the whole longer.
 */
export async function sendStream(
  answer: Answer,
  parts: StreamParts,
  { pieces }: Reply,
  behaviour: Behaviour,
  progress: Progress,
): Promise<void> {
  const { fault, firstChunkDelayMs = 0, chunkDelayMs = 0 } = behaviour;
  const faultAt = Math.min(fault?.afterChunks ?? 0, pieces.length);
  answer.begin();
  const isFirst = fault !== undefined && fault.afterChunks === undefined;
  if (!isFirst) await answer.write(parts.opening());
  const startedAtMs = performance.now() + firstChunkDelayMs;
  for (let index = 0; index <= pieces.length && !answer.isClosed; index += 1) {
    const piece = pieces[index];
    if (fault && index === faultAt) {
      if (!(await commit(fault, answer, parts, piece ?? ''))) return;
      if (piece !== undefined) continue;
    }
    if (piece === undefined) break;
    const waitsMs = firstChunkDelayMs + chunkDelayMs > 0;
    if (waitsMs) await answer.pause(startedAtMs + index * chunkDelayMs - performance.now());
    if (answer.isClosed) return;
    await answer.write(parts.chunk(piece));
    progress.chunksSent += 1;
  }
  if (answer.isClosed) return;
  await answer.write(parts.closing());
  answer.end();
}

/** Sends a reply in one body. It takes as long as it would in pieces. */
export async function sendWhole(
  answer: Answer,
  wire: Wire,
  reply: Reply,
  behaviour: Behaviour,
): Promise<void> {
  const { fault, firstChunkDelayMs = 0, chunkDelayMs = 0 } = behaviour;
  await answer.pause(firstChunkDelayMs + chunkDelayMs * reply.pieces.length);
  if (answer.isClosed) return;
  const body = JSON.stringify(wire.whole(reply));
  if (fault?.kind === 'malformed' || fault?.kind === 'end') {
    answer.send(200, JSON_TYPE, body.slice(0, body.length / 2));
  } else if (fault?.kind === 'cut' || fault?.kind === 'hang') {
    answer.beginAndBreakOff(JSON_TYPE, body);
    if (fault.kind === 'cut') await answer.cut();
  } else {
    answer.send(200, JSON_TYPE, body);
  }
}

/** The type of every body that is not a stream. */
export const JSON_TYPE = 'application/json';

/** What an emulated provider says of its own failure. */
export const FAILURE = 'The server had an error while processing your request. Sorry!';

/** Does what goes wrong in a stream. @returns whether the stream goes on after it */
async function commit(
  fault: Fault,
  answer: Answer,
  parts: StreamParts,
  piece: string,
): Promise<boolean> {
  if (fault.kind === 'hang') return false;
  if (fault.kind === 'cut') {
    await answer.cut();
    return false;
  }
  if (fault.kind === 'malformed') {
    const event = parts.chunk(piece);
    await answer.write(`${event.slice(0, event.length / 2)}\n\n`);
    return true;
  }
  if (fault.kind === 'error-event') await answer.write(parts.error(fault.message ?? FAILURE));
  if (fault.kind === 'failed-event') await answer.write(parts.failed(fault.message ?? FAILURE));
  answer.end();
  return false;
}

function lengthOf(body: string): number {
  return Buffer.byteLength(body);
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Proxies close idle connections. The heartbeat is a comment, which clients ignore. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ':\n\n';
const LAST_FRAME = '0\r\n\r\n';

/** Keep proxies from buffering, storing or changing a response. */
export const STREAM_HEADERS = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

/**
 * A response as server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). After the client has
 * disconnected, what is sent is dropped; the sender need not check.
 */
export class EventStream {
  readonly #reply: FastifyReply;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  /** Whether the status was sent, so that an error can only be sent as an event. */
  get isOpen(): boolean {
    return this.#reply.raw.headersSent;
  }

  /** Sends the status and the headers. */
  open(): void {
    const { raw } = this.#reply;
    openRaw(this.#reply, 'text/event-stream; charset=utf-8');
    this.#heartbeat = setInterval(() => raw.write(HEARTBEAT), HEARTBEAT_MS);
    raw.once('close', () => clearInterval(this.#heartbeat));
  }

  /**
   * Sends an event.
   * @param data is sent as JSON
   * @param id the `Last-Event-ID` of a client that reconnects after this event
   */
  send(event: string, data: unknown, id?: string): void {
    const { raw } = this.#reply;
    if (raw.destroyed) return;
    const idLine = id === undefined ? '' : `id: ${id}\n`;
    raw.write(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#reply.raw.end();
  }
}

/**
 * The body of a response that is written in pieces, each with its frame in one write
 * (RFC 9112, section 7.1). Node writes the frames apart, which takes half as long again.
 */
export class PiecedBody {
  readonly #raw: ServerResponse;
  /** Whether there are frames at all: not for clients of HTTP/1.0. */
  readonly #isFramed: boolean;

  /** Sends the status and the headers. */
  constructor(reply: FastifyReply, contentType: string) {
    openRaw(reply, contentType);
    this.#raw = reply.raw;
    this.#isFramed = this.#raw.chunkedEncoding;
    this.#raw.chunkedEncoding = false;
  }

  /** @returns whether the client keeps up */
  write(piece: Uint8Array): boolean {
    // An empty frame would end the body.
    if (piece.length === 0) return true;
    if (!this.#isFramed) return this.#raw.write(piece);
    return this.#raw.write(framed(piece), 'latin1');
  }

  end(last: Uint8Array): void {
    if (!this.#isFramed) this.#raw.end(last);
    else this.#raw.end(`${last.length === 0 ? '' : framed(last)}${LAST_FRAME}`, 'latin1');
  }
}

/** As latin1, in which each character is a byte. */
function framed(piece: Uint8Array): string {
  return `${piece.length.toString(16)}\r\n${textOf(piece)}\r\n`;
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/** Starts a response that is written in pieces, with the headers that every response has. */
export function openRaw(reply: FastifyReply, contentType: string): void {
  reply.hijack();
  const headers = { ...reply.getHeaders(), ...STREAM_HEADERS, 'content-type': contentType };
  const { counts } = reply.server;
  counts.streams += 1;
  reply.raw.once('close', () => {
    counts.streams -= 1;
  });
  reply.raw.writeHead(200, headers as Record<string, string>);
  reply.raw.flushHeaders();
}

import type { FastifyReply } from 'fastify';

/** Proxies close idle connections. The heartbeat is a comment, which clients ignore. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ':\n\n';

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

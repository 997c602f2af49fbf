import type { FastifyReply } from 'fastify';

/** Proxies close connections on which nothing happens; a comment is nothing to its reader. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ':\n\n';

/** By which proxies neither keep an answer back nor store or change it. */
export const STREAM_HEADERS = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

/**
 * An answer as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * A reader who is gone is written to no more, and that is all: whoever sends does not notice.
 */
export class EventStream {
  readonly #reply: FastifyReply;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  /** Once the answer has begun, an error can only be one of its events. */
  get isOpen(): boolean {
    return this.#reply.raw.headersSent;
  }

  /** Sends the head of the answer. */
  open(): void {
    const { raw } = this.#reply;
    openRaw(this.#reply, 'text/event-stream; charset=utf-8');
    this.#heartbeat = setInterval(() => raw.write(HEARTBEAT), HEARTBEAT_MS);
    raw.once('close', () => clearInterval(this.#heartbeat));
  }

  /**
   * @param data anything that JSON can say
   * @param id what a reader who comes back says that it had last
   * @returns false if the reader is slow: `drained` then says when it has caught up
   */
  send(event: string, data: unknown, id?: string): boolean {
    const { raw } = this.#reply;
    if (raw.destroyed) return true;
    const idLine = id === undefined ? '' : `id: ${id}\n`;
    return raw.write(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#reply.raw.end();
  }
}

/** Begins an answer that is written piece by piece, with the headers that every answer has. */
export function openRaw(reply: FastifyReply, contentType: string): void {
  reply.hijack();
  const headers = { ...reply.getHeaders(), ...STREAM_HEADERS, 'content-type': contentType };
  reply.raw.writeHead(200, headers as Record<string, string>);
  reply.raw.flushHeaders();
}

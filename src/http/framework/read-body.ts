/**
 * Reads bodies as Fastify does, but so that long ones do not hold the event loop: they are joined
 * while they arrive, and of all together only so much is read in one turn of the loop.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { errorCodes, type FastifyRequest } from 'fastify';
import { BodyPace } from './body-pace.ts';
import { handleParseError } from './parse-errors.ts';

/** From here on a body gets memory for all of it, if its length is declared. */
const LONG_BYTES = 65_536;
/** What is read of long bodies in one turn. A socket has as much as was sent to it meanwhile. */
const BYTES_PER_TURN = 262_144;
/** How many bodies are read on in one turn; each has a chunk of 64 KiB waiting. */
const BODIES_PER_TURN = BYTES_PER_TURN / 65_536;

/**
 * Reads the body of a request. Joining it at its end would hold the event loop for a millisecond
 * per megabyte, and bodies that arrive together end in the same turn of it.
 * @param done called once, with an error of Fastify's or of the connection, or with the body
 */
export function readBody(
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: Error | undefined, body: Buffer) => void,
): void {
  const limit = request.routeOptions.bodyLimit;
  const declared = Number(request.headers['content-length']);
  if (declared > limit) {
    done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE(), NOTHING);
    return;
  }
  const isLong = declared > LONG_BYTES;
  const received = new ReceivedBody(declared);
  const pace = paceOf(request, () => received.bytes);
  const onData = (chunk: Buffer) => {
    received.add(chunk);
    if (received.bytes > limit) end(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    else if (isLong || received.bytes > LONG_BYTES) READING.took(payload, chunk.length);
  };
  const onEnd = () => {
    const isWhole = Number.isNaN(declared) || received.bytes === declared;
    end(isWhole ? undefined : new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH());
  };
  const onError = (error: Error & { statusCode?: number }) => {
    if (!(typeof error.statusCode === 'number' && error.statusCode >= 400)) error.statusCode = 400;
    end(error);
  };
  const end = (error: Error | undefined) => {
    payload.off('data', onData).off('end', onEnd).off('error', onError);
    pace?.end();
    done(error, error ? NOTHING : received.joined());
  };
  payload.on('data', onData).on('end', onEnd).on('error', onError);
  payload.resume();
}

const NOTHING = Buffer.alloc(0);

/** Bodies that are counted while they arrive may take longer than other requests. */
function paceOf(request: FastifyRequest, bytes: () => number): BodyPace | undefined {
  const { keepsForm = false, keepsJson = false } = request.routeOptions.config;
  if (!keepsForm && !keepsJson) return undefined;
  const { server, log } = request.server;
  const cutOff = (error: NodeJS.ErrnoException, socket: Socket) =>
    handleParseError.call({ log }, error, socket);
  return new BodyPace(request.raw.socket, { timeoutMs: server.requestTimeout, bytes, cutOff });
}

/** Shares each turn of the loop among the long bodies that arrive. */
class ReadingInTurns {
  #bytes = 0;
  /** In the order in which they stopped. */
  #stopped: IncomingMessage[] = [];
  #isTurnSet = false;

  /** To be called after each chunk: stops reading the body if the turn has had enough. */
  took(payload: IncomingMessage, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= BYTES_PER_TURN) {
      payload.pause();
      this.#stopped.push(payload);
    }
    this.#setTurn();
  }

  #setTurn(): void {
    if (this.#isTurnSet) return;
    this.#isTurnSet = true;
    setImmediate(() => {
      this.#isTurnSet = false;
      this.#bytes = 0;
      for (const payload of this.#stopped.splice(0, BODIES_PER_TURN)) payload.resume();
      if (this.#stopped.length > 0) this.#setTurn();
    });
  }
}

const READING = new ReadingInTurns();

class ReceivedBody {
  readonly #declared: number;
  #chunks: Buffer[] = [];
  /** Room for all of it; undefined for a short body, or one of unknown length. */
  #whole: Buffer | undefined;
  bytes = 0;

  constructor(declared: number) {
    this.#declared = declared;
  }

  add(chunk: Buffer): void {
    const { bytes } = this;
    this.bytes += chunk.length;
    if (this.#whole) {
      chunk.copy(this.#whole, bytes);
      return;
    }
    this.#chunks.push(chunk);
    // Not before: whoever declares a length need not send it.
    if (this.bytes < LONG_BYTES || !(this.#declared >= this.bytes)) return;
    this.#whole = Buffer.allocUnsafeSlow(this.#declared);
    let at = 0;
    for (const part of this.#chunks) at += part.copy(this.#whole, at);
    this.#chunks = [];
  }

  /** Always a copy: what was received are parts of a buffer of the connection. */
  joined(): Buffer {
    return this.#whole ?? Buffer.concat(this.#chunks, this.bytes);
  }
}

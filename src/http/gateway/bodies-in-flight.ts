import type { FastifyReply, FastifyRequest } from 'fastify';
import { ChitError } from '../../core/errors.ts';
import type { JsonObject } from '../../models/provider-apis/provider-api.ts';
import { RequestBody } from '../../models/request-body/request-body.ts';
import { userOf } from '../framework/access.ts';
import { cutOffBody } from '../framework/body-pace.ts';

/** Smaller bodies are not counted: thousands of them fit into memory. */
const SMALL_BYTES = 16_384;
/** How many bodies of the largest size one account, and all together, may have in memory. */
const BODIES_PER_ACCOUNT = 2;
const BODIES_OF_ALL = 8;
const RETRY_SECONDS = 2;
/** A body that takes longer to arrive is cut off once others need its room. */
const GIVES_WAY_AFTER_MS = 60_000;

/** A body that takes room. */
interface CountedBody {
  readonly request: FastifyRequest;
  readonly begunMs: number;
  readonly gone: () => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes that count their bodies: to be called when the body is out of memory. */
    bodyIsGone: (() => void) | null;
  }
}

/** Bounds the memory that bodies take from their first byte until a provider has them. */
export class BodiesInFlight {
  readonly bodyLimitBytes: number;
  readonly #ofAccounts = new Map<number, number>();
  #ofAll = 0;
  /** In the order in which they began. */
  readonly #counted = new Set<CountedBody>();
  readonly #now: () => number;

  /**
   * @param bodyLimitBytes the largest size of a body
   * @param now the time in milliseconds, from any beginning
   */
  constructor(bodyLimitBytes: number, now = () => performance.now()) {
    this.bodyLimitBytes = bodyLimitBytes;
    this.#now = now;
  }

  /**
   * Counts the body of a request that is about to be read, until `bodyIsGone` is called, or the
   * connection has closed while it is still set.
   * @throws ChitError `too_much_at_once`, `server_busy`
   */
  count(request: FastifyRequest, { raw }: FastifyReply): void {
    const declared = request.headers['content-length'];
    // Without its length, it may be as long as any.
    const bytes = declared === undefined ? this.bodyLimitBytes : Number(declared);
    // A body that is too large is refused without being read.
    if (bytes <= SMALL_BYTES || bytes > this.bodyLimitBytes) return;
    const gone = this.#add(request, bytes);
    request.bodyIsGone = gone;
    // Whoever took the body says so by itself: the provider may be sent it after the client left.
    raw.once('close', () => {
      if (request.bodyIsGone) gone();
    });
  }

  /** @returns what takes it off again; calling that twice is as once */
  #add(request: FastifyRequest, bytes: number): () => void {
    const { id: accountId } = userOf(request);
    const ofAccount = this.#ofAccounts.get(accountId) ?? 0;
    if (ofAccount + bytes > this.bodyLimitBytes * BODIES_PER_ACCOUNT) {
      throw new ChitError('too_much_at_once', { retryAfterSeconds: RETRY_SECONDS });
    }
    if (!this.#makeRoom(bytes)) {
      throw new ChitError('server_busy', { retryAfterSeconds: RETRY_SECONDS });
    }
    this.#set(accountId, bytes);
    let isGone = false;
    const gone = () => {
      if (isGone) return;
      isGone = true;
      this.#counted.delete(counted);
      this.#set(accountId, -bytes);
    };
    const counted = { request, begunMs: this.#now(), gone };
    this.#counted.add(counted);
    return gone;
  }

  /**
   * Cuts off bodies that have been arriving for long, the oldest first, if there is no room: on a
   * slow line one may take half an hour.
   * @returns whether there is room
   */
  #makeRoom(bytes: number): boolean {
    const hasRoom = () => this.#ofAll + bytes <= this.bodyLimitBytes * BODIES_OF_ALL;
    for (const { request, begunMs, gone } of [...this.#counted]) {
      if (hasRoom() || this.#now() - begunMs < GIVES_WAY_AFTER_MS) break;
      // Those that have arrived are being answered.
      if (cutOffBody(request.raw.socket)) gone();
    }
    return hasRoom();
  }

  #set(accountId: number, change: number): void {
    this.#ofAll += change;
    const ofAccount = (this.#ofAccounts.get(accountId) ?? 0) + change;
    if (ofAccount > 0) this.#ofAccounts.set(accountId, ofAccount);
    else this.#ofAccounts.delete(accountId);
  }
}

/** Takes the body off the request. Whoever takes it drops it in the end, whatever happens. */
export function takeBody(request: FastifyRequest): RequestBody {
  const { json, body, form, longStrings, bodyIsGone } = request;
  request.form = null;
  request.json = null;
  request.longStrings = null;
  request.body = undefined;
  request.bodyIsGone = null;
  return new RequestBody(json ?? Buffer.from('{}'), body as JsonObject, {
    longStrings: longStrings ?? undefined,
    form: form ?? undefined,
    onDropped: bodyIsGone ?? undefined,
  });
}

/** Lets files and requests to providers take longer than other requests, while they keep coming. */
import type { Socket } from 'node:net';

/** A slower body would take its part of the memory for bodies for too long. */
const LEAST_BYTES_PER_SECOND = 16_384;
/** As Node names it where a whole request takes too long. */
const TIMEOUT_CODE = 'ERR_HTTP_REQUEST_TIMEOUT';

/** Bodies that are arriving, with what cuts them off. */
const paced = new WeakMap<Socket, () => void>();

/**
 * Whether an error is only that a request takes longer than others may, while its body comes fast
 * enough. Node says so once for each request, and then no longer looks at it.
 */
export function isInPace(error: NodeJS.ErrnoException, socket: Socket): boolean {
  return error.code === TIMEOUT_CODE && paced.has(socket);
}

/**
 * Cuts off a body that is still arriving, as if it were too slow.
 * @returns whether there was one on this connection
 */
export function cutOffBody(socket: Socket): boolean {
  const cutOff = paced.get(socket);
  cutOff?.();
  return cutOff !== undefined;
}

/** Looks at a body that is arriving, once in each timeout, and cuts it off if it is too slow. */
export class BodyPace {
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param options `bytes` says how many have arrived; `cutOff` answers what is too slow
   */
  constructor(
    socket: Socket,
    options: {
      readonly timeoutMs: number;
      readonly bytes: () => number;
      readonly cutOff: (error: NodeJS.ErrnoException, socket: Socket) => void;
    },
  ) {
    const { timeoutMs, bytes, cutOff } = options;
    this.#socket = socket;
    const end = () => {
      this.end();
      cutOff(Object.assign(new Error('The body is too slow.'), { code: TIMEOUT_CODE }), socket);
    };
    paced.set(socket, end);
    let before = bytes();
    const least = (LEAST_BYTES_PER_SECOND * timeoutMs) / 1_000;
    this.#timer = setInterval(() => {
      const now = bytes();
      if (now - before >= least) {
        before = now;
        return;
      }
      end();
    }, timeoutMs).unref();
  }

  /** The body has arrived, or will not. */
  end(): void {
    clearInterval(this.#timer);
    paced.delete(this.#socket);
  }
}

import type { ResponseBody } from '../../src/models/provider-client/exchange.ts';

/** The body of a response that comes in these pieces, each read once somebody waits for it. */
export function responseBody(pieces: AsyncIterable<Uint8Array>): ResponseBody {
  const iterator = pieces[Symbol.asyncIterator]();
  let arrived: Buffer | undefined;
  let failure: unknown;
  let hasFailed = false;
  let isRead = false;
  const body: ResponseBody = {
    get isRead() {
      return isRead;
    },
    take(onChange) {
      if (hasFailed) throw failure;
      const taken = arrived;
      arrived = undefined;
      if (taken || isRead) return taken;
      iterator
        .next()
        .then(
          ({ done, value }) => {
            if (done) isRead = true;
            else arrived = Buffer.from(value);
          },
          (error: unknown) => {
            failure = error;
            hasFailed = true;
          },
        )
        .then(onChange);
      return undefined;
    },
    async next() {
      const { done, value } = await iterator.next();
      return done ? { done, value: undefined } : { done: false, value: Buffer.from(value) };
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => body,
  };
  return body;
}

import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/**
 * Sends a file while it is being read, no faster than the client takes it. An error before the
 * first piece is a response; later the connection is closed, so that nobody takes a part for the
 * whole.
 * @param type the media type
 */
export async function sendFile(
  reply: FastifyReply,
  file: { readonly name: string; readonly type: string; readonly pieces: AsyncGenerator<string> },
): Promise<FastifyReply> {
  const { name, type, pieces } = file;
  const first = await pieces.next();
  reply.header('content-disposition', `attachment; filename="${name}"`);
  reply.type(type);
  // One piece at a time: by default sixteen would be read ahead.
  return reply.send(Readable.from(startingWith(first, pieces), { highWaterMark: 1 }));
}

async function* startingWith(first: IteratorResult<string, unknown>, rest: AsyncGenerator<string>) {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    // Also where the client has gone: whoever reads must know that it is over.
    await rest.return(undefined);
  }
}

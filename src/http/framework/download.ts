import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Text in UTF-8, or bytes. */
type Piece = string | Uint8Array;

/**
 * Sends a file while it is being read, no faster than the client takes it. An error before the
 * first piece is a response; later the connection is closed, so that nobody takes a part for the
 * whole.
 * @param type the media type
 */
export async function sendFile(
  reply: FastifyReply,
  {
    name,
    type,
    pieces,
  }: { readonly name: string; readonly type: string; readonly pieces: AsyncGenerator<Piece> },
): Promise<FastifyReply> {
  const first = await pieces.next();
  reply.header('content-disposition', `attachment; filename="${name}"`);
  reply.type(type);
  // One piece at a time: by default sixteen would be read ahead.
  const file = Readable.from(startingWith(first, pieces), { highWaterMark: 1 });
  // Also where the client has gone: whoever reads must know that it is over. Not in the generator,
  // which does nothing at its end if nobody has begun to read it.
  file.once('close', () => void pieces.return(undefined).catch(() => undefined));
  return reply.send(file);
}

async function* startingWith(first: IteratorResult<Piece, unknown>, rest: AsyncGenerator<Piece>) {
  if (!first.done) yield first.value;
  yield* rest;
}

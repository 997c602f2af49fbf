import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { OpenFile } from '../../app/chat/files/read-file.ts';

/**
 * Whatever a file is, a browser runs nothing of it: only pictures that it decodes itself are shown
 * in place, and a document that is opened all the same has no rights.
 */
const FILE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, max-age=86400, immutable',
} as const;
/** Characters of a plain file name: RFC 6266, appendix D. */
const NOT_PLAIN = /[^A-Za-z0-9 ._()+-]/g;
/** RFC 8187, 3.2.1: those that stand for themselves. */
const NOT_ATTR = /[^A-Za-z0-9!#$&+.^_`|~-]/g;

/**
 * Sends the content of a file to somebody who may have it.
 * @param isShared whether that may end at any time, so that no cache keeps the file
 */
export function sendContent(
  reply: FastifyReply,
  { file, pieces }: OpenFile,
  { isShared = false } = {},
): FastifyReply {
  const { name, kind, mediaType, bytes } = file;
  reply.headers(FILE_HEADERS);
  if (isShared) reply.header('cache-control', 'no-store');
  reply.header(
    'content-disposition',
    disposition(kind === 'picture' ? 'inline' : 'attachment', name),
  );
  reply.header('content-length', bytes);
  reply.type(mediaType);
  const stream = Readable.from(pieces, { objectMode: false, highWaterMark: 1 });
  stream.once('close', () => void pieces.return(undefined).catch(() => undefined));
  return reply.send(stream);
}

function disposition(how: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(NOT_PLAIN, '_');
  const encoded = encodeURIComponent(name).replace(NOT_ATTR, (it) =>
    it === '%' ? it : `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${how}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

import { ChitError } from '../../../core/errors.ts';
import type { Context } from '../../context.ts';

/** The files of a message that is being sent. */
export interface Attachment {
  /** Notes them before the message is written; takes back what it noted for another attempt. */
  readonly beforeHold: ((messageId: string) => Promise<void>) | undefined;
  /** Takes back what was noted, unless the message was written. */
  readonly release: () => void;
}

/** Which files a message is to have. */
interface Attached {
  readonly userId: number;
  readonly conversationId: string;
  /** Without repetition. */
  readonly ids: readonly string[];
}

/**
 * Attaches files to a message, so that a message that was written has them, whatever happens: they
 * are noted before it. If it never is, the background finds out within an hour.
 */
export function attachFiles(
  { files, now }: Pick<Context, 'files' | 'now'>,
  { userId, conversationId, ids }: Attached,
): Attachment {
  if (ids.length === 0) return { beforeHold: undefined, release: () => undefined };
  let noted: string | undefined;
  const beforeHold = async (messageId: string) => {
    if (noted !== undefined) await files.detach(noted);
    noted = messageId;
    const of = { userId, conversationId, ids, atMs: now() };
    const isThere = await files.attach(messageId, of);
    if (!isThere) throw new ChitError('file_not_found', undefined);
  };
  const release = () => {
    if (noted !== undefined) void files.detach(noted).catch(() => undefined);
  };
  return { beforeHold, release };
}

import { ChitError } from '../../../core/errors.ts';
import type { AttachedFile } from '../../../core/files.ts';
import type { Reader, StoredFile } from '../../../store/chat/files.ts';
import type { Context } from '../../context.ts';

/** A file and its content, which is read a piece at a time. */
export interface OpenFile {
  readonly file: AttachedFile;
  readonly pieces: AsyncGenerator<Buffer>;
}

/** @throws ChitError `file_not_found`, also for another user's */
export async function requireFile(
  { files }: Context,
  userId: number,
  id: string,
): Promise<StoredFile> {
  const file = await files.find(userId, id);
  if (!file) throw new ChitError('file_not_found', undefined);
  return file;
}

/**
 * Opens a file for its owner, or one of a shared assistant for those who may use that or have begun
 * a chat with it.
 * @throws ChitError `file_not_found`, also for what the user may not read
 */
export async function openFile(context: Context, user: Reader, id: string): Promise<OpenFile> {
  const file = await context.files.findReadable(user, id);
  if (!file) throw new ChitError('file_not_found', undefined);
  return { file, pieces: context.files.pieces(id, 'content') };
}

/**
 * Opens a file of a message that whoever asks may read, since it is shared with them: the caller
 * has checked that. Files of shared assistants are only for those who may use the assistant.
 * @throws ChitError `file_not_found` if the message has no such file
 */
export async function openFileOfMessage(
  { files }: Context,
  messageId: string,
  id: string,
): Promise<OpenFile> {
  const ofMessage = (await files.ofMessages([messageId])).get(messageId) ?? [];
  const file = ofMessage.find((it) => it.id === id);
  if (!file || file.isShared) throw new ChitError('file_not_found', undefined);
  return { file, pieces: files.pieces(id, 'content') };
}

/** How much of the quota a user has used, and what it is, in bytes. */
export async function fileSpace(
  { files, policy }: Context,
  userId: number,
): Promise<{ readonly usedBytes: number; readonly quotaBytes: number }> {
  return { usedBytes: await files.bytesOf(userId), quotaBytes: policy.filesQuotaBytes };
}

/**
 * Deletes a file that nothing has.
 * @throws ChitError `file_not_found`, `file_in_use`
 */
export async function removeFile(context: Context, userId: number, id: string): Promise<void> {
  const removed = await context.files.remove(userId, id, context.now());
  if (removed === 'not_found') throw new ChitError('file_not_found', undefined);
  if (removed === 'in_use') throw new ChitError('file_in_use', undefined);
}

import { createHash } from 'node:crypto';
import { ChitError } from '../../../core/errors.ts';
import { FILE_BYTES, FILE_PIECE_BYTES, fileName } from '../../../core/files.ts';
import { UnreadableDocument } from '../../../models/documents/document-limits.ts';
import { DocumentReader } from '../../../models/documents/document-reader.ts';
import { PLAIN_TEXT } from '../../../models/documents/file-kind.ts';
import { type FileContent, readContent } from '../../../models/documents/read-content.ts';
import type { StoredFile } from '../../../store/chat/files.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../ids.ts';

/** A file as it was sent; its name says nothing of what it is. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const DOCUMENTS = new DocumentReader();

/**
 * Stores a file of a user, which no message has yet: it is kept for an hour, or as long as a
 * message has it. The same content is stored once.
 * @throws ChitError `file_too_large`, `file_unreadable`, `files_quota_exceeded`, `server_busy`,
 *   `user_inactive`
 */
export async function storeFile(
  context: Context,
  userId: number,
  given: GivenFile,
): Promise<StoredFile> {
  const { files, policy, now } = context;
  const { bytes } = given;
  const name = fileName(given.name);
  if (bytes.length > FILE_BYTES) throw new ChitError('file_too_large', { most: FILE_BYTES });
  const hash = await hexHash(bytes);
  const before = await files.reuse(userId, hash, { name, atMs: now() });
  if (before) return before;
  // Also before it is read, which costs more than to look.
  const leftBytes = policy.filesQuotaBytes - (await files.bytesOf(userId));
  if (bytes.length > leftBytes) throw quotaExceeded(context, leftBytes);

  const { kind, mediaType, text, width, height, pages } = await read(bytes);
  const isStoredAsText = mediaType === PLAIN_TEXT;
  const found = text === undefined || isStoredAsText ? undefined : Buffer.from(text);
  const textBytes = isStoredAsText ? bytes.length : found?.length;
  const about = { id: newId(), userId, hash, name, kind, mediaType, width, height, pages };
  const file = { ...about, bytes: bytes.length, textBytes, createdAtMs: now() };
  const added = await files.add(file, policy.filesQuotaBytes);
  if (added === 'user_inactive') throw new ChitError('user_inactive', undefined);
  if (added !== 'added') throw quotaExceeded(context, added.leftBytes);
  await addPieces(context, file.id, 'content', bytes);
  if (found) await addPieces(context, file.id, 'text', found);
  const complete = await files.complete(file, now());
  if (!complete) throw new ChitError('user_inactive', undefined);
  return complete;
}

async function read(bytes: Buffer): Promise<FileContent> {
  try {
    return await readContent(bytes, DOCUMENTS);
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    throw new ChitError('file_unreadable', { reason: error.fault });
  }
}

async function addPieces(
  { files }: Context,
  id: string,
  part: 'content' | 'text',
  bytes: Buffer,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += FILE_PIECE_BYTES) {
    const piece = bytes.subarray(at, at + FILE_PIECE_BYTES);
    await files.addPiece(id, part, at / FILE_PIECE_BYTES, piece);
    // A batch of bookings may go first.
    await nextTurn();
  }
}

async function hexHash(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += 8 * FILE_PIECE_BYTES) {
    hash.update(bytes.subarray(at, at + 8 * FILE_PIECE_BYTES));
    await nextTurn();
  }
  return hash.digest('hex');
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function quotaExceeded({ policy }: Context, leftBytes: number): ChitError {
  const left = Math.max(0, leftBytes);
  return new ChitError('files_quota_exceeded', { most: policy.filesQuotaBytes, left });
}

import { ChitError } from '../../../core/errors.ts';
import type { AttachedFile } from '../../../core/files.ts';
import type { PromptOwner } from '../../../store/chat/prompt-owner.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../ids.ts';

/** One after the other on each server, so that together they do not pass the quota by far. */
let latest: Promise<unknown> = Promise.resolve();

interface FilesToShare {
  readonly owner: PromptOwner;
  readonly userId: number;
  readonly ids: readonly string[];
  /** The assistant that gets them, if it exists, and those of its files that it keeps. */
  readonly promptId: string | undefined;
  readonly kept: readonly AttachedFile[];
}

/**
 * Copies files of a user for a shared assistant: the copies belong to nobody, and those that it
 * does not get within an hour are deleted.
 * @returns the id of each copy by the id of the file
 * @throws ChitError `file_not_found`, `shared_files_quota_exceeded`; then nothing is left
 */
export function copyToShare(context: Context, files: FilesToShare): Promise<Map<string, string>> {
  if (files.ids.length === 0) return Promise.resolve(new Map());
  const copied = latest.then(() => copyAll(context, files));
  latest = copied.catch(() => undefined);
  return copied;
}

async function copyAll(
  { files, assistantFiles, policy, now }: Context,
  { owner, userId, ids, promptId, kept }: FilesToShare,
): Promise<Map<string, string>> {
  const found = await files.findAll(userId, ids);
  if (found.length < ids.length) throw new ChitError('file_not_found', undefined);
  const most = policy.sharedFilesQuotaBytes;
  const left = most - (await assistantFiles.bytesOf(owner, promptId)) - sumOf(kept);
  if (sumOf(found) > left) {
    throw new ChitError('shared_files_quota_exceeded', { most, left: Math.max(0, left) });
  }
  const copies = new Map<string, string>();
  for (const file of found) {
    const id = newId();
    const isCopied = await assistantFiles.copyShared(file, { id, atMs: now() });
    if (!isCopied) {
      await assistantFiles.discard([...copies.values()], now());
      throw new ChitError('file_not_found', undefined);
    }
    copies.set(file.id, id);
  }
  return copies;
}

function sumOf(files: readonly AttachedFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

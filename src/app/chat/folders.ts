/** The folders of a user for chats. */
import { ChitError } from '../../core/errors.ts';
import type { Folder } from '../../store/chat/folders.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

const MOST_FOLDERS = 100;

/** @throws ChitError `user_inactive`, `too_many_folders` */
export async function createFolder(
  { folders, now }: Context,
  userId: number,
  name: string,
): Promise<Folder> {
  const folder = { id: newId(), userId, name, createdAtMs: now() };
  const outcome = await folders.add(folder, MOST_FOLDERS);
  if (outcome === 'user_inactive') throw new ChitError('user_inactive', undefined);
  if (outcome === 'too_many') throw new ChitError('too_many_folders', { most: MOST_FOLDERS });
  return folder;
}

/** @throws ChitError `folder_not_found`, also for another user's */
export async function requireFolder(
  { folders }: Context,
  userId: number,
  id: string,
): Promise<Folder> {
  const folder = await folders.find(userId, id);
  if (!folder) throw new ChitError('folder_not_found', undefined);
  return folder;
}

/** @throws ChitError `folder_not_found` */
export async function renameFolder(
  context: Context,
  userId: number,
  id: string,
  name: string,
): Promise<Folder> {
  await context.folders.rename(userId, id, name);
  return requireFolder(context, userId, id);
}

/** Removes a folder; its conversations stay. @throws ChitError `folder_not_found` */
export async function removeFolder(
  { folders }: Context,
  userId: number,
  id: string,
): Promise<void> {
  if (!(await folders.remove(userId, id))) throw new ChitError('folder_not_found', undefined);
}

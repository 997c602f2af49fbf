/** The folders of the user, and the chats of those that were opened. */
import { signal } from '@preact/signals';
import { call, SessionOver } from '../api/client.ts';
import type { Conversation } from '../api/types.ts';
import { atSessionEnd } from './account.ts';
import { withConversation } from './machines/conversation-list.ts';

/** A folder for chats. */
export interface Folder {
  readonly id: string;
  readonly name: string;
}

/** More chats of one folder are on the page with all chats. */
const PAGE = 200;

/** In the order in which they were made. */
export const folders = signal<readonly Folder[]>([]);
/** The chats of folders that were opened, by folder. */
export const chatsIn = signal<ReadonlyMap<string, readonly Conversation[]>>(new Map());

atSessionEnd(() => {
  folders.value = [];
  chatsIn.value = new Map();
});

/** Reads the folders, and again the chats of those that were opened. */
export async function loadFolders(): Promise<void> {
  try {
    const page = await call<{ folders: Folder[] }>('GET', '/api/folders/');
    folders.value = page.folders;
    await Promise.all([...chatsIn.value.keys()].map(loadFolder));
  } catch (error) {
    // The list of chats says that the server cannot be reached.
    if (error instanceof SessionOver) return;
  }
}

/** Reads the chats of a folder. @throws ApiError, Unreachable, SessionOver */
export async function loadFolder(id: string): Promise<void> {
  const path = `/api/conversations/?folder=${encodeURIComponent(id)}&limit=${PAGE}`;
  const page = await call<{ conversations: Conversation[] }>('GET', path);
  chatsIn.value = new Map(chatsIn.value).set(id, page.conversations);
}

/** @throws ApiError, Unreachable, SessionOver */
export async function createFolder(name: string): Promise<Folder> {
  const made = await call<Folder>('POST', '/api/folders/', { name });
  folders.value = [...folders.value, made];
  return made;
}

/** @throws ApiError, Unreachable, SessionOver */
export async function renameFolder(id: string, name: string): Promise<void> {
  const changed = await call<Folder>('PATCH', `/api/folders/${id}/`, { name });
  folders.value = folders.value.map((it) => (it.id === id ? changed : it));
}

/** Its chats stay. @throws ApiError, Unreachable, SessionOver */
export async function removeFolder(id: string): Promise<void> {
  await call('DELETE', `/api/folders/${id}/`);
  folders.value = folders.value.filter((it) => it.id !== id);
  const rest = new Map(chatsIn.value);
  rest.delete(id);
  chatsIn.value = rest;
}

/** Puts a chat into the folder that it is in now, and takes it out of all others. */
export function placeInFolder(conversation: Conversation): void {
  const next = new Map<string, readonly Conversation[]>();
  for (const [id, chats] of chatsIn.value) {
    const isIn = conversation.folder === id && !conversation.archived;
    const others = chats.filter((it) => it.id !== conversation.id);
    next.set(id, isIn ? withConversation(others, conversation) : others);
  }
  chatsIn.value = next;
}

/** Takes chats that were deleted out of all folders. */
export function forgetInFolders(ids: ReadonlySet<string>): void {
  const next = new Map<string, readonly Conversation[]>();
  for (const [id, chats] of chatsIn.value)
    next.set(
      id,
      chats.filter((it) => !ids.has(it.id)),
    );
  chatsIn.value = next;
}

/** The list of conversations. */
import { batch, signal } from '@preact/signals';
import { call, isOutcomeUnknown, SessionOver } from '../api/client.ts';
import type { Conversation } from '../api/types.ts';
import { atSessionEnd, me } from './account.ts';
import { chatsIn, forgetInFolders, loadFolders, placeInFolder } from './folders.ts';
import { isBegun, placeInLists, withFirstPage } from './machines/conversation-list.ts';
import { tellTabs } from './tabs.ts';

const PAGE = 100;
const MOST_PINNED = 200;

interface Page {
  readonly conversations: Conversation[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** Most recently used first; undefined until they are loaded. */
export const conversations = signal<readonly Conversation[] | undefined>(undefined);
/** Those that are pinned, which are in no other list; undefined until they are loaded. */
export const pinned = signal<readonly Conversation[] | undefined>(undefined);
/** The search text. */
export const search = signal('');
/** The cursor of the next page, if there is one. */
export const nextPage = signal<string | undefined>(undefined);
/** Whether the list could not be loaded. */
export const hasListError = signal(false);

let newest = 0;

atSessionEnd(() => {
  newest += 1;
  conversations.value = undefined;
  pinned.value = undefined;
  search.value = '';
  nextPage.value = undefined;
  hasListError.value = false;
});

/** Reloads the first page for the search; older pages stay. */
export async function loadConversations(): Promise<void> {
  newest += 1;
  const turn = newest;
  const words = search.value;
  void loadFolders();
  const [page, shelf] = await Promise.all([pageFrom(undefined), pinnedPage()]);
  // Fast typing causes several requests; only the last response counts.
  if (turn !== newest || !page) return;
  const merged = withFirstPage(conversations.value ?? [], page.conversations, {
    hasMore: page.has_more,
    isSameSearch: words === listed,
  });
  listed = words;
  batch(() => {
    ({ conversations: conversations.value } = merged);
    if (shelf) pinned.value = shelf.conversations;
    if (!merged.hasOlder) nextPage.value = page.next_cursor ?? undefined;
  });
}

/** The search text of the list that is shown. */
let listed = '';

/** Loads the next page. */
export async function loadMore(): Promise<void> {
  if (!nextPage.value) return;
  const turn = newest;
  const { value: cursor } = nextPage;
  const page = await pageFrom(cursor);
  // Two clicks request the same page; it is added once.
  if (turn !== newest || cursor !== nextPage.value || !page) return;
  conversations.value = [...(conversations.value ?? []), ...page.conversations.filter(isBegun)];
  nextPage.value = page.next_cursor ?? undefined;
}

/** Changes a conversation, also in the list. */
export async function changeConversation(
  id: string,
  changes: Partial<
    Pick<
      Conversation,
      'title' | 'model' | 'system_prompt' | 'effort' | 'temperature' | 'leaf' | 'assistant'
    >
  > &
    Partial<Pick<Conversation, 'pinned' | 'archived' | 'folder'>> & {
      readonly tools?: readonly string[];
    },
): Promise<Conversation> {
  const changed = await call<Conversation>('PATCH', `/api/conversations/${id}/`, changes);
  putInList(changed);
  tellOfList();
  return changed;
}

/** Deletes a conversation with all its messages. */
export async function deleteConversation(id: string): Promise<void> {
  await call('DELETE', `/api/conversations/${id}/`);
  forgetConversations([id]);
}

/** Takes conversations that were deleted out of all lists. */
export function forgetConversations(ids: readonly string[]): void {
  const gone = new Set(ids);
  const without = (list: readonly Conversation[] | undefined) =>
    list?.filter((it) => !gone.has(it.id));
  conversations.value = without(conversations.value);
  pinned.value = without(pinned.value);
  forgetInFolders(gone);
  tellOfList();
}

/** Updates a conversation in the list that it belongs to. */
export function putInList(conversation: Conversation): void {
  if (conversation.temporary) return;
  const lists = { recent: conversations.value ?? [], pinned: pinned.value ?? [] };
  const placed = placeInLists(lists, conversation, search.value.trim() !== '');
  conversations.value = placed.recent;
  pinned.value = placed.pinned;
  placeInFolder(conversation);
}

/** A conversation as a list has it, which may be newer than where it is open. */
export function listedConversation(id: string): Conversation | undefined {
  const lists = [conversations.value, pinned.value, ...chatsIn.value.values()];
  return lists.flatMap((list) => list ?? []).find((it) => it.id === id);
}

let mayExist = false;

/**
 * Creates a conversation. If the response to the last attempt was lost, it first looks for the one
 * that may have been created, so that no empty one is left behind.
 * @throws ApiError, Unreachable, SessionOver
 */
export async function createConversation(
  properties: Partial<
    Pick<
      Conversation,
      'model' | 'system_prompt' | 'effort' | 'temperature' | 'assistant' | 'temporary'
    >
  > & { readonly tools?: readonly string[] },
): Promise<Conversation> {
  if (mayExist) {
    const page = await call<Page>('GET', '/api/conversations/?limit=20');
    const made = page.conversations.find((it) => !isBegun(it));
    mayExist = false;
    if (made) return call<Conversation>('PATCH', `/api/conversations/${made.id}/`, properties);
  }
  try {
    return await call<Conversation>('POST', '/api/conversations/', properties);
  } catch (error) {
    mayExist = isOutcomeUnknown(error);
    throw error;
  }
}

/** All that are pinned, unless a search is shown. */
async function pinnedPage(): Promise<Page | undefined> {
  if (search.value.trim() !== '') return undefined;
  const path = `/api/conversations/?shelf=pinned&limit=${MOST_PINNED}`;
  return call<Page>('GET', path).catch(() => undefined);
}

async function pageFrom(cursor: string | undefined): Promise<Page | undefined> {
  try {
    const page = await call<Page>('GET', pathOf(cursor));
    hasListError.value = false;
    return page;
  } catch (error) {
    if (!(error instanceof SessionOver)) hasListError.value = true;
    return undefined;
  }
}

function tellOfList(): void {
  if (me.value) tellTabs({ kind: 'changed', user: me.value.id });
}

function pathOf(cursor: string | undefined): string {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (search.value.trim() !== '') query.set('q', search.value.trim());
  else query.set('shelf', 'recent');
  if (cursor) query.set('cursor', cursor);
  return `/api/conversations/?${query}`;
}

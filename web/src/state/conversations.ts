/** The list of conversations. */
import { batch, signal } from '@preact/signals';
import { call, isOutcomeUnknown, SessionOver } from '../api/client.ts';
import type { Conversation } from '../api/types.ts';
import { atSessionEnd, me } from './account.ts';
import { isBegun, withConversation, withFirstPage } from './machines/conversation-list.ts';
import { tellTabs } from './tabs.ts';

const PAGE = 100;

interface Page {
  readonly conversations: Conversation[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** Most recently used first; undefined until they are loaded. */
export const conversations = signal<readonly Conversation[] | undefined>(undefined);
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
  search.value = '';
  nextPage.value = undefined;
  hasListError.value = false;
});

/** Reloads the first page for the search; older pages stay. */
export async function loadConversations(): Promise<void> {
  newest += 1;
  const turn = newest;
  const words = search.value;
  const page = await pageFrom(undefined);
  // Fast typing causes several requests; only the last response counts.
  if (turn !== newest || !page) return;
  const merged = withFirstPage(conversations.value ?? [], page.conversations, {
    hasMore: page.has_more,
    isSameSearch: words === listed,
  });
  listed = words;
  batch(() => {
    ({ conversations: conversations.value } = merged);
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
  >,
): Promise<Conversation> {
  const changed = await call<Conversation>('PATCH', `/api/conversations/${id}/`, changes);
  putInList(changed);
  tellOfList();
  return changed;
}

/** Deletes a conversation with all its messages. */
export async function deleteConversation(id: string): Promise<void> {
  await call('DELETE', `/api/conversations/${id}/`);
  conversations.value = conversations.value?.filter((it) => it.id !== id);
  tellOfList();
}

/** Updates a conversation in the list. */
export function putInList(conversation: Conversation): void {
  conversations.value = withConversation(conversations.value ?? [], conversation);
}

let mayExist = false;

/**
 * Creates a conversation. If the response to the last attempt was lost, it first looks for the one
 * that may have been created, so that no empty one is left behind.
 * @throws ApiError, Unreachable, SessionOver
 */
export async function createConversation(
  properties: Partial<
    Pick<Conversation, 'model' | 'system_prompt' | 'effort' | 'temperature' | 'assistant'>
  >,
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
  if (cursor) query.set('cursor', cursor);
  return `/api/conversations/?${query}`;
}

/** The list of conversations. */
import { signal } from '@preact/signals';
import { call } from '../api/client.ts';
import type { Conversation } from '../api/types.ts';

const PAGE = 100;

interface Page {
  readonly conversations: Conversation[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** Last used first; undefined until they were read. */
export const conversations = signal<readonly Conversation[] | undefined>(undefined);
/** What is looked for in them. */
export const search = signal('');
/** Where the next page begins, if there is one. */
export const nextPage = signal<string | undefined>(undefined);

let newest = 0;

/** Reads the list anew, for what is looked for. */
export async function loadConversations(): Promise<void> {
  newest += 1;
  const turn = newest;
  const page = await call<Page>('GET', pathOf(undefined));
  // Words that are typed fast ask several times; only the last answer counts.
  if (turn !== newest) return;
  conversations.value = page.conversations;
  nextPage.value = page.next_cursor ?? undefined;
}

/** Reads the next page of the list. */
export async function loadMore(): Promise<void> {
  if (!nextPage.value) return;
  const page = await call<Page>('GET', pathOf(nextPage.value));
  conversations.value = [...(conversations.value ?? []), ...page.conversations];
  nextPage.value = page.next_cursor ?? undefined;
}

/** Changes a conversation, in the list at once. */
export async function changeConversation(
  id: string,
  changes: Partial<Pick<Conversation, 'title' | 'model' | 'system_prompt' | 'leaf'>>,
): Promise<Conversation> {
  const changed = await call<Conversation>('PATCH', `/api/conversations/${id}/`, changes);
  putInList(changed);
  return changed;
}

/** Deletes a conversation with all that was said in it. */
export async function deleteConversation(id: string): Promise<void> {
  await call('DELETE', `/api/conversations/${id}/`);
  conversations.value = conversations.value?.filter((it) => it.id !== id);
}

/** Shows a conversation in the list as it is now. */
export function putInList(conversation: Conversation): void {
  const others = (conversations.value ?? []).filter(({ id }) => id !== conversation.id);
  conversations.value = [...others, conversation].sort((a, b) =>
    b.updated_at.localeCompare(a.updated_at),
  );
}

function pathOf(cursor: string | undefined): string {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (search.value.trim() !== '') query.set('q', search.value.trim());
  if (cursor) query.set('cursor', cursor);
  return `/api/conversations/?${query}`;
}

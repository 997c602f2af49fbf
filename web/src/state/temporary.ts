/** Temporary chats: not kept, so they are deleted when they are left. */
import { computed, effect, signal } from '@preact/signals';
import { call, callAtEnd } from '../api/client.ts';
import { me } from './account.ts';
import { go, path } from './router.ts';
import { PREFIX } from './site-address.ts';
import { conversation, messages } from './thread.ts';

/** Whether the next new chat is temporary. */
export const wantsTemporary = signal(false);
/** Those that were begun on this page: any other was reloaded, and is over. */
const own = new Set<string>();

/** The temporary chat that is open. */
export const openTemporary = computed(() =>
  conversation.value?.temporary ? conversation.value.id : undefined,
);

/** Opens a new chat that is temporary. */
export function beginTemporary(): void {
  go('/');
  wantsTemporary.value = true;
}

/** What a conversation that is made now is to be. */
export function temporaryField(): { temporary?: boolean } {
  return wantsTemporary.value ? { temporary: true } : {};
}

/** Notes that a conversation was made here. */
export function noteMade({ id, temporary }: { id: string; temporary: boolean }): void {
  if (!temporary) return;
  own.add(id);
  remember(id);
  wantsTemporary.value = false;
}

/** Under which this tab remembers the temporary chat that is open. */
const REMEMBERED = `chit${PREFIX}.temporary`;

let last: string | undefined;

endReloaded();

effect(() => {
  const { value: id } = openTemporary;
  const isElsewhere = conversation.value !== undefined && conversation.value.id !== last;
  const isNew = conversation.value === undefined && location.pathname.endsWith('/');
  if (last !== undefined && id !== last && (isElsewhere || isNew)) end(last);
  if (id === undefined) return;
  last = id;
  if (own.has(id)) return;
  // It was reloaded.
  end(id);
  go('/', { replaces: true });
});

/** A temporary chat does not outlive its page. */
function endReloaded(): void {
  const id = remembered();
  if (id === null) return;
  if (path.value === `/c/${id}`) go('/', { replaces: true });
  const stop = effect(() => {
    if (!me.value) return;
    end(id);
    queueMicrotask(() => stop());
  });
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

function remember(id: string | undefined): void {
  try {
    if (id === undefined) sessionStorage.removeItem(REMEMBERED);
    else sessionStorage.setItem(REMEMBERED, id);
  } catch {}
}

function end(id: string): void {
  last = undefined;
  own.delete(id);
  remember(undefined);
  void call('DELETE', pathOf(id)).catch(() => undefined);
}

function pathOf(id: string): string {
  return `/api/conversations/${id}/`;
}

window.addEventListener('pagehide', (event) => {
  // A page that may come back is not left.
  if (last !== undefined && !event.persisted) callAtEnd('DELETE', pathOf(last));
});

window.addEventListener('beforeunload', (event) => {
  if (openTemporary.value !== undefined && messages.value.size > 0) event.preventDefault();
});

/** Who is signed in, what they have, and which models there are. */
import { computed, signal } from '@preact/signals';
import { call, isSignedIn, signIn, whenSignedOut } from '../api/client.ts';
import type { Me, Model } from '../api/types.ts';

const ASK_AGAIN_MS = 2_000;

/** undefined until it is known; null if nobody is signed in. */
export const me = signal<Me | null | undefined>(undefined);
/** What can be spent. */
export const balance = signal(0);
export const models = signal<readonly Model[]>([]);
/** Whether the session ended by itself, so that the page says why it asks to sign in. */
export const hasExpired = signal(false);

/** The model that answers where none was chosen. */
export const defaultModel = computed(() => models.value.find((it) => it.is_default));

/** Whether the server could not be asked who is signed in; it is asked again. */
export const isServerAway = signal(false);

/** Finds out who is signed in; asks again as long as the server does not say. */
export async function restoreSession(): Promise<void> {
  whenSignedOut(() => {
    hasExpired.value = me.value !== null && me.value !== undefined;
    me.value = null;
  });
  while (me.value === undefined) {
    try {
      if (await isSignedIn()) await loadAccount();
      else me.value = null;
    } catch {
      isServerAway.value = true;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
  isServerAway.value = false;
}

/** @throws ApiError, Unreachable */
export async function enter(username: string, password: string): Promise<void> {
  await signIn(username, password);
  hasExpired.value = false;
  await loadAccount();
}

/** @throws ApiError, Unreachable */
export async function register(username: string, password: string): Promise<void> {
  await call('POST', '/api/register/', { username, password });
  await enter(username, password);
}

/** Reads the balance anew. */
export async function refreshBalance(): Promise<void> {
  balance.value = (await call<{ tokens: number }>('GET', '/api/tokens/')).tokens;
}

async function loadAccount(): Promise<void> {
  const [account, offered] = await Promise.all([
    call<Me>('GET', '/api/me/'),
    call<{ models: Model[] }>('GET', '/api/models/'),
  ]);
  balance.value = account.tokens;
  models.value = offered.models;
  me.value = account;
}

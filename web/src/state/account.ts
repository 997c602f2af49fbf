/** The signed-in user, the balance and the models. */
import { batch, computed, signal } from '@preact/signals';
import {
  call,
  type End,
  endSession,
  isSignedIn,
  startSession,
  whenSessionEnds,
} from '../api/client.ts';
import type { Me, Model } from '../api/types.ts';
import { hideLimits, limits, payer, readLimits, showLimits } from './limits.ts';
import { ownedIn } from './machines/payers.ts';
import { onSessionNews } from './machines/tabs.ts';
import { keep, kept } from './preferences.ts';
import { arriveFromProvider } from './provider-sign-in.ts';
import { go, path } from './router.ts';
import { onTabNews, tellTabs } from './tabs.ts';

const RETRY_MS = 2_000;

/** undefined until it is known; null if nobody is signed in. */
export const me = signal<Me | null | undefined>(undefined);
/** What can be spent now with the account that pays, in credits. */
export const balance = computed(() => (limits.value ? payer.value?.tokens : me.value?.tokens) ?? 0);
/** What the ticket says: what is held for a reply is the user's until it is charged. */
export const ownedBalance = computed(() =>
  limits.value && payer.value ? ownedIn(payer.value) : balance.value,
);
export const models = signal<readonly Model[]>([]);
/** Why the last session ended, shown on the sign-in page. */
export const ended = signal<End | undefined>(undefined);

/** The model used where none was chosen. */
export const defaultModel = computed(() => models.value.find((it) => it.is_default));

/** Whether the server did not answer who is signed in; the request is repeated. */
export const isServerUnreachable = signal(false);

const sessionEndHandlers: ((end: { readonly user: number; readonly reason: End }) => void)[] = [];
/** The last user of this tab. */
let lastUser: number | undefined;
/** Names the last user of this browser, whose chat is not the next one's. */
const LAST_USER = 'last_user';

/** Registers what to clear when a session ends, so that the next user sees none of it. */
export function atSessionEnd(forget: (typeof sessionEndHandlers)[number]): void {
  sessionEndHandlers.push(forget);
}

/** Finds out who is signed in; repeats the request until the server answers. */
export async function restoreSession(): Promise<void> {
  whenSessionEnds(leave);
  onTabNews((news) => {
    const current = me.value === null ? null : me.value?.id;
    const reaction = onSessionNews(news, { current, last: lastUser });
    if (reaction === 'end_elsewhere') endSession('elsewhere');
    if (reaction === 'end_another') endSession('another');
    if (reaction === 'resume') void resume();
  });
  const hasArrived = arriveFromProvider();
  while (me.value === undefined) {
    try {
      if (await isSignedIn()) await loadAccount();
      else me.value = null;
    } catch {
      isServerUnreachable.value = true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  isServerUnreachable.value = false;
  if (hasArrived && me.value) tellTabs({ kind: 'signed_in', user: me.value.id });
}

/** @throws ApiError, Unreachable */
export function signIn(username: string, password: string): Promise<void> {
  return signInAt('/api/session/', { username, password });
}

/**
 * Signs in at one of the routes that begin a session.
 * @throws ApiError, Unreachable
 */
export async function signInAt(path: string, body: object): Promise<void> {
  if (me.value) leave('another');
  await startSession(path, body);
  await loadAccount();
  if (me.value) tellTabs({ kind: 'signed_in', user: me.value.id });
}

/** @throws ApiError, Unreachable */
export async function register(username: string, password: string): Promise<void> {
  await call('POST', '/api/register/', { username, password });
  await signIn(username, password);
}

/** Reloads the accounts that may pay, and with them the balance. */
export async function refreshBalance(): Promise<void> {
  const { value: asking } = me;
  const read = await readLimits();
  if (asking && me.value?.id === asking.id) showLimits(asking.id, read);
}

/** Reloads the account with its plan. */
export async function refreshAccount(): Promise<void> {
  const account = await call<Me>('GET', '/api/me/');
  if (account.id === me.peek()?.id) me.value = account;
}

/** Reloads the models and their prices. */
export async function refreshModels(): Promise<void> {
  models.value = (await call<{ models: Model[] }>('GET', '/api/models/')).models;
}

/** Clears everything of a user when the session ends. */
function leave(reason: End): void {
  const { value: gone } = me;
  // Who signs in next begins at the beginning, unless it is the same user again.
  if (reason === 'left') go('/', { replaces: true });
  else if (reason === 'another') leaveChat();
  batch(() => {
    me.value = null;
    hideLimits();
    models.value = [];
    if (!gone) return;
    ended.value = reason;
    for (const forget of sessionEndHandlers) forget({ user: gone.id, reason });
  });
  if (gone && reason === 'left') tellTabs({ kind: 'signed_out', user: gone.id });
}

/** Shows the start page in the place of a chat. */
function leaveChat(): void {
  if (path.value.startsWith('/c/')) go('/', { replaces: true });
}

async function resume(): Promise<void> {
  if (await isSignedIn().catch(() => false)) await loadAccount().catch(() => undefined);
}

async function loadAccount(): Promise<void> {
  const [account, offered, read] = await Promise.all([
    call<Me>('GET', '/api/me/'),
    call<{ models: Model[] }>('GET', '/api/models/'),
    readLimits(),
  ]);
  const before = kept(LAST_USER);
  if (before !== '' && before !== String(account.id)) leaveChat();
  keep(LAST_USER, String(account.id));
  lastUser = account.id;
  batch(() => {
    ended.value = undefined;
    showLimits(account.id, read);
    models.value = offered.models;
    me.value = account;
  });
}

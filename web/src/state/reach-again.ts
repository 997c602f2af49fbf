/** Asks a server that could not be reached until it answers; then what failed is loaded again. */
import { effect } from '@preact/signals';
import { call } from '../api/client.ts';
import { isUnreachable } from '../api/unreachable.ts';
import { me, refreshBalance, refreshModels } from './account.ts';
import { hasListError, loadConversations } from './conversations.ts';
import { forgetOffline } from './error-notice.ts';
import { refreshConversation } from './send-message.ts';
import { loadFailure, openThread } from './thread.ts';

const FIRST_DELAY_MS = 2_000;
const MAX_DELAY_MS = 15_000;

/**
 * Watches from now on.
 * @param openId the conversation that the page shows
 */
export function reachAgain(openId: () => string | undefined): void {
  effect(() => {
    if (isUnreachable.value) void askUntilThere(openId);
  });
}

async function askUntilThere(openId: () => string | undefined): Promise<void> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    await pause(delayMs);
    try {
      await call('GET', '/api/site/');
      break;
    } catch {
      // It is asked again.
    }
  }
  isUnreachable.value = false;
  forgetOffline();
  if (!me.value) return;
  void refreshBalance().catch(() => undefined);
  void refreshModels().catch(() => undefined);
  if (hasListError.value) void loadConversations();
  if (loadFailure.value === 'network') await openThread(openId());
  void refreshConversation();
}

/** Waits, or until the browser says that the network is back. */
function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      window.removeEventListener('online', over);
      resolve();
    };
    const timer = setTimeout(over, delayMs);
    window.addEventListener('online', over);
  });
}

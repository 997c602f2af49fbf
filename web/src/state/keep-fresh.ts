/** What is shown is what there is: the page looks again when it is looked at again. */
import { me, refreshBalance, refreshModels } from './account.ts';
import { loadConversations } from './conversations.ts';
import { setWriting } from './generating-chats.ts';
import { catchUp } from './send-message.ts';
import { onNews } from './tabs.ts';
import { conversation } from './thread.ts';

/** Coming back fires several events; one look is enough. */
const PAUSE_MS = 1_000;

let lookedAtMs = Number.NEGATIVE_INFINITY;

/** Looks for what is new whenever the reader comes back, or another window has news. */
export function stayFresh(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') lookAgain();
  });
  window.addEventListener('focus', lookAgain);
  window.addEventListener('online', lookAgain);
  onNews((news) => {
    if (news.kind !== 'changed' || news.user !== me.value?.id) return;
    const { conversation: id, isWritten = false } = news;
    void loadConversations();
    if (id === undefined) return;
    void refreshBalance().catch(() => undefined);
    if (id === conversation.value?.id) void catchUp();
    else setWriting(id, isWritten);
  });
}

function lookAgain(): void {
  const atMs = performance.now();
  if (!me.value || atMs - lookedAtMs < PAUSE_MS) return;
  lookedAtMs = atMs;
  void refreshBalance().catch(() => undefined);
  void refreshModels().catch(() => undefined);
  void loadConversations();
  void catchUp();
}

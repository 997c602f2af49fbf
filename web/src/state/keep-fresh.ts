/** Keeps the page up to date: it refreshes when its reader comes back or another tab has news. */
import { me, refreshBalance, refreshModels } from './account.ts';
import { loadConversations } from './conversations.ts';
import { setGenerating } from './generating-chats.ts';
import { onChangeNews } from './machines/tabs.ts';
import { reachAgain } from './reach-again.ts';
import { path } from './router.ts';
import { refreshConversation } from './send-message.ts';
import { onTabNews } from './tabs.ts';
import { conversation } from './thread.ts';

/** Coming back fires several events; one refresh is enough. */
const PAUSE_MS = 1_000;
/** How often a page that is looked at asks whether its session goes on. */
const CHECK_MS = 60_000;

let refreshedAtMs = Number.NEGATIVE_INFINITY;

/** Refreshes whenever the reader comes back, or another tab has news. */
export function keepFresh(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') refreshAll();
  });
  window.addEventListener('focus', refreshAll);
  window.addEventListener('online', refreshAll);
  // Nothing else would tell a reader who only looks at the page that the session was ended.
  setInterval(() => {
    const isLookedAt = document.visibilityState === 'visible' && document.hasFocus();
    if (me.value && isLookedAt) void refreshBalance().catch(() => undefined);
  }, CHECK_MS);
  reachAgain(() => /^\/c\/([^/]+)/.exec(path.value)?.[1]);
  onTabNews((news) => {
    const tab = { user: me.value?.id, openConversation: conversation.value?.id };
    const effects = onChangeNews(news, tab);
    if (news.kind !== 'changed') return;
    const { conversation: id = '', isGenerating = false } = news;
    for (const effect of effects) {
      if (effect === 'reload_list') void loadConversations();
      else if (effect === 'refresh_balance') void refreshBalance().catch(() => undefined);
      else if (effect === 'refresh_thread') void refreshConversation();
      else setGenerating(id, isGenerating);
    }
  });
}

function refreshAll(): void {
  const atMs = performance.now();
  if (!me.value || atMs - refreshedAtMs < PAUSE_MS) return;
  refreshedAtMs = atMs;
  void refreshBalance().catch(() => undefined);
  void refreshModels().catch(() => undefined);
  void loadConversations();
  void refreshConversation();
}

/** Titles that a model makes after the first reply, where the site has them made. */
import { call } from '../api/client.ts';
import type { Conversation, Message } from '../api/types.ts';
import { listedConversation, putInList } from './conversations.ts';
import { site } from './site.ts';

/** When it is looked for, in milliseconds after the reply has ended. */
const LOOK_AFTER_MS = [1_500, 4_000, 10_000];

/** Shows the title of a chat once it is made, if its first reply is the one that has ended. */
export async function awaitTitle({ conversation: id, parent, status }: Message): Promise<void> {
  const isMade = site.value?.title_model != null && parent === null && status !== 'failed';
  if (id === null || !isMade) return;
  const before = listedConversation(id)?.title;
  for (const afterMs of LOOK_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const now = await call<Conversation>('GET', `/api/conversations/${id}/`).catch(() => undefined);
    if (!now) return;
    if (now.title === before) continue;
    putInList(now);
    return;
  }
}

/** Public facts about the site, known without a session. */
import { computed, signal } from '@preact/signals';
import { call } from '../api/client.ts';
import type { Site } from '../api/types.ts';
import { strings } from '../strings/strings.ts';
import { type TooLong, tooLong } from './machines/message-length.ts';
import { noteOwnLook } from './own-look.ts';

/** undefined until it is known. */
export const site = signal<Site | undefined>(undefined);

/** Whether the server has said what it is, or cannot be asked. */
export const isSiteAsked = signal(false);

/** Whom users ask for accounts and tokens. */
export const whom = computed(() => site.value?.contact ?? strings.value.runners);

/** How long a message is, if the server would refuse it for that. */
export function excessOf(content: string): TooLong | undefined {
  return tooLong(content, site.value?.message_max_length);
}

/** Loads the site's facts; the page works without them. */
export async function loadSite(): Promise<void> {
  site.value = await call<Site>('GET', '/api/site/').catch(() => undefined);
  if (site.value) noteOwnLook(site.value.appearance);
  isSiteAsked.value = true;
}

/** What is known of the site before anybody has signed in. */
import { computed, signal } from '@preact/signals';
import { call } from '../api/client.ts';
import type { Site } from '../api/types.ts';
import { strings } from '../strings/strings.ts';

/** undefined until it is known. */
export const site = signal<Site | undefined>(undefined);

/** Whom to ask for what only the people who run the site can give. */
export const whom = computed(() => site.value?.contact ?? strings.value.runners);

/** Asks the server; without an answer the page says less and works all the same. */
export async function loadSite(): Promise<void> {
  site.value = await call<Site>('GET', '/api/site/').catch(() => undefined);
}

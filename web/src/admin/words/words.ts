/** The panel's own dictionary; what it shares with the chat page is in `strings`. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../../strings/strings.ts';
import { de } from './de.ts';
import { en } from './en.ts';

/** The panel's texts, in the same language as the chat page's. */
export const words = computed(() => (shownLanguage.value === 'de' ? de : en));

/** The panel's own dictionary; what it shares with the chat page is in `strings`. */
import { computed } from '@preact/signals';
import { language } from '../../state/preferences.ts';
import { de } from './de.ts';
import { en } from './en.ts';

/** The panel's texts in the chosen language. */
export const words = computed(() => (language.value === 'de' ? de : en));

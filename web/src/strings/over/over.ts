/** What the page says of sharing, importing, exporting and the app, loaded with those parts. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { overDe } from './de.ts';
import { overEn } from './en.ts';

/** The texts, in the language of the page. */
export const overText = computed(() => (shownLanguage.value === 'de' ? overDe : overEn));

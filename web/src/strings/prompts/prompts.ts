/** What the page says of prompts and assistants, loaded with them. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { promptsDe } from './de.ts';
import { promptsEn } from './en.ts';

/** The texts, in the language of the page. */
export const promptsText = computed(() => (shownLanguage.value === 'de' ? promptsDe : promptsEn));

/** What the page says of proofs and second factors, loaded with them. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { factorsDe } from './de.ts';
import { factorsEn } from './en.ts';

/** The texts, in the language of the page. */
export const factorsText = computed(() => (shownLanguage.value === 'de' ? factorsDe : factorsEn));

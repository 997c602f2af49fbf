/** What the page says of what happens to an account, loaded with the parts that say it. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { securityDe } from './de.ts';
import { securityEn } from './en.ts';

/** The texts, in the language of the page. */
export const securityText = computed(() =>
  shownLanguage.value === 'de' ? securityDe : securityEn,
);

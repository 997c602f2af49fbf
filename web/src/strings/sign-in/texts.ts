/** What the page says of signing in by a provider, loaded where there is one. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { signInDe } from './de.ts';
import { type SignInTexts, signInEn } from './en.ts';

/** The texts, in the language of the page. */
export const signInText = computed(
  (): SignInTexts => (shownLanguage.value === 'de' ? signInDe : signInEn),
);

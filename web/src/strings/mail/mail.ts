import { computed } from '@preact/signals';
import { errorText, shownLanguage } from '../strings.ts';
import { mailDe } from './de.ts';
import { mailEn } from './en.ts';

/** What the page says of mail, in its language. */
export const mailText = computed(() => (shownLanguage.value === 'de' ? mailDe : mailEn));

/** What went wrong, with the texts about mail first. */
export function mailError(error: unknown): string {
  return errorText(error, mailText.value);
}

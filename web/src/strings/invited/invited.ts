/** What the page says of invitations, loaded with their page. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { invitedDe } from './de.ts';
import { invitedEn } from './en.ts';

/** The texts, in the language of the page. */
export const invitedText = computed(() => (shownLanguage.value === 'de' ? invitedDe : invitedEn));

/** What the page says of finding and ordering chats, loaded with those parts. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { orderDe } from './de.ts';
import { orderEn } from './en.ts';

/** The texts, in the language of the page. */
export const orderText = computed(() => (shownLanguage.value === 'de' ? orderDe : orderEn));

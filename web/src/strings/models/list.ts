import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { modelListDe } from './list-de.ts';
import { modelListEn } from './list-en.ts';

/** The texts of the choice of models, in the language of the page. */
export const modelListText = computed(() =>
  shownLanguage.value === 'de' ? modelListDe : modelListEn,
);

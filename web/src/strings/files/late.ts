/** What the page says of files, loaded with the first of them. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import { lateFilesDe, uploadErrorsDe } from './late-de.ts';
import { lateFilesEn, uploadErrorsEn } from './late-en.ts';

/** The texts, in the chosen language. */
export const fileTexts = computed(() => (shownLanguage.value === 'de' ? lateFilesDe : lateFilesEn));

/** Why an upload was refused, by the error's code. */
export const uploadErrors = computed(() => {
  const errors = shownLanguage.value === 'de' ? uploadErrorsDe : uploadErrorsEn;
  return { errors, fieldFaults: {} };
});

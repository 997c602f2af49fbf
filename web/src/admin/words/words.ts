/** The panel's own dictionary in use; what it shares with the chat page is in `strings`. */
import { computed } from '@preact/signals';
import { language } from '../../state/preferences.ts';
import { de } from './de.ts';
import { en } from './en.ts';

/** What the panel says, in the language that was chosen. */
export const words = computed(() => (language.value === 'de' ? de : en));

/** A sentence of the server's, in the language that was chosen if it is known there. */
export function saidHere(sentence: string): string {
  const { said: sentences, saidWith } = words.value;
  const like = saidWith.find(([pattern]) => pattern.test(sentence));
  return sentences[sentence] ?? (like ? sentence.replace(...like) : sentence);
}

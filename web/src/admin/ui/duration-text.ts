import { computed } from '@preact/signals';
import { language } from '../../state/preferences.ts';
import { words } from '../words/words.ts';

const SHORTEST_SECONDS = 0.1;

const twoDigits = computed(
  () => new Intl.NumberFormat(language.value, { maximumSignificantDigits: 2 }),
);

/** A duration read from a histogram bucket, with no more digits than are known. */
export function durationText(seconds: number): string {
  if (seconds < SHORTEST_SECONDS) return words.value.underShortest;
  return `${twoDigits.value.format(seconds)} s`;
}

/** The same, marked as approximate. */
export function approximateDuration(seconds: number): string {
  const text = durationText(seconds);
  return seconds < SHORTEST_SECONDS ? text : words.value.approximate(text);
}

/** The dictionary in use, and how numbers and times are written in its language. */
import { computed } from '@preact/signals';
import { language } from '../state/preferences.ts';
import { de } from './de.ts';
import { en } from './en.ts';

/** What the page says, in the language that was chosen. */
export const strings = computed(() => (language.value === 'de' ? de : en));

/** A sentence of the server's, in the language that was chosen if it is known there. */
export function said(sentence: string): string {
  return strings.value.said[sentence] ?? sentence;
}

const numbers = computed(() => new Intl.NumberFormat(language.value));
const signedNumbers = computed(
  () => new Intl.NumberFormat(language.value, { signDisplay: 'exceptZero' }),
);
const seconds = computed(() => new Intl.NumberFormat(language.value, { maximumFractionDigits: 1 }));
const times = computed(
  () => new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'short' }),
);

/** A whole number, grouped. */
export function number(value: number): string {
  return numbers.value.format(value);
}

/** What was added or taken, with its sign. */
export function signed(value: number): string {
  return signedNumbers.value.format(value);
}

/** A duration in seconds with one digit behind the point. */
export function secondsText(ms: number): string {
  return seconds.value.format(ms / 1000);
}

/** A moment, as ISO text, for people. */
export function time(iso: string): string {
  return times.value.format(new Date(iso));
}

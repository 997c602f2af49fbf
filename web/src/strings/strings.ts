/** The dictionary in use, and how numbers and times are written in its language. */
import { computed } from '@preact/signals';
import { language } from '../state/preferences.ts';
import { de } from './de.ts';
import { en } from './en.ts';

/** What the page says, in the language that was chosen. */
export const strings = computed(() => (language.value === 'de' ? de : en));

/** A sentence of the server's, in the language that was chosen if it is known there. */
export function said(sentence: string): string {
  const { said: sentences, saidWith } = strings.value;
  return sentences[sentence] ?? likeOne(sentence, saidWith) ?? sentence;
}

/** A sentence with a number in it, put as one of some that look like it; undefined if none does. */
export function likeOne(
  sentence: string,
  all: readonly (readonly [RegExp, string])[],
): string | undefined {
  const like = all.find(([pattern]) => pattern.test(sentence));
  return like && sentence.replace(...like);
}

/** The reader's own kind of the chosen language, if the browser names one, such as en-GB. */
export const locale = computed(
  () => navigator.languages.find((it) => it.split('-')[0] === language.value) ?? language.value,
);

const numbers = computed(() => new Intl.NumberFormat(locale.value));
const signedNumbers = computed(
  () => new Intl.NumberFormat(locale.value, { signDisplay: 'exceptZero' }),
);
const seconds = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }));
const days = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium' }));
const clocks = computed(() => new Intl.DateTimeFormat(locale.value, { timeStyle: 'short' }));
const times = computed(
  () => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }),
);

/** A whole number, grouped. */
export function number(value: number): string {
  return numbers.value.format(value);
}

/** What was added or taken, with its sign. */
export function signed(value: number): string {
  // The sign that is as wide as a plus, where the language's own is a hyphen.
  return signedNumbers.value.format(value).replace('-', '−');
}

/** A duration in seconds with one digit behind the point. */
export function secondsText(ms: number): string {
  return seconds.value.format(ms / 1000);
}

/** The day of a moment, as ISO text, and what the clock showed then: for narrow places. */
export function dayAndClock(iso: string): readonly [string, string] {
  const date = new Date(iso);
  return [days.value.format(date), clocks.value.format(date)];
}

/** A moment, as ISO text, for people. */
export function time(iso: string): string {
  return times.value.format(new Date(iso));
}

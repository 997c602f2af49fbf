/** The dictionary in use, and how numbers and times are written in its language. */
import { computed, effect, signal } from '@preact/signals';
import type { ParamsOf } from '../../../src/http/framework/error-schema.ts';
import { ApiError, Unreachable } from '../api/client.ts';
import type { Message } from '../api/types.ts';
import { withOwnTexts } from '../state/own-look.ts';
import { type Language, language } from '../state/preferences.ts';
import { en, type Strings } from './en.ts';
import type { RefusalTexts } from './error-texts.ts';

const german = signal<Strings | undefined>(undefined);

/** The language of the texts: English also where German is chosen but not loaded. */
export const shownLanguage = computed((): Language => (german.value ? language.value : 'en'));

/** The texts of the page, in the chosen language; some are the site's own. */
export const strings = computed(
  (): Strings =>
    withOwnTexts((shownLanguage.value === 'de' && german.value) || en, shownLanguage.value),
);

/** Loads the German dictionary, which only its readers need. */
export async function loadGerman(): Promise<void> {
  german.value ??= (await import('./de.ts')).de;
}

// Without it the page is in English, and works all the same.
const ensureLoaded = async () => {
  if (language.value === 'de') await loadGerman().catch(() => undefined);
};
/**
 * Resolves when the texts are loaded: nothing is drawn before, so that nobody sees English first.
 * Not awaited here, since a module that waits keeps the bundler from joining files.
 */
export const textsLoaded = ensureLoaded();
effect(() => void ensureLoaded());

/** Tells the browser from now on in which language the page is. */
export function applyLanguage(): void {
  effect(() => {
    document.documentElement.lang = shownLanguage.value;
  });
}

/**
 * What went wrong, in the reader's language: by the error's code and parameters. Where no text is
 * known for a code, the server's sentence is shown.
 * @param special texts that come before the ones of the chat page, such as the panel's own
 */
export function errorText(error: unknown, special?: RefusalTexts): string {
  const text = strings.value;
  if (error instanceof Unreachable) return text.offline;
  if (!(error instanceof ApiError)) return text.somethingWrong;
  return (
    (special && refusalText(error, special)) ||
    (error.status === 429 && text.tooFast(error.retryAfterSeconds ?? 1)) ||
    refusalText(error, text) ||
    error.message ||
    text.somethingWrong
  );
}

/** Why a reply is missing or incomplete; undefined if nothing is wrong with it. */
export function failureText(
  message: Pick<Message, 'failure' | 'failure_code'>,
): string | undefined {
  const { failure, failure_code: code } = message;
  return (code && strings.value.failures[code]) ?? failure ?? undefined;
}

function refusalText({ code, params }: ApiError, texts: RefusalTexts): string | undefined {
  if (code !== 'invalid_fields') return textOf(texts.errors, code, params);
  const { fields } = (params ?? {}) as Partial<ParamsOf<'invalid_fields'>>;
  const faults = Object.values(fields ?? {}).flat();
  const sentences = faults.map((fault) => textOf(texts.fieldFaults, fault.code, fault));
  // Several empty fields have one sentence.
  return sentences.every((it) => it !== undefined) ? [...new Set(sentences)].join(' ') : undefined;
}

/** The text for a code; undefined where there is none, or its parameters are missing. */
export function textOf(
  texts: object,
  code: string | undefined,
  params: unknown,
): string | undefined {
  if (code === undefined || !Object.hasOwn(texts, code)) return undefined;
  const text = (texts as Record<string, string | ((params: unknown) => string)>)[code];
  if (typeof text !== 'function') return text;
  return params === undefined ? undefined : text(params);
}

/** The reader's own kind of the shown language, if the browser names one, such as en-GB. */
export const locale = computed(() => {
  const { value: shown } = shownLanguage;
  return navigator.languages.find((it) => it.split('-')[0] === shown && isLocale(it)) ?? shown;
});

/** Some browsers take over names of their system that are no BCP 47 tags, such as en-US@posix. */
function isLocale(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name).length > 0;
  } catch {
    return false;
  }
}

const numbers = computed(() => new Intl.NumberFormat(locale.value));
const signedNumbers = computed(
  () => new Intl.NumberFormat(locale.value, { signDisplay: 'exceptZero' }),
);
const shortNumbers = computed(
  () =>
    // British English would write 1m, beside prices per 1M.
    new Intl.NumberFormat(shownLanguage.value === 'en' ? 'en' : locale.value, {
      notation: 'compact',
      maximumFractionDigits: 1,
      roundingMode: 'floor',
    }),
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

/** A large number where there is little room, such as 1.2M: never more than it is. */
export function shortNumber(value: number): string {
  return shortNumbers.value.format(value);
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

/**
 * A moment at which something renews, as ISO text: the day on which a day begins there, else the
 * reader's own day and time.
 * @param timeZone of what renews; the reader's if not given
 */
export function momentText(iso: string, timeZone?: string | null): string {
  const date = new Date(iso);
  const zone = timeZone ? { timeZone } : {};
  const clock = new Intl.DateTimeFormat('en-GB', { ...zone, timeStyle: 'medium' }).format(date);
  if (clock !== '00:00:00') return times.value.format(date);
  return new Intl.DateTimeFormat(locale.value, { ...zone, dateStyle: 'medium' }).format(date);
}

/**
 * The day of a moment, as ISO text, in a time zone, such as 1 December; with its year if it is not
 * the present one.
 */
export function dayIn(iso: string, timeZone: string): string {
  const date = new Date(iso);
  const yearOf = (it: Date) =>
    new Intl.DateTimeFormat('en', { timeZone, year: 'numeric' }).format(it);
  const day = { day: 'numeric', month: 'long', timeZone } as const;
  const options =
    yearOf(date) === yearOf(new Date()) ? day : ({ ...day, year: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale.value, options).format(date);
}

/** The name of a weekday: 1 is Monday, 7 Sunday. */
export function weekdayName(weekday: number): string {
  // 5 January 1970 was a Monday.
  const date = new Date((weekday + 3) * 86_400_000);
  return new Intl.DateTimeFormat(locale.value, { weekday: 'long', timeZone: 'UTC' }).format(date);
}

/** A moment, as ISO text, for people. */
export function time(iso: string): string {
  return times.value.format(new Date(iso));
}

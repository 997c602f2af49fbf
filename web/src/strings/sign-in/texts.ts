/** What the page says of signing in by a provider, loaded where there is one. */
import { computed } from '@preact/signals';
import { shownLanguage } from '../strings.ts';
import type { SignInErrorCode } from './codes.ts';
import { signInDe } from './de.ts';
import { signInEn } from './en.ts';

export interface SignInTexts {
  readonly signInBy: (name: string) => string;
  /** Before something that needs a fresh proof. */
  readonly again: string;
  /** Where an account has the address that a provider names. */
  readonly unproven: string;
  /** Between the buttons and the form. */
  readonly or: string;
  readonly failures: Readonly<Record<SignInErrorCode | 'throttled' | 'invitation_used', string>>;
  readonly failed: string;
  /** @param whom to ask for an account */
  readonly ask: (whom: string) => string;
}

/** The texts, in the language of the page. */
export const signInText = computed(
  (): SignInTexts => (shownLanguage.value === 'de' ? signInDe : signInEn),
);

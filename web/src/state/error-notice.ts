/** An error other than in sending, shown above the composer until it is closed. */
import { signal } from '@preact/signals';
import { SessionOver } from '../api/client.ts';
import { errorText, strings } from '../strings/strings.ts';
import { atSessionEnd } from './account.ts';

/** The text; empty if there is no error. */
export const errorNotice = signal('');

atSessionEnd(() => {
  errorNotice.value = '';
});

/** Takes back that the server cannot be reached. */
export function forgetOffline(): void {
  if (errorNotice.value === strings.value.offline) errorNotice.value = '';
}

/** Shows an error. */
export function reportError(error: unknown): void {
  if (!(error instanceof SessionOver)) errorNotice.value = errorText(error);
}

/** Shows a sentence in the place of errors. */
export function reportText(words: string): void {
  errorNotice.value = words;
}

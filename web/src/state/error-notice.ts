/** What did not work beside the sending of words, said above the composer until it is read. */
import { signal } from '@preact/signals';
import { SessionOver } from '../api/client.ts';
import { errorText } from '../strings/strings.ts';
import { atSessionEnd } from './account.ts';

/** In words; empty if there is nothing to say. */
export const trouble = signal('');

atSessionEnd(() => {
  trouble.value = '';
});

/** Shows why something did not work. */
export function reportError(error: unknown): void {
  if (!(error instanceof SessionOver)) trouble.value = errorText(error);
}

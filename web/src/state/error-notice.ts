/** What did not work beside the sending of words, said above the composer until it is read. */
import { signal } from '@preact/signals';
import { ApiError, SessionOver, Unreachable } from '../api/client.ts';
import { said, strings } from '../strings/strings.ts';
import { atSessionEnd } from './account.ts';

/** In words; empty if there is nothing to say. */
export const trouble = signal('');

atSessionEnd(() => {
  trouble.value = '';
});

/** Says why something did not work. */
export function complain(error: unknown): void {
  if (!(error instanceof SessionOver)) trouble.value = faultText(error);
}

/** Why something did not work, in words. */
export function faultText(error: unknown): string {
  const text = strings.value;
  if (error instanceof Unreachable) return text.offline;
  if (!(error instanceof ApiError)) return text.somethingWrong;
  if (error.status === 429) return text.tooFast(error.retryAfterSeconds ?? 1);
  return said(error.message) || text.somethingWrong;
}

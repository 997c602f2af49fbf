import { ChitError, invalidField } from '../../core/errors.ts';
import { faultOfUsername, type UsernameFault } from '../../core/usernames.ts';
import type { Context } from '../context.ts';

const MESSAGES: Readonly<Record<UsernameFault, string>> = {
  characters:
    'Use letters, digits, single spaces and ordinary punctuation: no invisible characters, and ' +
    'none that only look like another one.',
  mixed_scripts: 'Use the letters of one script: do not mix, for example, Latin and Cyrillic.',
  reserved: 'This name is reserved, or contains a colon, as only names of the system do.',
};

/**
 * Requires that a new account may have this name.
 * @throws ChitError `invalid_fields`
 */
export function requireUsername(username: string): void {
  const reason = faultOfUsername(username);
  if (reason === undefined) return;
  throw invalidField('username', MESSAGES[reason], { code: 'not_a_username', reason });
}

/**
 * Claims a name for an account that is opened at once.
 * @param invitationId of the invitation that the account is opened by, which may keep the name
 * @throws ChitError `username_taken` if another account has a name that is too similar
 */
export async function claimUsername(
  context: Context,
  username: string,
  invitationId?: string,
): Promise<void> {
  const outcome = await context.usernameClaims.claim(username, context.now(), invitationId);
  if (outcome === 'taken') throw new ChitError('username_taken', undefined);
}

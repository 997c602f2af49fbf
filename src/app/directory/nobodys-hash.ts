import { unmatchableHash } from '../../auth/passwords.ts';

let made: Promise<string> | undefined;

/**
 * The hash of accounts that nobody signs in to with a password: no password matches it. It is the
 * same for all of them, since making one takes as long as signing in.
 */
export function nobodysHash(): Promise<string> {
  if (made) return made;
  made = unmatchableHash();
  // One that could not be made, since too many are waiting, is made again.
  made.catch(() => {
    made = undefined;
  });
  return made;
}

import type { SignInErrorCode } from './codes.ts';

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

/** What the page says of signing in by a provider, in English. */
export const signInEn: SignInTexts = {
  signInBy: (name) => `Sign in with ${name}`,
  again:
    'Sign in once more to show that it’s you. You’ll come back to this page; then do it again.',
  unproven:
    'There is an account here with your e-mail address. Show once that it’s yours; after that ' +
    'the sign-in service is enough.',
  or: 'or',
  failures: {
    sign_in_unknown: 'You can’t sign in that way here any more. Choose another one.',
    sign_in_unreachable: 'The sign-in service isn’t answering. Try again in a minute.',
    sign_in_denied: 'You weren’t signed in: you cancelled, or the sign-in service refused.',
    sign_in_expired:
      'That sign-in took longer than ten minutes, was used before, or began in another browser. ' +
      'Please sign in again.',
    sign_in_failed:
      'The sign-in service sent an answer that can’t be accepted. Try again; if it keeps ' +
      'happening, tell the people who run this site.',
    sign_in_refused: 'That account may not use this site. Try another account.',
    sign_in_no_account: 'You don’t have an account here yet.',
    sign_in_stale:
      'Nothing was done: the sign-in service let you through without asking who you are. Sign ' +
      'out there and try again. If that doesn’t help, you need a password of this site.',
    sign_in_unproven: 'Show that the account with your e-mail address is yours.',
    sign_in_unprovable:
      'There is an account here with your e-mail address, and nothing to show that it’s yours. ' +
      'You need a link to choose a password for it.',
    sign_in_disabled: 'Your account is disabled.',
    password_login_off: 'Passwords don’t work here. Use one of the buttons.',
    invitation_used:
      'This invitation has been used, or isn’t valid any more. If you used it, sign in the way ' +
      'you did then.',
    throttled: 'Too many people are signing in from here. Try again in a few minutes.',
  },
  ask: (whom) => `Ask ${whom}.`,
  failed: 'You couldn’t be signed in. Please try again.',
};

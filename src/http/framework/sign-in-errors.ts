/** The responses to errors about signing in by a provider, in the one table of `errors.ts`. */
import type { SignInErrors } from '../../core/sign-in-errors.ts';
import type { Responses } from './limit-errors.ts';

export const SIGN_IN_RESPONSES: Responses<keyof SignInErrors> = {
  sign_in_unknown: () => ({
    status: 404,
    detail: 'Nobody can sign in that way on this site. Begin again on its first page.',
  }),
  sign_in_unreachable: () => ({
    status: 502,
    detail: 'The sign-in service does not answer at the moment. Please try again in a minute.',
  }),
  sign_in_denied: () => ({
    status: 403,
    detail: 'The sign-in service did not let you in, or you cancelled.',
  }),
  sign_in_expired: () => ({
    status: 400,
    detail:
      'This sign-in took longer than ten minutes, was used already, or began in another browser. ' +
      'Please sign in again.',
  }),
  sign_in_failed: () => ({
    status: 400,
    detail:
      'The sign-in service sent an answer that cannot be accepted. Please try again; if it stays ' +
      'so, whoever runs this site finds the reason in its log.',
  }),
  sign_in_refused: () => ({
    status: 403,
    detail: 'Your account there is not one that may use this site.',
  }),
  sign_in_no_account: () => ({
    status: 403,
    detail: 'You have no account on this site yet. Ask whoever runs it for one.',
  }),
  sign_in_stale: () => ({
    status: 403,
    detail:
      'The sign-in service did not ask who you are, or does not say when it did. Sign out there ' +
      'and try again, or ask whoever runs this site for a link to choose a password.',
  }),
  sign_in_unproven: () => ({
    status: 403,
    detail: 'An account here has your e-mail address. Prove once that it is yours.',
  }),
  sign_in_unprovable: () => ({
    status: 403,
    detail:
      'An account here has your e-mail address, and nothing to prove that it is yours. Ask ' +
      'whoever runs this site for a link to choose a password.',
  }),
  sign_in_disabled: () => ({
    status: 403,
    detail: 'Your account is disabled. Ask whoever runs this site.',
  }),
  logout_token_refused: ({ reason }) => ({
    status: 400,
    detail: `The logout token is refused. ${reason} Nobody was signed out.`,
  }),
  trial_not_found: () => ({
    status: 404,
    detail: 'This trial is over, or it is not yours. Try it again.',
  }),
  directory_not_set: () => ({
    status: 404,
    detail: 'chit.json names no directory. Add "ldap" to it and put it in force.',
  }),
  link_of_another: () => ({
    status: 403,
    detail: 'This link is for another account. Sign in to the one that asked for it.',
  }),
  identity_not_found: () => ({ status: 404, detail: 'This account is not connected to that.' }),
  only_way_in: () => ({
    status: 409,
    detail:
      'This is the only way to sign in to your account. Add a passkey first, or ask whoever runs ' +
      'this site for a link to choose a password.',
  }),
  password_login_off: () => ({
    status: 403,
    detail: 'This site takes no passwords. Sign in as its sign-in page says.',
  }),
};

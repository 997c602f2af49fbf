/** The part of `errors.ts` about directories: SCIM and LDAP. */
import type { ErrorDetails } from '../../core/errors.ts';

/** A directory that restarts is there again soon. */
const DIRECTORY_RETRY_SECONDS = 10;

/** The responses to what is wrong with a directory, or with its requests. */
export const DIRECTORY_ERRORS = {
  scim_token_invalid: () => ({
    status: 401,
    detail:
      'A valid token for SCIM is required. A superuser makes one in the panel, under Directory.',
    headers: { 'www-authenticate': 'Bearer realm="scim"' },
  }),
  scim_token_not_found: () => ({ status: 404, detail: 'Token not found.' }),
  scim_token_name_taken: () => ({
    status: 409,
    detail: 'Another token has this name. Choose another, or end that one.',
  }),
  scim_refused: ({ status, message }: ErrorDetails['scim_refused']) => ({
    status,
    detail: message,
  }),
  directory_unavailable: () => ({
    status: 503,
    detail:
      'The directory that checks your password cannot be reached right now. Please try again in ' +
      'a minute.',
    headers: { 'Retry-After': String(DIRECTORY_RETRY_SECONDS) },
  }),
  directory_no_account: () => ({
    status: 403,
    detail:
      'Your password is right, but there is no account for you here, or another one has your ' +
      'name. Ask whoever runs this site.',
  }),
  directory_password: () => ({
    status: 409,
    detail: 'Your password is that of your organisation. Change it where you use it otherwise.',
  }),
} as const;

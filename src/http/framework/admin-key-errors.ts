/** The part of `errors.ts` about admin keys and the appearance of the site. */
import type { AdminScope } from '../../core/admin-scopes.ts';

/** RFC 6750, section 3: every 401 names the scheme that would be accepted. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="api"' };

/** The responses to what is wrong with an admin key; each says what to do. */
export const ADMIN_KEY_RESPONSES = {
  admin_key_invalid: () => ({
    status: 401,
    detail:
      'There is no such admin key, or it was ended or has expired. Staff can make a new one in ' +
      'the panel.',
    headers: CHALLENGE,
  }),
  admin_key_misplaced: () => ({
    status: 401,
    detail:
      'Admin keys are let in to the routes of staff only, under /api/admin/. Sign in, or use an ' +
      'API key under /v1/.',
    headers: CHALLENGE,
  }),
  admin_key_scope: ({ scope }: { readonly scope: AdminScope }) => ({
    status: 403,
    detail: `This admin key lacks the scope ${scope}. Make one that has it.`,
    params: { scope },
  }),
  admin_key_refused: () => ({
    status: 403,
    detail: 'No admin key may do this. Nothing was changed; sign in as staff to do it.',
  }),
  admin_key_unproven: () => ({
    status: 403,
    detail:
      'This site asks staff for a second factor, and this key was made without one, or whoever ' +
      'made it has none any more. They set one up and make a new key.',
  }),
  appearance_changed: () => ({
    status: 409,
    detail:
      'Nothing was changed: somebody else has changed the appearance since you read it. Read it ' +
      'again, and send its "changed_at".',
  }),
  admin_key_not_found: () => ({ status: 404, detail: 'Admin key not found.' }),
  too_many_admin_keys: ({ most }: { readonly most: number }) => ({
    status: 409,
    detail: `You can have at most ${most} admin keys. End one that is no longer used.`,
    params: { max: most },
  }),
};

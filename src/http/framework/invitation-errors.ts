/** The part of `errors.ts` about invitations. */
import type { ErrorDetails } from '../../core/errors.ts';

/** The responses to what is wrong with an invitation; each says what to do. */
export const INVITATION_RESPONSES = {
  invitation_unknown: () => ({
    status: 404,
    detail:
      'There is no invitation with this code. A code has 10 letters and digits: check them, or ' +
      'ask whoever gave it to you.',
  }),
  invitation_used: () => ({
    status: 409,
    detail:
      'Somebody has come by this invitation already. If it was you, sign in with the name and ' +
      'password that you chose; if it was not, tell whoever gave it to you.',
  }),
  invitation_ended: () => ({
    status: 410,
    detail: 'This invitation was taken back. Ask whoever gave it to you for another one.',
  }),
  invitation_expired: () => ({
    status: 410,
    detail: 'This invitation has expired. Ask whoever gave it to you to extend it.',
  }),
  invitation_not_found: () => ({
    status: 404,
    detail: 'There is no such invitation that somebody could still come by.',
  }),
  invitation_codes_lost: () => ({
    status: 409,
    detail:
      'The codes of these invitations do not work any more: the secret key of the server is not ' +
      'the one they were made with. Extend the invitations; then they have new codes.',
  }),
  invitations_refused: ({ faults, first }: ErrorDetails['invitations_refused']) => ({
    status: 400,
    detail:
      `Nobody was invited. Row ${first.row}` +
      `${first.column === undefined ? '' : `, ${first.column}`}: ${first.message}` +
      `${faults === 1 ? '' : ` The list has ${faults} faults; a dry run shows them.`}`,
    params: { faults },
  }),
  invitations_changed: () => ({
    status: 409,
    detail:
      'Nobody was invited: it would do something else now than when you looked. Do a dry run ' +
      'again, and send the "expected" of its answer.',
  }),
} as const;

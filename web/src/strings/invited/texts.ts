/** What an invitation can be refused for, which is said only on its page. */
export type InvitationErrorCode =
  | 'invitation_unknown'
  | 'invitation_used'
  | 'invitation_ended'
  | 'invitation_expired';

/** Row types of invitations. */

export interface InvitationRow {
  id: string;
  /** Those that were made together. */
  batch_id: string;
  /** Counts the invitations of the batch, from 1. */
  number: number;
  /** Whom it is for, as it is printed. */
  name: string;
  /** The name that the account will have; null if the person chooses one. */
  username: string | null;
  email: string | null;
  email_key: string | null;
  plan_id: string | null;
  /** The opening balance. */
  credits: number;
  /** Hashes with the secret key: of the code, and of the token that only the mail has. */
  code_hash: string;
  mail_hash: string;
  invited_by: string;
  created_at: number;
  last_invited_at: number;
  expires_at: number;
  ended_at: number | null;
  /** Of the account that is opened, from the moment on at which somebody begins to. */
  user_id: number | null;
  claimed_at: number | null;
  /** null for who came by a provider or a directory without either. */
  came_by: 'code' | 'mail' | null;
  /** Whom the account is opened for, if a provider or a directory vouches for the person. */
  opening: string | null;
  /** The transfer of its tokens to somebody who had an account before. */
  grant_id: string | null;
  /** Since when there is the account. */
  accepted_at: number | null;
  /** Since when it has all that the invitation gives. */
  completed_at: number | null;
}

export interface InvitationGroupRow {
  invitation_id: string;
  group_id: string;
}

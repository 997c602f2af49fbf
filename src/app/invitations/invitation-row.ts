import { type Invitation, stateOf } from '../../store/invitations/invitations.ts';

/** The columns of the list as CSV, from the panel and from the command line. */
export const INVITATION_COLUMNS = [
  'name',
  'email',
  'groups',
  'state',
  'invited_at',
  'expires_at',
  'accepted_at',
  'username',
] as const;

/** An invitation as a row of that list; times in ISO 8601. */
export function invitationRow(
  invitation: Invitation,
  atMs: number,
): Record<(typeof INVITATION_COLUMNS)[number], string | null> {
  const { name, email, groups, accountName, username } = invitation;
  const { createdAtMs, expiresAtMs, acceptedAtMs } = invitation;
  return {
    name,
    email: email ?? null,
    groups: groups.map((it) => it.name).join('; '),
    state: stateOf(invitation, atMs),
    invited_at: new Date(createdAtMs).toISOString(),
    expires_at: new Date(expiresAtMs).toISOString(),
    accepted_at: acceptedAtMs === undefined ? null : new Date(acceptedAtMs).toISOString(),
    username: accountName ?? username ?? null,
  };
}

/** Whether those who have signed in by LDAP are still there, while their session lasts. */
import { OWN_SOURCE } from '../../auth/fair-queue.ts';
import type { Context } from '../context.ts';
import { auditEntry } from '../principal.ts';

/**
 * Looks a user up again whose session is renewed, and ends all sessions of one who has left the
 * directory. While the directory cannot be asked, sessions go on.
 * @returns false if the user has left
 */
export async function isStillInLdap(context: Context, userId: number): Promise<boolean> {
  const directory = context.ldap.current;
  if (!directory || !context.ldapChecks.isDue(userId, context.now())) return true;
  const subject = await context.ldapUsers.subjectOf(userId);
  if (subject === undefined) return true;
  let isThere: boolean;
  try {
    isThere = await directory.isThere(subject, OWN_SOURCE);
  } catch {
    return true;
  }
  context.ldapChecks.note(userId, context.now());
  if (isThere) return true;
  const entry = auditEntry(
    { actor: 'ldap:directory', address: undefined, user: undefined },
    { action: 'user.end_sessions', target: `user:${userId}` },
  );
  await context.users.endSessions(userId, context.now, entry);
  return false;
}

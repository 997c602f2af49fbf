/** Who performs an audited action. */
import type { Actor, AuditAction, AuditEntry, AuditedFacts } from '../core/audit-log.ts';
import type { User } from '../store/accounts/users.ts';
import { momentOf, newId } from './ids.ts';

/** A member of staff, their admin key, or somebody at the command line, and where from. */
export interface Principal {
  readonly actor: Actor;
  readonly address: string | undefined;
  /** The member of staff, for a key who made it; undefined at the command line, which may all. */
  readonly user: User | undefined;
}

/** An action for the audit log. */
export interface AuditEvent {
  readonly action: AuditAction;
  readonly target: string;
  readonly reason?: string | undefined;
  readonly before?: AuditedFacts | undefined;
  readonly after?: AuditedFacts | undefined;
}

/** Whether a program acts, with an admin key. */
export function isProgram({ actor }: Principal): boolean {
  return actor.startsWith('key:');
}

/**
 * Only superusers and the command line may change the account of a superuser, and no admin key that
 * of staff: who has one must not get more by it, such as a link to choose their password.
 */
export function canManage(principal: Principal, user: User): boolean {
  if (isProgram(principal) && user.isStaff) return false;
  return !principal.user || principal.user.isSuperuser || !user.isSuperuser;
}

/**
 * The audit log entry for an event that happens now: at the moment of its id, since the log is read
 * by ids, and a span that begins with an entry has to contain it.
 */
export function auditEntry(principal: Principal, event: AuditEvent): AuditEntry {
  const id = newId();
  return {
    id,
    atMs: momentOf(id),
    actor: principal.actor,
    address: principal.address,
    action: event.action,
    target: event.target,
    reason: event.reason,
    before: event.before,
    after: event.after,
  };
}

/** Who does something that is logged. */
import type { Actor, AuditAction, AuditEntry, AuditedFacts } from '../core/audit-log.ts';
import type { User } from '../store/accounts/users.ts';
import type { Context } from './context.ts';
import { newId } from './ids.ts';

/** Somebody on the staff or on the command line, and where the request came from. */
export interface Principal {
  readonly actor: Actor;
  readonly address: string | undefined;
  /** The user on the staff; undefined on the command line, which may do everything. */
  readonly user: User | undefined;
}

/** What is to be logged. */
export interface AuditEvent {
  readonly action: AuditAction;
  readonly target: string;
  readonly reason?: string | undefined;
  readonly before?: AuditedFacts | undefined;
  readonly after?: AuditedFacts | undefined;
}

/** Superusers are for superusers only to do something to, and for the command line. */
export function canManage(principal: Principal, user: User): boolean {
  return !principal.user || principal.user.isSuperuser || !user.isSuperuser;
}

/** The entry of the audit log for a deed that is done now. */
export function auditEntry(context: Context, principal: Principal, deed: AuditEvent): AuditEntry {
  const { actor, address } = principal;
  const { action, target, reason, before, after } = deed;
  const at = { id: newId(), atMs: context.now() };
  return { ...at, actor, address, action, target, reason, before, after };
}

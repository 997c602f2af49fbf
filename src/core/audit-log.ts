/** The log of what staff and the command line did. It is only ever added to. */

/** Who did something: `user:ID`, or `cli:NAME` for somebody who works on the machine. */
export type Actor = `user:${number}` | `cli:${string}`;

/** All that is done and logged; the part before the point says to what. */
export const AUDIT_ACTIONS = [
  'user.create',
  'user.change',
  'user.delete',
  'user.password_link',
  'user.password',
  'user.end_sessions',
  'user.end_key',
  'credits.grant',
  'credits.refund',
  'chats.read',
  'audit.export',
  'setup.link',
  'setup.superuser',
  'import.django',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One thing that was done. */
export interface AuditEntry {
  /** A UUID of version 7, so that entries sort by time. */
  readonly id: string;
  readonly atMs: number;
  readonly actor: Actor;
  /** Where the request came from; undefined on the command line. */
  readonly address: string | undefined;
  readonly action: AuditAction;
  /** `user:ID`, or another kind and name. Never a username, which may be erased. */
  readonly target: string;
  readonly reason: string | undefined;
  /** What was changed, before and after; plain data, without anything that is secret. */
  readonly before: AuditedFacts | undefined;
  readonly after: AuditedFacts | undefined;
}

export type AuditedFacts = Readonly<Record<string, string | number | boolean | null>>;

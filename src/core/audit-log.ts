/**
 * The append-only log of the actions of staff and the command line, and of signs that an account is
 * used by somebody else.
 */

/**
 * Who did something: `user:ID`, `key:ID` for a program with an admin key of staff, `cli:NAME` for a
 * person at the command line, or `provider:NAME` for what a provider of `signIn` in `chit.json`
 * says of somebody who signs in; `scim:NAME` for a directory that calls with the token of that
 * name, `ldap:directory` for what a sign-in by LDAP brings with it, `webhook:receiver` for the
 * receiver of events that turns its webhook off.
 */
export type Actor =
  | `user:${number}`
  | `key:${string}`
  | `cli:${string}`
  | `provider:${string}`
  | `scim:${string}`
  | 'ldap:directory'
  | 'webhook:receiver';

/** All audited actions; the part before the dot is the kind of their target. */
export const AUDIT_ACTIONS = [
  'user.create',
  'user.change',
  'user.delete',
  'user.password_link',
  'user.password',
  'user.end_sessions',
  'user.end_key',
  'user.token_reuse',
  'user.factor',
  'user.reset_factors',
  'user.identity',
  'user.untie',
  'user.limit',
  'user.plan',
  'group.plan',
  'plan.create',
  'plan.change',
  'plan.end',
  'credits.grant',
  'credits.refund',
  'group.create',
  'group.change',
  'group.end',
  'group.add_member',
  'group.remove_member',
  'group.set_manager',
  'group.give',
  'group.budget',
  'group.member_budget',
  'prompt.share',
  'prompt.change',
  'prompt.end',
  'chats.read',
  'audit.export',
  'setup.link',
  'setup.superuser',
  'import.django',
  'deployment.reread',
  'voucher.create',
  'voucher.codes',
  'voucher.end',
  'user.import',
  'user.directory',
  'scim_token.create',
  'scim_token.end',
  'user.export',
  'invitation.create',
  'invitation.codes',
  'invitation.send',
  'invitation.extend',
  'invitation.end',
  'invitation.accept',
  'backup.make',
  'webhook.create',
  'webhook.change',
  'webhook.secret',
  'webhook.end',
  'mail.test',
  'sign_in.try',
  'mail.resend',
  'key.create',
  'key.end',
  'site.change',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One action. */
export interface AuditEntry {
  /** A UUID version 7, so that entries sort by time. */
  readonly id: string;
  readonly atMs: number;
  readonly actor: Actor;
  /** Where the request came from; undefined on the command line. */
  readonly address: string | undefined;
  readonly action: AuditAction;
  /** `user:ID`, or another kind and name. Never a username, which may be erased. */
  readonly target: string;
  readonly reason: string | undefined;
  /** The changed values before and after; plain data without secrets. */
  readonly before: AuditedFacts | undefined;
  readonly after: AuditedFacts | undefined;
}

export type AuditedFacts = Readonly<Record<string, string | number | boolean | null>>;

/**
 * What people and other programs are told of: the kinds of notices, each with its data. A notice is
 * written in the transaction of the deed and handed on afterwards: shown on the page, sent by mail,
 * or posted to webhooks.
 */
import type { AdminScope } from './admin-scopes.ts';
import type { Credits } from './credits.ts';

/** What a user is told, by kind. Nothing of it is secret; all of it may be shown on the page. */
export interface UserNotices {
  /** A session began in a browser that the user had never signed in with. */
  'sign_in.new': {
    /** Such as Firefox; null if the browser did not say. */
    readonly browser: string | null;
    /** Such as Windows. */
    readonly system: string | null;
    readonly address: string | null;
  };
  /** The password was changed. */
  'password.new': { readonly by: 'you' | 'link' | 'staff'; readonly address: string | null };
  /** Somebody else made a link with which the password can be chosen. */
  'password_link.new': { readonly until_ms: number };
  /** An API key or an admin key was made. */
  'key.new': {
    readonly name: string;
    readonly prefix: string;
    /** What an admin key is for; an API key has none. */
    readonly scopes?: readonly AdminScope[];
  };
  /** A second factor, or the codes in its place, were added, removed or made anew. */
  'factor.changed': {
    readonly factor: 'passkey' | 'totp' | 'recovery_codes';
    readonly change: 'added' | 'removed' | 'renewed';
    /** The name that the user gave to it. */
    readonly name: string | null;
  };
  /** An identity elsewhere was tied to the account, or a directory took it into its list. */
  'identity.new': {
    /** `scim` manages the account; the others sign in to it. */
    readonly by: 'provider' | 'ldap' | 'scim';
    /** What the button of the provider says, by language; null for a directory. */
    readonly names: Readonly<Record<MailLanguage, string>> | null;
    readonly address: string | null;
  };
  /** An identity elsewhere was untied from the account, by its user or by staff. */
  'identity.removed': {
    readonly by: 'provider' | 'ldap';
    readonly names: Readonly<Record<MailLanguage, string>> | null;
    /** null if staff did it. */
    readonly address: string | null;
  };
  /** The address for mail is another one; null if there is none any more. */
  'email.changed': { readonly email: string | null };
  /** Mail with a link that shows that an address is the user's. */
  'email.verify': { readonly until_ms: number };
  /** Mail with a link to choose a password, for which somebody asked on the page. */
  'password.forgotten': { readonly until_ms: number; readonly address: string | null };
  /** Mail with a link to a new account, or to one that waits for its user. */
  invitation: {
    /** The username, if it is fixed. */
    readonly username: string | null;
    /** Who invites, as people know it; null for the site. */
    readonly from: string | null;
    readonly until_ms: number;
  };
  /** The personal balance fell below what the user wants to be told of. */
  'balance.low': { readonly tokens: Credits; readonly below: Credits };
  /** The balance that a group shares, of which the user is a manager, is low for its members. */
  'pool.low': { readonly group: string; readonly tokens: Credits; readonly below: Credits };
  /** A new period of the user's plan began. */
  'allowance.renewed': { readonly tokens: Credits };
}

export type UserNoticeKind = keyof UserNotices;

/** What operators are told by webhooks, by kind: no words of users, and no secrets. */
export interface OperatorNotices {
  'balance.low': {
    readonly user_id: number;
    readonly username: string;
    readonly tokens: Credits;
    readonly below: Credits;
  };
  /** The balance that a group shares is low for its members. */
  'pool.low': {
    readonly group_id: string;
    readonly group: string;
    readonly tokens: Credits;
    readonly below: Credits;
  };
  /** Nothing is left of the allowance of a plan in its period. */
  'allowance.used_up': {
    readonly user_id: number | null;
    readonly username: string | null;
    /** Whose pool it is, if it is no user's. */
    readonly group_id: string | null;
    readonly plan_id: string;
    readonly renews_at: string | null;
  };
  'provider.failing': {
    readonly model: string;
    /** Requests of the last hour that it failed, on the server that tells. */
    readonly failures: number;
  };
  /** A fallback answered for a model. */
  'fallback.used': { readonly model: string; readonly fallback: string };
  /** A charge was more than its account had; the site bears the rest. */
  'charge.shortfall': {
    readonly transfer_id: string;
    readonly tokens: Credits;
    readonly model: string | null;
  };
  /** Something was used that the model has no price for. */
  'usage.unpriced': { readonly model: string; readonly units: readonly string[] };
  'disk.nearly_full': {
    /** The name of the machine. */
    readonly host: string;
    readonly folder: string;
    readonly free_bytes: number;
  };
  'backup.failed': { readonly host: string; readonly reason: string };
  'user.signed_up': { readonly user_id: number; readonly username: string };
  /** Sent by the button of the panel. */
  'webhook.test': { readonly by: string };
}

export type OperatorNoticeKind = keyof OperatorNotices;

/** Kinds that webhooks can be for, in the order in which people choose them. */
export const WEBHOOK_KINDS = [
  'provider.failing',
  'fallback.used',
  'usage.unpriced',
  'charge.shortfall',
  'balance.low',
  'pool.low',
  'allowance.used_up',
  'user.signed_up',
  'disk.nearly_full',
  'backup.failed',
] as const satisfies readonly OperatorNoticeKind[];

export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

/** Languages that mail is written in. */
export const MAIL_LANGUAGES = ['en', 'de'] as const;
export type MailLanguage = (typeof MAIL_LANGUAGES)[number];

/** A kind that its user may do without; the others are about who can use the account. */
export const OPTIONAL_KINDS = ['balance.low', 'pool.low', 'allowance.renewed'] as const;
export type OptionalKind = (typeof OPTIONAL_KINDS)[number];

/** Kinds whose mail is worth nothing without its link. */
export const LINK_KINDS = ['email.verify', 'password.forgotten', 'invitation'] as const;

/**
 * Why a mail that was given up cannot be sent again: its link is over, its user has no address any
 * more, or wants no more mail of this kind.
 */
export type MailObstacle = 'link_over' | 'no_address' | 'not_wanted';

/** Kinds of which there may be thousands at once: they let mail pass that somebody waits for. */
export const BULK_KINDS: readonly string[] = [
  ...OPTIONAL_KINDS,
  'invitation',
  'identity.new',
  'email.changed',
];

/** Mail for an address that is named, rather than for the verified one of the user. */
export interface MailTo {
  readonly email: string;
  /** undefined for the one that the user has chosen. */
  readonly language: MailLanguage | undefined;
  /**
   * The path of the page that the mail links to, with its token, sealed (`Seal`): it is erased once
   * the mail is sent or the link is over.
   */
  readonly sealedPath: string | undefined;
}

/** What all notices have. */
interface NoticeBase {
  /** A UUID version 7, so that notices sort by time. */
  readonly id: string;
  readonly atMs: number;
  /** With a key, the notice is dropped if one with the same key is still stored. */
  readonly onceKey: string | undefined;
}

/** A notice for a user. */
export type UserNotice = {
  [Kind in UserNoticeKind]: NoticeBase & {
    readonly audience: 'user';
    readonly kind: Kind;
    /** undefined only for somebody who has no account yet. */
    readonly userId: number | undefined;
    readonly data: UserNotices[Kind];
    readonly mailTo: MailTo | undefined;
  };
}[UserNoticeKind];

/** A notice for operators. */
export type OperatorNotice = {
  [Kind in OperatorNoticeKind]: NoticeBase & {
    readonly audience: 'operators';
    readonly kind: Kind;
    /** The user whom it is about, with whom it is erased. */
    readonly userId: number | undefined;
    readonly data: OperatorNotices[Kind];
    readonly mailTo: undefined;
  };
}[OperatorNoticeKind];

export type Notice = UserNotice | OperatorNotice;

/** Kinds that are only mail, so that the page does not show them. */
export const MAIL_ONLY_KINDS: readonly UserNoticeKind[] = ['email.verify', 'invitation'];

/** Row types of notices and of how they are delivered. */
import type { Generated } from 'kysely';
import type { Flag } from './schema-chat.ts';

/** What a user or the operators are told; the outbox of mail and webhooks. */
export interface NoticeRow {
  id: string;
  audience: 'user' | 'operators';
  kind: string;
  /** Whom it is for or about; it is erased with that user. */
  user_id: number | null;
  /** JSON. */
  data: string;
  /** Unique: of two notices with the same key only the first is stored. */
  once_key: string | null;
  /** The address that it is for, if not for the verified one of the user. */
  mail_to: string | null;
  mail_language: string | null;
  /** A path with a token, sealed; erased once the mail is sent or the link is over. */
  mail_path: string | null;
  /** Whether it has yet to be handed to mail and webhooks. */
  is_new: Generated<Flag>;
  created_at: number;
  seen_at: number | null;
}

/** One mail, or one event for one webhook. */
export interface DeliveryRow {
  id: string;
  notice_id: string;
  /** null for mail. */
  webhook_id: string | null;
  /** The address of a mail. */
  mail_to: string | null;
  state: 'waiting' | 'sent' | 'failed';
  attempts: Generated<number>;
  /** When it is tried next, or another server may take it over; null once it has ended. */
  next_at: number | null;
  /** The status of the last response of a webhook. */
  last_status: number | null;
  last_error: string | null;
  /** Whether it is mail of which there may be thousands at once, which stands behind other mail. */
  is_bulk: Generated<Flag>;
  created_at: number;
  ended_at: number | null;
}

export interface WebhookRow {
  id: string;
  name: string;
  url: string;
  /** JSON, a list. */
  kinds: string;
  /** Sealed, as the next one. */
  secret: string;
  earlier_secret: string | null;
  /** Until when deliveries are signed with the earlier secret too. */
  earlier_until: number | null;
  is_active: Generated<Flag>;
  created_at: number;
}

/** A state that operators were told of, while it lasts. */
export interface AlertRow {
  key: string;
  since: number;
  /** When a server saw it last. */
  seen_at: number;
}

/** A personal account whose user was told that its balance is low, while it is. */
export interface LowBalanceRow {
  account_id: number;
  since: number;
}

/** What a user wants to have by mail, and in which language. */
export interface MailSettingsRow {
  user_id: number;
  language: string | null;
  /** A balance below this is low; null for what the site has set, 0 for never. */
  low_below: number | null;
  tells_low: Generated<Flag>;
  tells_renewal: Generated<Flag>;
  /** The newest period that the user was told of. */
  renewal_told_at: Generated<number>;
}

/** An address that a user has given and not verified yet. */
export interface EmailLinkRow {
  user_id: number;
  email: string;
  token_hash: string;
  expires_at: number;
}

export interface NoticeTables {
  notices: NoticeRow;
  deliveries: DeliveryRow;
  webhooks: WebhookRow;
  alerts: AlertRow;
  low_balances: LowBalanceRow;
  mail_settings: MailSettingsRow;
  email_links: EmailLinkRow;
}

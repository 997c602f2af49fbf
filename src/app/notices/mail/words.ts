/** What mail says, in one language. Every text is plain, and its lines are not broken. */
import type { UserNoticeKind, UserNotices } from '../../../core/notices.ts';

/** What a mail is about, apart from its data. */
export interface MailFacts {
  /** The host of the site, such as `chat.example.org`. */
  readonly site: string;
  /** Of the user who gets it; undefined for an invitation. */
  readonly username: string | undefined;
  /** When it happened, in words. */
  readonly when: string;
  /** The page with the account. */
  readonly accountUrl: string;
  /** The page of the panel with admin keys. */
  readonly adminKeysUrl: string;
  /** The page with the groups that the user manages. */
  readonly groupsUrl: string;
  /** The page that only this mail leads to; empty if it has none. */
  readonly linkUrl: string;
}

/** A subject, and paragraphs. */
export interface MailText {
  readonly subject: string;
  readonly paragraphs: readonly string[];
}

/** Words of one language. */
export interface MailWords {
  readonly locale: string;
  greeting(username: string | undefined): string;
  /** Below each mail. @param hasAccount whether it is certain that whoever gets it has one */
  footer(site: string, hasAccount: boolean): string;
  unsubscribe(url: string): string;
  readonly test: (site: string) => MailText;
  readonly kinds: {
    readonly [Kind in UserNoticeKind]: (
      data: UserNotices[Kind],
      facts: MailFacts,
      words: {
        readonly time: (ms: number) => string;
        readonly number: (value: number) => string;
      },
    ) => MailText;
  };
}

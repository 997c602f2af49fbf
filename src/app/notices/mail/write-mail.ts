import { inMail } from '../../../core/mail.ts';
import {
  MAIL_LANGUAGES,
  type MailLanguage,
  OPTIONAL_KINDS,
  type OptionalKind,
  type UserNoticeKind,
} from '../../../core/notices.ts';
import { timesIn } from '../../../core/shown-time.ts';
import type { ClaimedMail } from '../../../store/notices/deliveries.ts';
import type { Mail } from './mailer.ts';
import type { MailFacts, MailText, MailWords } from './words.ts';
import { de } from './words-de.ts';
import { en } from './words-en.ts';

const WORDS: Readonly<Record<MailLanguage, MailWords>> = { en, de };

/** What links in mail need. */
export interface LinkSources {
  /** Without a slash at the end. */
  readonly publicUrl: string;
  /** The IANA name of the time zone of the site. */
  readonly timeZone: string;
  /** The site's own name; without one it is called by its host. */
  readonly siteName: string | undefined;
  /** Opens a sealed path; undefined if it cannot be opened. */
  readonly open: (sealed: string) => string | undefined;
  /** The token with which a user ends mail of a kind. */
  readonly unsubscribeToken: (userId: number, kind: OptionalKind) => string;
}

/** Why a mail cannot be written. */
export type Unwritten = 'link_unreadable' | 'kind_unknown';

/** Writes the mail of a notice. A kind that is unknown is one of a newer version. */
export function writeMail(claimed: ClaimedMail, sources: LinkSources): Mail | Unwritten {
  const { kind, atMs, userId, to, id } = claimed;
  const { publicUrl, siteName } = sources;
  const language = mailLanguage(claimed.language);
  const words = WORDS[language];
  const path = claimed.sealedPath === undefined ? '' : sources.open(claimed.sealedPath);
  if (!(kind in words.kinds)) return 'kind_unknown';
  if (path === undefined) return 'link_unreadable';
  const site = siteName ?? new URL(publicUrl).host;
  const time = timesIn(words.locale, sources.timeZone);
  const isToTheUser = kind !== 'email.verify' && kind !== 'invitation';
  const facts: MailFacts = {
    site,
    // Whoever gives the address of somebody else must not be able to choose what they read.
    username: isToTheUser && claimed.username !== undefined ? inMail(claimed.username) : undefined,
    when: time(atMs),
    accountUrl: `${publicUrl}/account`,
    groupsUrl: `${publicUrl}/admin/groups`,
    adminKeysUrl: `${publicUrl}/admin/adminkeys`,
    linkUrl: path === '' ? '' : publicUrl + path,
  };
  const write = words.kinds[kind as UserNoticeKind] as WriteText;
  const number = (value: number) => value.toLocaleString(words.locale);
  const { subject, paragraphs } = write(readable(claimed.data), facts, { time, number });
  const isOptional = (OPTIONAL_KINDS as readonly string[]).includes(kind);
  const token =
    isOptional && userId !== undefined
      ? sources.unsubscribeToken(userId, kind as OptionalKind)
      : undefined;
  const footer = [words.footer(site, isToTheUser)];
  if (token !== undefined) footer.push(words.unsubscribe(`${publicUrl}/unsubscribe#${token}`));
  const all = [words.greeting(facts.username), ...paragraphs, `-- \n${footer.join('\n')}`];
  return {
    messageId: id,
    to,
    subject: inMail(subject),
    text: `${all.join('\n\n')}\n`,
    language,
    unsubscribeUrl:
      token === undefined ? undefined : `${publicUrl}/api/mail/unsubscribe/?token=${token}`,
  };
}

/** A mail that only shows that mail arrives. */
export function testMail(
  to: { readonly address: string; readonly id: string; readonly language: string | undefined },
  { publicUrl, siteName }: Pick<LinkSources, 'publicUrl' | 'siteName'>,
): Mail {
  const language = mailLanguage(to.language);
  const words = WORDS[language];
  const site = siteName ?? new URL(publicUrl).host;
  const { subject, paragraphs } = words.test(site);
  const text = `${[words.greeting(undefined), ...paragraphs].join('\n\n')}\n`;
  const { id: messageId, address } = to;
  return { messageId, to: address, subject, text, language, unsubscribeUrl: undefined };
}

/** The language of mail for whoever asks for a language, or for several as browsers do. */
export function mailLanguage(wanted: string | undefined): MailLanguage {
  const [first = ''] = (wanted ?? '')
    .trim()
    .toLowerCase()
    .split(/[-,;\s]/);
  return MAIL_LANGUAGES.find((it) => it === first) ?? 'en';
}

type WriteText = (
  data: object,
  facts: MailFacts,
  words: { time: (ms: number) => string; number: (value: number) => string },
) => MailText;

/** Texts in the data come from people: names of keys, of devices, of whoever invites. */
function readable(data: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'string' ? inMail(value) : value,
    ]),
  );
}

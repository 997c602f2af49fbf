/** Mail, and events for other programs. */

import { closest } from 'fastest-levenshtein';
import { isTimeZone } from '../core/calendar.ts';
import { isMailAddress, type MailAddress, type SmtpServer } from '../core/mail.ts';
import { ownTimeZone } from '../core/shown-time.ts';
import { oneOf, optional, wholeNumber } from './parsers.ts';
import { setting } from './setting.ts';

export const MAIL = {
  smtp: setting({
    name: 'CHIT_SMTP_URL',
    fallback: '',
    fallbackNote: 'no mail',
    isSecret: true,
    doc:
      'The server for mail: `smtps://USER:PASSWORD@HOST` or `smtp://…`, with TLS unless it is ' +
      'this machine or the URL ends with `?tls=off`.',
    parse: optional(smtpServer),
    mayBeFile: true,
  }),
  mailFrom: setting({
    name: 'CHIT_MAIL_FROM',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Whom mail is from, such as `Chit <chit@example.org>`.',
    parse: optional(mailAddress),
  }),
  mailPerMinute: setting({
    name: 'CHIT_MAIL_PER_MINUTE',
    fallback: '600',
    doc: 'The most mail that a server process sends in a minute, as its mail server allows.',
    parse: wholeNumber({ from: 1, to: 1_000_000 }),
  }),
  timeZone: setting({
    name: 'CHIT_TIME_ZONE',
    fallback: '',
    fallbackNote: "the server's",
    doc: 'Time zone of the times in mail and of sentences of commands, such as `Europe/Berlin`.',
    parse: timeZone,
  }),
  webhooksPrivate: setting({
    name: 'CHIT_WEBHOOKS_PRIVATE',
    fallback: '0',
    doc: 'With 1, webhooks may be at addresses of private networks, and without TLS.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  lowBalanceTokens: setting({
    name: 'CHIT_LOW_BALANCE_TOKENS',
    fallback: '400',
    doc:
      'Users are told once when their balance falls below it, unless they choose another number. ' +
      '0 for never.',
    parse: wholeNumber({ from: 0, to: 1_000_000_000 }),
  }),
};

const SMTPS_PORT = 465;
/** Of submission (RFC 6409). */
const SMTP_PORT = 587;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** An empty text is for the time zone of the machine. */
function timeZone(text: string): string {
  if (text === '') return ownTimeZone();
  if (isTimeZone(text)) return text;
  const nearest = closest(text, Intl.supportedValuesOf('timeZone'));
  throw new Error(`"${text}" is no time zone such as Europe/Berlin. Did you mean ${nearest}?`);
}

/** The text is not repeated in errors, since it may have a password. */
function smtpServer(text: string): SmtpServer {
  const example = 'it is neither smtps://USER:PASSWORD@HOST:PORT nor smtp://….';
  if (!/^smtps?:\/\//.test(text) || !URL.canParse(text)) throw new Error(example);
  const { protocol, hostname, port, username, password, searchParams, pathname } = new URL(text);
  if (hostname === '' || !['', '/'].includes(pathname)) throw new Error(example);
  const tls = searchParams.get('tls');
  if ([...searchParams.keys()].some((it) => it !== 'tls') || (tls !== null && tls !== 'off')) {
    throw new Error('after "?" it may only have tls=off.');
  }
  const isImplicitTls = protocol === 'smtps:';
  if (isImplicitTls && tls === 'off') throw new Error('smtps:// is always with TLS.');
  const defaultPort = isImplicitTls ? SMTPS_PORT : SMTP_PORT;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPort : Number(port),
    isImplicitTls,
    needsTls: isImplicitTls || (tls !== 'off' && !LOOPBACK.test(hostname)),
    user: username === '' ? undefined : decoded(username),
    password: password === '' ? undefined : decoded(password),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('"%" in its user or password must be written as %25.');
  }
}

function mailAddress(text: string): MailAddress {
  const [, name = '', inBrackets, bare = ''] = /^(?:(.*?)\s*<([^<>]+)>|(\S+))$/.exec(text) ?? [];
  const address = inBrackets ?? bare;
  const plainName = name.replace(/^"(.*)"$/, '$1');
  if (isMailAddress(address) && !/[\p{Cc}"]/u.test(plainName)) return { name: plainName, address };
  throw new Error(`"${text}" is not an address such as Chit <chit@example.org>.`);
}

/** Where data is, how long it is kept, and what tells operators of it. */
import { withoutPassword } from '../core/hidden-password.ts';
import { databaseUrl, oneOf, optional, token, wholeNumber, zeroOr } from './parsers.ts';
import { setting } from './setting.ts';

export const DATA = {
  databaseUrl: setting({
    name: 'CHIT_DATABASE_URL',
    fallback: 'sqlite:./data/chit.db',
    doc: 'Where data is stored: `sqlite:PATH`, or `postgres://…` for several servers.',
    parse: databaseUrl,
    mayBeFile: true,
    shown: withoutPassword,
  }),
  queryTimeoutSeconds: setting({
    name: 'CHIT_QUERY_TIMEOUT_SECONDS',
    fallback: '3',
    doc: 'How long PostgreSQL may take for one query of a request.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  lockTimeoutSeconds: setting({
    name: 'CHIT_LOCK_TIMEOUT_SECONDS',
    fallback: '1',
    doc: 'How long it may wait for a locked row: at most half of that time.',
    parse: wholeNumber({ from: 1, to: 3_600 }),
  }),
  backupFolder: setting({
    name: 'CHIT_BACKUP_FOLDER',
    fallback: '',
    fallbackNote: '`backups` in the data folder',
    doc: 'Where backups are made. Another disk is better.',
    parse: (text) => text,
  }),
  backupEveryHours: setting({
    name: 'CHIT_BACKUP_EVERY_HOURS',
    fallback: '24',
    doc: 'How often a backup is made. 0 for never.',
    parse: wholeNumber({ from: 0, to: 8_760 }),
  }),
  backupBeforeUpgrade: setting({
    name: 'CHIT_BACKUP_BEFORE_UPGRADE',
    fallback: '1',
    doc: 'With 0, a SQLite database is upgraded without a backup first.',
    parse: (text) => oneOf('0', '1')(text) === '1',
  }),
  keepChatsDays: setting({
    name: 'CHIT_KEEP_CHATS_DAYS',
    fallback: '0',
    doc: 'Chats are deleted so many days after their last message. 0 for never.',
    parse: wholeNumber({ from: 0, to: 36_500 }),
  }),
  keepAuditLogDays: setting({
    name: 'CHIT_KEEP_AUDIT_LOG_DAYS',
    fallback: '0',
    doc: 'Entries of the audit log are deleted after so many days, at least 31. 0 for never.',
    parse: zeroOr(wholeNumber({ from: 31, to: 36_500 })),
  }),
  keepUsageDays: setting({
    name: 'CHIT_KEEP_USAGE_DAYS',
    fallback: '0',
    doc: 'Usage by hour and by day is deleted after so many days; by month it stays. 0 for never.',
    parse: zeroOr(wholeNumber({ from: 31, to: 36_500 })),
  }),
  metricsPort: setting({
    name: 'CHIT_METRICS_PORT',
    fallback: '',
    fallbackNote: 'none',
    doc: 'Port for `/metrics`, for Prometheus. 0 takes any free one.',
    parse: optional(wholeNumber({ from: 0, to: 65_535 })),
  }),
  metricsHost: setting({
    name: 'CHIT_METRICS_HOST',
    fallback: '127.0.0.1',
    doc: 'Address to listen on with that port.',
    parse: (text) => text,
  }),
  metricsToken: setting({
    name: 'CHIT_METRICS_TOKEN',
    fallback: '',
    fallbackNote: 'none',
    isSecret: true,
    doc: 'Bearer token for `/metrics`. Without a port of its own, it is on the port of the server.',
    parse: token,
  }),
};

import type { Context } from '../context.ts';
import type { Disagreement } from './servers.ts';

/** The part of a logger that is used. */
interface Logger {
  warn(details: object, message: string): void;
  info(message: string): void;
}

const SENTENCES: Record<Disagreement, string> = {
  secret_key:
    'another server on this database has another secret key, so that each refuses the log-ins ' +
    'and voucher codes of the other. Give both the same CHIT_SECRET_KEY',
  deployment:
    'another server on this database has other models, prices or limits, so that the same ' +
    'request may cost more on one than on the other. Give both the same chit.json and settings',
};

/** Logs what does not fit between servers, and when they cannot share their limits. */
export function warnOfServers(log: Logger, { servers, usageLimits }: Context): void {
  servers.onDisagreement = ({ id, host, version, startedAtMs }, what) => {
    const startedAt = new Date(startedAtMs).toISOString();
    log.warn({ server: { id, host, version, startedAt } }, SENTENCES[what]);
  };
  usageLimits.counts.onAway = (err) =>
    log.warn(
      { err },
      'limits cannot be shared, since the database does not answer: until it does, each server ' +
        'counts for itself',
    );
  usageLimits.counts.onBack = () => log.info('limits are shared with the other servers again');
}

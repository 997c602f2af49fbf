/** Options that say how long invitations last. */
import { InvalidArgumentError } from 'commander';
import { MAX_HOURS } from '../app/invitations/plan-invitations.ts';

const HOURS_A_DAY = 24;
const MAX_DAYS = MAX_HOURS / HOURS_A_DAY;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @throws InvalidArgumentError */
export function daysIn(text: string): number {
  const days = Number(text);
  if (/^\d{1,3}$/.test(text) && days >= 1 && days <= MAX_DAYS) return days;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_DAYS}.`);
}

/**
 * The end of a day where the command runs, or a moment.
 * @returns ms since 1970 UTC
 * @throws InvalidArgumentError
 */
export function untilIn(text: string): number {
  const ms = Date.parse(DAY.test(text) ? `${text}T23:59:59` : text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError(
    'It must be a day such as 2027-01-31, or a time in ISO 8601, such as 2027-01-31T12:00Z.',
  );
}

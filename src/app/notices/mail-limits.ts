import { ChitError } from '../../core/errors.ts';
import type { Context } from '../context.ts';

const HOUR_MS = 3_600_000;

/**
 * Counts a mail that somebody asks for, so that nobody fills the mailbox of others.
 * @throws ChitError `throttled`
 */
export async function countMail(
  { attempts }: Pick<Context, 'attempts'>,
  limits: readonly { readonly key: string; readonly most: number }[],
): Promise<void> {
  const waitMs = await attempts.take(limits, HOUR_MS);
  if (waitMs === undefined) return;
  throw new ChitError('throttled', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}

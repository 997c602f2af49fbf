import { ChitError } from '../../core/errors.ts';
import { OPTIONAL_KINDS } from '../../core/notices.ts';
import type { Context } from '../context.ts';

/**
 * Ends mail of one kind for one user, with the token of a mail. Doing so again changes nothing.
 * @throws ChitError `link_invalid`
 */
export async function unsubscribe(
  { unsubscribeTokens, mailSettings, now }: Context,
  token: string,
): Promise<{ readonly kind: string }> {
  const meant = unsubscribeTokens.read(token);
  const kind = OPTIONAL_KINDS.find((it) => it === meant?.kind);
  if (!meant || !kind) throw new ChitError('link_invalid', undefined);
  await mailSettings.unsubscribe(meant.userId, kind, now());
  return { kind };
}

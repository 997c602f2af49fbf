import type { Context } from '../context.ts';

/** Long enough that everybody signs in meanwhile. */
const TOLD_FOR_MS = 30 * 24 * 3_600_000;
const MOST_TOLD = 5;
/** Entries read of the log; one user has few of them. */
const MOST_READ = 50;

/** A password that somebody other than its user could choose. */
export interface PasswordReset {
  /** Who set it or made the link, as an actor of the audit log: `user:ID` or `cli:NAME`. */
  readonly madeBy: string;
  /** When the link was made; the same as `usedAtMs` without a link. */
  readonly madeAtMs: number;
  readonly usedAtMs: number;
}

/**
 * The resets of a user's password in the last month, newest first: whoever made the link could have
 * used it and read what is the user's. They come from the audit log, which nobody can change, so a
 * member of staff who signs in as the user cannot hide them. The link of a new account is no reset.
 */
export async function passwordResetsOf(context: Context, userId: number): Promise<PasswordReset[]> {
  const target = `user:${userId}`;
  const rows = await context.auditLog.newestOf({ action: 'user.password', target }, MOST_READ);
  const sinceMs = context.now() - TOLD_FOR_MS;
  const resets = rows.flatMap(({ actor, atMs, after = {} }): PasswordReset[] => {
    if (atMs < sinceMs || after.is_first === true) return [];
    const { link_made_by: maker, link_made_at: madeAt } = after;
    const madeBy = typeof maker === 'string' ? maker : actor;
    if (madeBy === target) return [];
    return [
      { madeBy, madeAtMs: typeof madeAt === 'string' ? Date.parse(madeAt) : atMs, usedAtMs: atMs },
    ];
  });
  return resets.slice(0, MOST_TOLD);
}

/** Which notices of the account a browser still has to tell. */
import type { AccountNotice } from '../../api/types.ts';

/** Times of the same moment that two statements took. */
const SAME_MS = 2_000;

/** What a browser knows. */
interface Known {
  /** The newest notice that was told here; empty if none ever was. */
  readonly told: string;
  /** When the session of a browser that was never told anything was begun. */
  readonly begunAt: string | undefined;
  /** When passwords were reset, which another notice tells. */
  readonly resets: readonly string[];
  /** The kinds that are told of. */
  readonly kinds: readonly string[];
}

/**
 * The notices to tell, newest first. A browser that was never told anything tells what the user has
 * seen nowhere, but not that it has just been signed in with itself.
 */
export function newsIn(
  notices: readonly AccountNotice[],
  { told, begunAt, resets, kinds }: Known,
): readonly AccountNotice[] {
  return notices.filter(({ id, kind, is_seen: isSeen, created_at: at }) => {
    if (!kinds.includes(kind)) return false;
    if (told === '' ? isSeen : id <= told) return false;
    if (kind === 'sign_in.new' && isSame(at, begunAt)) return false;
    return !(kind === 'password.new' && resets.some((it) => isSame(at, it)));
  });
}

function isSame(one: string, other: string | undefined): boolean {
  return other !== undefined && Math.abs(Date.parse(one) - Date.parse(other)) < SAME_MS;
}

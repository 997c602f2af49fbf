/** Makes notices, for stores to write in the transaction of the deed. */
import type {
  MailTo,
  OperatorNotice,
  OperatorNoticeKind,
  OperatorNotices,
  UserNotice,
  UserNoticeKind,
  UserNotices,
} from '../../core/notices.ts';
import { momentOf, newId } from '../ids.ts';

/** A notice for a user of what happens now. */
export function userNotice<Kind extends UserNoticeKind>(
  kind: Kind,
  userId: number | undefined,
  data: UserNotices[Kind],
  how: {
    /** Drops the notice if one with the same key is still stored. */
    readonly onceKey?: string;
    /** Mail for this address, rather than for the verified one of the user. */
    readonly mailTo?: MailTo | undefined;
  } = {},
): UserNotice {
  const { onceKey, mailTo } = how;
  const about = { audience: 'user', kind, userId, data, onceKey, mailTo } as const;
  return { ...newBase(), ...about } as UserNotice;
}

/** A notice for operators of what happens now. */
export function operatorNotice<Kind extends OperatorNoticeKind>(
  kind: Kind,
  data: OperatorNotices[Kind],
  how: { readonly userId?: number; readonly onceKey?: string } = {},
): OperatorNotice {
  const { userId, onceKey } = how;
  const about = { audience: 'operators', kind, userId, data, onceKey, mailTo: undefined } as const;
  return { ...newBase(), ...about } as OperatorNotice;
}

function newBase(): { id: string; atMs: number } {
  const id = newId();
  return { id, atMs: momentOf(id) };
}

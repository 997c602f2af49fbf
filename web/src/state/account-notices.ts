/**
 * What happened to the account, and what of it this browser has not told yet. Which that is stays
 * here: somebody else who signs in cannot hide from the user that they did.
 */
import { call } from '../api/client.ts';
import type { AccountNotice, AccountNotices, Session } from '../api/types.ts';
import { SECURITY_KINDS } from '../strings/security/notice-text.ts';
import { me } from './account.ts';
import { newsIn } from './machines/account-news.ts';
import { keep, kept } from './preferences.ts';

/** As many are looked at; more at once is no longer read one by one. */
const LOOKED_AT = 20;

/** Comes before all ids. */
const NOTHING_YET = '0';

/** A page of what happened to the account, newest first. */
export function readNotices(cursor?: string): Promise<AccountNotices> {
  const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return call<AccountNotices>('GET', `/api/account/notices/?limit=${LOOKED_AT}${from}`);
}

/** What the user should be told of who can use the account, newest first. */
export async function readNews(): Promise<readonly AccountNotice[]> {
  const { notices } = await readNotices();
  const [newest] = notices;
  const told = kept(markName());
  if (!newest) {
    markTold(NOTHING_YET);
    return [];
  }
  const begunAt = told === '' ? await ownBeginning() : undefined;
  const resets = me.value?.password_resets.map((it) => it.used_at) ?? [];
  const news = newsIn(notices, { told, begunAt, resets, kinds: SECURITY_KINDS });
  if (news.length === 0) markTold(newest.id);
  return news;
}

/** Notes that all up to a notice were told here; the server notes it too. */
export async function noteTold(id: string): Promise<void> {
  markTold(id);
  await call('POST', '/api/account/notices/seen/', { up_to: id });
}

/** Does not tell here what the user has just done here. @param kind of its notice */
export async function dismissOwn(kind: AccountNotice['kind']): Promise<void> {
  const news = await readNews().catch(() => []);
  const [newest] = news;
  if (newest && news.every((it) => it.kind === kind)) markTold(newest.id);
}

/** When the session of this browser was begun. */
async function ownBeginning(): Promise<string | undefined> {
  const { sessions } = await call<{ sessions: Session[] }>('GET', '/api/session/?limit=200');
  return sessions.find((it) => it.is_current)?.created_at;
}

function markTold(id: string): void {
  keep(markName(), id);
}

function markName(): string {
  return `notices-told.${me.value?.id}`;
}

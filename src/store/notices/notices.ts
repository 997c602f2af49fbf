import type { Kysely } from 'kysely';
import { MAIL_ONLY_KINDS, type Notice } from '../../core/notices.ts';
import type { Database } from '../database/schema.ts';

/** A notice as the page shows it. */
export interface ShownNotice {
  readonly id: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly atMs: number;
  readonly isSeen: boolean;
}

/**
 * Writes notices in the transaction of the deed that they tell of: both are stored or neither. What
 * is sent of them is sent afterwards, in the background.
 */
export async function addNotices(
  transaction: Kysely<Database>,
  notices: readonly Notice[],
): Promise<void> {
  if (notices.length === 0) return;
  await transaction
    .insertInto('notices')
    .values(
      notices.map(({ id, audience, kind, userId, data, onceKey, mailTo, atMs }) => ({
        id,
        audience,
        kind,
        user_id: userId ?? null,
        data: JSON.stringify(data),
        once_key: onceKey ?? null,
        mail_to: mailTo?.email ?? null,
        mail_language: mailTo?.language ?? null,
        mail_path: mailTo?.sealedPath ?? null,
        created_at: atMs,
        seen_at: null,
      })),
    )
    .onConflict((at) => at.column('once_key').where('once_key', 'is not', null).doNothing())
    .execute();
}

/** Notices, for use cases that have no transaction of their own, and for the page. */
export class NoticeStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Writes notices by themselves; see `addNotices` for those of a deed. */
  add(notices: readonly Notice[]): Promise<void> {
    return addNotices(this.#db, notices);
  }

  /** What a user is shown, newest first. @param beforeId shows older ones than this */
  async of(
    userId: number,
    { beforeId, limit }: { readonly beforeId?: string | undefined; readonly limit: number },
  ): Promise<ShownNotice[]> {
    const rows = await this.#shownTo(userId)
      .selectAll()
      .$if(beforeId !== undefined, (query) => query.where('id', '<', beforeId as string))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ id, kind, data, created_at: atMs, seen_at: seenAt }) => ({
      id,
      kind,
      data: JSON.parse(data) as ShownNotice['data'],
      atMs,
      isSeen: seenAt !== null,
    }));
  }

  /** How many of them the user has not seen, up to a hundred. */
  async countUnseen(userId: number): Promise<number> {
    const rows = await this.#shownTo(userId)
      .select('id')
      .where('seen_at', 'is', null)
      .limit(MOST_COUNTED)
      .execute();
    return rows.length;
  }

  /** Notes that a user has seen all up to one. */
  async noteSeen(userId: number, upToId: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('notices')
      .set({ seen_at: atMs })
      .where('user_id', '=', userId)
      .where('audience', '=', 'user')
      .where('id', '<=', upToId)
      .where('seen_at', 'is', null)
      .execute();
  }

  /** Deletes some that are too old, with their deliveries. @returns how many */
  async deleteBefore(beforeId: string, limit: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('notices')
      .where('id', 'in', (query) =>
        query.selectFrom('notices').select('id').where('id', '<', beforeId).limit(limit),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  #shownTo(userId: number) {
    return this.#db
      .selectFrom('notices')
      .where('user_id', '=', userId)
      .where('audience', '=', 'user')
      .where('kind', 'not in', MAIL_ONLY_KINDS);
  }
}

const MOST_COUNTED = 100;

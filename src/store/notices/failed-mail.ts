import type { Kysely } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { LINK_KINDS, type MailObstacle } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import { isWanted, type StoredChoice } from './wanted-mail.ts';

/** A mail that was given up. To which address it went is not told. */
export interface FailedMail {
  readonly id: string;
  readonly kind: string;
  /** Whose account it is about; undefined if there is none yet. */
  readonly userId: number | undefined;
  readonly username: string | undefined;
  readonly attempts: number;
  readonly lastError: string | undefined;
  readonly endedAtMs: number | undefined;
  readonly obstacle: MailObstacle | undefined;
}

/** Some of the mail that was given up. */
export interface FailedMailFilter {
  readonly kind?: string | undefined;
  /** Given up at this time or later. */
  readonly sinceMs?: number | undefined;
}

/** Mail that was given up, for staff to look at and to have sent again. */
export class FailedMailStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** A page of it, newest first. @param atMs now: some links are over by then */
  async page(
    filter: FailedMailFilter,
    page: {
      readonly beforeId?: string | undefined;
      readonly limit: number;
      readonly atMs: number;
    },
  ): Promise<FailedMail[]> {
    const { kind, sinceMs } = filter;
    const { beforeId, limit, atMs } = page;
    const found = await this.#failed()
      .$if(kind !== undefined, (query) => query.where('n.kind', '=', kind as string))
      .$if(sinceMs !== undefined, (query) => query.where('d.ended_at', '>=', sinceMs as number))
      .$if(beforeId !== undefined, (query) => query.where('d.id', '<', beforeId as string))
      .orderBy('d.id', 'desc')
      .limit(limit)
      .execute();
    return found.map((row) => toFailed(row, atMs));
  }

  /** One of it. */
  async find(id: string, atMs: number): Promise<FailedMail | undefined> {
    const row = await this.#failed().where('d.id', '=', id).executeTakeFirst();
    return row && toFailed(row, atMs);
  }

  /** How many there are of each kind. */
  async kinds(): Promise<{ readonly kind: string; readonly count: number }[]> {
    const rows = await this.#db
      .selectFrom('deliveries as d')
      .innerJoin('notices as n', 'n.id', 'd.notice_id')
      .select((of) => ['n.kind', of.fn.countAll<number>().as('count')])
      .where('d.webhook_id', 'is', null)
      .where('d.state', '=', 'failed')
      .groupBy('n.kind')
      .orderBy('n.kind')
      .execute();
    return rows.map(({ kind, count }) => ({ kind, count: Number(count) }));
  }

  /**
   * Lets mail be tried again for another day: to the address that it names, or to the one that its
   * user has by now.
   * @returns how many; not those that somebody else has had sent again meanwhile
   */
  retry(ids: readonly string[], atMs: number, entry: (count: number) => AuditEntry) {
    if (ids.length === 0) return Promise.resolve(0);
    return this.#db.transaction().execute(async (transaction) => {
      const retried = await transaction
        .updateTable('deliveries')
        .set((of) => ({
          state: 'waiting' as const,
          next_at: atMs,
          ended_at: null,
          created_at: atMs,
          mail_to: of
            .selectFrom('notices as n')
            .leftJoin('user_emails as e', (join) =>
              join.onRef('e.user_id', '=', 'n.user_id').on('e.verified_at', 'is not', null),
            )
            .whereRef('n.id', '=', 'deliveries.notice_id')
            .select((inner) => inner.fn.coalesce('n.mail_to', 'e.email').as('to')),
        }))
        .where('id', 'in', ids)
        .where('webhook_id', 'is', null)
        .where('state', '=', 'failed')
        .returning('id')
        .execute();
      if (retried.length > 0) await addToAuditLog(transaction, entry(retried.length));
      return retried.length;
    });
  }

  /** Erases the links of mail that was given up and whose links are over. */
  async eraseLinks(atMs: number): Promise<void> {
    for (let afterId = ''; ; ) {
      const rows = await this.#failed()
        .where('n.mail_path', 'is not', null)
        .where('d.id', '>', afterId)
        .orderBy('d.id')
        .limit(ERASED_AT_ONCE)
        .execute();
      const over = rows.filter((it) => untilMsOf(it.data) <= atMs).map((it) => it.notice_id);
      if (over.length > 0) {
        await this.#db
          .updateTable('notices')
          .set({ mail_path: null })
          .where('id', 'in', over)
          .execute();
      }
      if (rows.length < ERASED_AT_ONCE) return;
      afterId = rows.at(-1)?.id ?? '';
    }
  }

  #failed() {
    return this.#db
      .selectFrom('deliveries as d')
      .innerJoin('notices as n', 'n.id', 'd.notice_id')
      .leftJoin('users as u', 'u.id', 'n.user_id')
      .leftJoin('mail_settings as s', 's.user_id', 'n.user_id')
      .leftJoin('user_emails as e', (join) =>
        join.onRef('e.user_id', '=', 'n.user_id').on('e.verified_at', 'is not', null),
      )
      .select(['d.id', 'd.notice_id', 'd.attempts', 'd.last_error', 'd.ended_at'])
      .select(['n.kind', 'n.data', 'n.user_id', 'n.mail_to', 'n.mail_path', 'u.username'])
      .select(['s.tells_low', 's.tells_renewal', 'e.email'])
      .where('d.webhook_id', 'is', null)
      .where('d.state', '=', 'failed');
  }
}

/** A row of it, with what says whether it can be sent again. */
interface FailedRow extends StoredChoice {
  readonly id: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly ended_at: number | null;
  readonly kind: string;
  readonly data: string;
  readonly user_id: number | null;
  readonly mail_to: string | null;
  readonly mail_path: string | null;
  readonly username: string | null;
  readonly email: string | null;
}

const ERASED_AT_ONCE = 500;

function toFailed(row: FailedRow, atMs: number): FailedMail {
  return {
    id: row.id,
    kind: row.kind,
    userId: row.user_id ?? undefined,
    username: row.username ?? undefined,
    attempts: row.attempts,
    lastError: row.last_error ?? undefined,
    endedAtMs: row.ended_at ?? undefined,
    obstacle: obstacleOf(row, atMs),
  };
}

function obstacleOf(row: FailedRow, atMs: number): MailObstacle | undefined {
  const hasLink = (LINK_KINDS as readonly string[]).includes(row.kind);
  const isOver = row.mail_path === null || untilMsOf(row.data) <= atMs;
  if (hasLink && isOver) return 'link_over';
  if (row.mail_to === null && row.email === null) return 'no_address';
  return isWanted(row.kind, row) ? undefined : 'not_wanted';
}

/** Until when the link of a mail works. */
function untilMsOf(data: string): number {
  const { until_ms: untilMs } = JSON.parse(data) as { readonly until_ms?: number };
  return untilMs ?? Number.POSITIVE_INFINITY;
}

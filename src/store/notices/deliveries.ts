import type { Kysely, Selectable } from 'kysely';
import type { DeliveryRow } from '../database/notice-schema.ts';
import type { Database } from '../database/schema.ts';
import { isWanted } from './wanted-mail.ts';

/** A notice that nobody has handed to mail and webhooks yet. */
export interface NewNotice {
  readonly id: string;
  readonly audience: 'user' | 'operators';
  readonly kind: string;
  readonly atMs: number;
  /** The address that the notice names, or the verified one of its user. */
  readonly mailTo: string | undefined;
  /** Whether its user wants to have this kind by mail. */
  readonly isWanted: boolean;
}

/** One mail, or one event for one webhook, to be delivered. */
export interface NewDelivery {
  readonly id: string;
  readonly noticeId: string;
  readonly webhookId: string | undefined;
  readonly mailTo: string | undefined;
  /** Whether it is mail that stands behind other mail. */
  readonly isBulk?: boolean;
  readonly atMs: number;
}

/** What both kinds of deliveries have. */
interface Claimed {
  readonly id: string;
  readonly noticeId: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When the notice was written. */
  readonly atMs: number;
  /** This attempt included. */
  readonly attempts: number;
  /** Since when it has been tried, or was asked for anew. */
  readonly sinceMs: number;
}

/** A mail that this server alone may send now. */
export interface ClaimedMail extends Claimed {
  readonly to: string;
  readonly userId: number | undefined;
  readonly username: string | undefined;
  readonly language: string | undefined;
  readonly sealedPath: string | undefined;
}

/** An event that this server alone may post now. */
export interface ClaimedEvent extends Claimed {
  readonly webhookId: string;
  readonly url: string;
  readonly sealedSecrets: readonly string[];
}

/** What became of an attempt. */
export interface AttemptEnd {
  readonly state: 'waiting' | 'sent' | 'failed';
  /** When it is tried again; only if it waits. */
  readonly nextAtMs: number | undefined;
  readonly status: number | undefined;
  readonly error: string | undefined;
}

/** A delivery as staff see it. */
export interface ShownDelivery {
  readonly id: string;
  readonly kind: string;
  readonly state: DeliveryRow['state'];
  readonly attempts: number;
  readonly nextAtMs: number | undefined;
  readonly lastStatus: number | undefined;
  readonly lastError: string | undefined;
  readonly createdAtMs: number;
  readonly endedAtMs: number | undefined;
}

/** How the mail of a site does. */
export interface MailQueue {
  readonly waiting: number;
  readonly oldestWaitingAtMs: number | undefined;
  /** Of those that were given up, the newest. */
  readonly failed: readonly ShownDelivery[];
}

/** Texts of errors come from other servers. */
const MOST_ERROR_CHARACTERS = 500;
/** More that wait are not counted. */
const MOST_COUNTED = 100_000;

/** What notices become: mail, and events for webhooks. Any server delivers what is due. */
export class DeliveryStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Notices that were not handed on, oldest first. */
  async newNotices(limit: number): Promise<NewNotice[]> {
    const rows = await this.#db
      .selectFrom('notices as n')
      .leftJoin('user_emails as e', (join) =>
        join.onRef('e.user_id', '=', 'n.user_id').on('e.verified_at', 'is not', null),
      )
      .leftJoin('mail_settings as s', 's.user_id', 'n.user_id')
      .select(['n.id', 'n.audience', 'n.kind', 'n.created_at', 'n.mail_to', 'e.email'])
      .select(['s.tells_low', 's.tells_renewal'])
      .where('n.is_new', '=', 1)
      .orderBy('n.id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      audience: row.audience,
      kind: row.kind,
      atMs: row.created_at,
      mailTo: row.mail_to ?? row.email ?? undefined,
      isWanted: isWanted(row.kind, row),
    }));
  }

  /** Stores the deliveries of notices. Of several servers one does so for each notice. */
  handOn(noticeIds: readonly string[], deliveries: readonly NewDelivery[]): Promise<void> {
    return this.#db.transaction().execute(async (transaction) => {
      const taken = await transaction
        .updateTable('notices')
        .set({ is_new: 0 })
        .where('id', 'in', noticeIds)
        .where('is_new', '=', 1)
        .returning('id')
        .execute();
      const ours = new Set(taken.map(({ id }) => id));
      await addDeliveries(
        transaction,
        deliveries.filter(({ noticeId }) => ours.has(noticeId)),
      );
    });
  }

  /**
   * Takes mail that is due, for a while: no other server sends it until then. First what somebody
   * waits for.
   */
  async claimMail(lease: Lease): Promise<ClaimedMail[]> {
    const ids = await this.#claim(lease, { isBulk: 0 });
    if (ids.length < lease.limit) {
      ids.push(
        ...(await this.#claim({ ...lease, limit: lease.limit - ids.length }, { isBulk: 1 })),
      );
    }
    if (ids.length === 0) return [];
    const rows = await this.#db
      .selectFrom('deliveries as d')
      .innerJoin('notices as n', 'n.id', 'd.notice_id')
      .leftJoin('users as u', 'u.id', 'n.user_id')
      .leftJoin('mail_settings as s', 's.user_id', 'n.user_id')
      .select(['d.id', 'd.notice_id', 'd.attempts', 'd.mail_to', 'd.created_at as since'])
      .select(['n.kind', 'n.data'])
      .select(['n.created_at', 'n.user_id', 'n.mail_language', 'n.mail_path'])
      .select(['u.username', 's.language'])
      .where('d.id', 'in', ids)
      .orderBy('d.is_bulk')
      .orderBy('d.id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      noticeId: row.notice_id,
      kind: row.kind,
      data: JSON.parse(row.data) as Claimed['data'],
      atMs: row.created_at,
      attempts: row.attempts,
      sinceMs: row.since,
      to: row.mail_to ?? '',
      userId: row.user_id ?? undefined,
      username: row.username ?? undefined,
      language: row.mail_language ?? row.language ?? undefined,
      sealedPath: row.mail_path ?? undefined,
    }));
  }

  /**
   * Takes events that are due, as `claimMail` does mail.
   * @param lease with the limit for each webhook, so that none stands behind another one
   */
  async claimEvents(lease: Lease): Promise<ClaimedEvent[]> {
    const webhooks = await this.#db.selectFrom('webhooks').select('id').execute();
    const ids: string[] = [];
    for (const { id } of webhooks) ids.push(...(await this.#claim(lease, { webhookId: id })));
    if (ids.length === 0) return [];
    const rows = await this.#db
      .selectFrom('deliveries as d')
      .innerJoin('notices as n', 'n.id', 'd.notice_id')
      .innerJoin('webhooks as w', 'w.id', 'd.webhook_id')
      .select(['d.id', 'd.notice_id', 'd.attempts', 'd.created_at as since'])
      .select(['n.kind', 'n.data', 'n.created_at'])
      .select(['w.id as webhook_id', 'w.url', 'w.secret', 'w.earlier_secret', 'w.earlier_until'])
      .where('d.id', 'in', ids)
      .orderBy('d.id')
      .execute();
    return rows.map((row) => {
      const isEarlierValid = (row.earlier_until ?? 0) > lease.nowMs;
      const earlier = isEarlierValid && row.earlier_secret !== null ? [row.earlier_secret] : [];
      return {
        id: row.id,
        noticeId: row.notice_id,
        kind: row.kind,
        data: JSON.parse(row.data) as Claimed['data'],
        atMs: row.created_at,
        attempts: row.attempts,
        sinceMs: row.since,
        webhookId: row.webhook_id,
        url: row.url,
        sealedSecrets: [row.secret, ...earlier],
      };
    });
  }

  /**
   * Notes how an attempt ended. Nothing changes if it took so long that another server has taken
   * the delivery over. The link of a mail that was sent is erased; that of one that is given up
   * stays as long as it works, so that staff can have it sent again.
   */
  async end(
    claimed: Pick<Claimed, 'id' | 'noticeId' | 'attempts'> & {
      readonly sealedPath?: string | undefined;
    },
    { state, nextAtMs, status, error }: AttemptEnd,
    atMs: number,
  ): Promise<void> {
    const { id, noticeId, attempts, sealedPath } = claimed;
    const note = (db: Kysely<Database>) =>
      db
        .updateTable('deliveries')
        .set({
          state,
          next_at: state === 'waiting' ? (nextAtMs ?? atMs) : null,
          last_status: status ?? null,
          last_error: error === undefined ? null : storedText(error),
          ended_at: state === 'waiting' ? null : atMs,
        })
        .where('id', '=', id)
        .where('attempts', '=', attempts)
        .where('state', '=', 'waiting')
        .execute();
    if (state !== 'sent' || sealedPath === undefined) {
      await note(this.#db);
      return;
    }
    await this.#db.transaction().execute(async (transaction) => {
      await note(transaction);
      await transaction
        .updateTable('notices')
        .set({ mail_path: null })
        .where('id', '=', noticeId)
        .execute();
    });
  }

  /** Gives back what was taken and not tried. */
  async giveBack(ids: readonly string[], nextAtMs: number): Promise<void> {
    if (ids.length === 0) return;
    await this.#db
      .updateTable('deliveries')
      .set((of) => ({ next_at: nextAtMs, attempts: of('attempts', '-', 1) }))
      .where('id', 'in', ids)
      .where('state', '=', 'waiting')
      .execute();
  }

  /** A page of the deliveries of a webhook, newest first. */
  async ofWebhook(
    webhookId: string,
    page: { readonly beforeId: string | undefined; readonly limit: number },
  ): Promise<ShownDelivery[]> {
    const rows = await this.#shown()
      .where('d.webhook_id', '=', webhookId)
      .$if(page.beforeId !== undefined, (query) =>
        query.where('d.id', '<', page.beforeId as string),
      )
      .orderBy('d.id', 'desc')
      .limit(page.limit)
      .execute();
    return rows.map(toShown);
  }

  /** Lets a delivery of a webhook that has ended be tried again. @returns false if there is none */
  async tryAgain(webhookId: string, id: string, atMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('deliveries')
      .set({ state: 'waiting', next_at: atMs, ended_at: null, created_at: atMs })
      .where('id', '=', id)
      .where('webhook_id', '=', webhookId)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** How mail does. @param limit of those that failed */
  async mailQueue(limit: number): Promise<MailQueue> {
    const waiting = await this.#db
      .selectFrom((query) =>
        query
          .selectFrom('deliveries')
          .select('created_at')
          .where('next_at', 'is not', null)
          .where('webhook_id', 'is', null)
          .limit(MOST_COUNTED)
          .as('waiting'),
      )
      .select((of) => [of.fn.countAll<number>().as('count'), of.fn.min('created_at').as('oldest')])
      .executeTakeFirstOrThrow();
    const failed = await this.#shown()
      .where('d.webhook_id', 'is', null)
      .where('d.state', '=', 'failed')
      .orderBy('d.id', 'desc')
      .limit(limit)
      .execute();
    return {
      waiting: Number(waiting.count),
      oldestWaitingAtMs: waiting.oldest ?? undefined,
      failed: failed.map(toShown),
    };
  }

  #shown() {
    return this.#db
      .selectFrom('deliveries as d')
      .innerJoin('notices as n', 'n.id', 'd.notice_id')
      .selectAll('d')
      .select('n.kind');
  }

  async #claim(
    { limit, nowMs, forMs }: Lease,
    what: { readonly isBulk: 0 | 1 } | { readonly webhookId: string },
  ): Promise<string[]> {
    const due = await this.#db
      .selectFrom('deliveries')
      .select('id')
      .where('next_at', '<=', nowMs)
      .$if('isBulk' in what, (query) =>
        query
          .where('webhook_id', 'is', null)
          .where('is_bulk', '=', 'isBulk' in what ? what.isBulk : 0),
      )
      .$if('webhookId' in what, (query) =>
        query.where('webhook_id', '=', 'webhookId' in what ? what.webhookId : ''),
      )
      .orderBy('next_at')
      .limit(limit)
      .execute();
    if (due.length === 0) return [];
    // Another server that has chosen the same waits for these rows, and then finds them taken.
    const taken = await this.#db
      .updateTable('deliveries')
      .set((of) => ({ next_at: nowMs + forMs, attempts: of('attempts', '+', 1) }))
      .where(
        'id',
        'in',
        due.map(({ id }) => id),
      )
      .where('next_at', '<=', nowMs)
      .returning('id')
      .execute();
    return taken.map(({ id }) => id);
  }
}

/** How much is taken, and until when nobody else takes it. */
export interface Lease {
  readonly limit: number;
  readonly nowMs: number;
  readonly forMs: number;
}

/** Stores deliveries, which are due at once. */
export async function addDeliveries(
  db: Kysely<Database>,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  await db
    .insertInto('deliveries')
    .values(
      deliveries.map(({ id, noticeId, webhookId, mailTo, isBulk, atMs }) => ({
        id,
        notice_id: noticeId,
        webhook_id: webhookId ?? null,
        mail_to: mailTo ?? null,
        state: 'waiting' as const,
        next_at: atMs,
        last_status: null,
        last_error: null,
        is_bulk: isBulk ? 1 : 0,
        created_at: atMs,
        ended_at: null,
      })),
    )
    .onConflict((at) => at.doNothing())
    .execute();
}

function storedText(error: string): string {
  return error.replaceAll('\0', '').toWellFormed().slice(0, MOST_ERROR_CHARACTERS);
}

function toShown(row: Selectable<DeliveryRow> & { readonly kind: string }): ShownDelivery {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    attempts: row.attempts,
    nextAtMs: row.next_at ?? undefined,
    lastStatus: row.last_status ?? undefined,
    lastError: row.last_error ?? undefined,
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at ?? undefined,
  };
}

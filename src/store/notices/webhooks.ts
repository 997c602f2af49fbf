import type { Kysely, Selectable } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { OperatorNotice, WebhookKind } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { WebhookRow } from '../database/notice-schema.ts';
import type { Database } from '../database/schema.ts';
import { addDeliveries } from './deliveries.ts';
import { addNotices } from './notices.ts';

/** Where events are posted to, without its secrets. */
export interface ListedWebhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly WebhookKind[];
  readonly isActive: boolean;
  readonly createdAtMs: number;
  /** Until when the secret before is still signed with. */
  readonly earlierSecretUntilMs: number | undefined;
}

/** What staff choose. */
export type WebhookChoice = Pick<ListedWebhook, 'name' | 'url' | 'kinds' | 'isActive'>;

/** Webhooks: whom operators want to be told of what happens. */
export class WebhookStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** All of them, oldest first. */
  async all(): Promise<ListedWebhook[]> {
    const rows = await this.#db.selectFrom('webhooks').selectAll().orderBy('id').execute();
    return rows.map(toListed);
  }

  /** Those that are turned on. */
  async active(): Promise<ListedWebhook[]> {
    return (await this.all()).filter(({ isActive }) => isActive);
  }

  async find(id: string): Promise<ListedWebhook | undefined> {
    const row = await this.#db
      .selectFrom('webhooks')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toListed(row);
  }

  /** @param sealedSecret what it signs with, sealed */
  async add(
    { id, name, url, kinds, isActive, createdAtMs }: ListedWebhook,
    sealedSecret: string,
    entry: AuditEntry,
  ): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('webhooks')
        .values({
          id,
          name,
          url,
          kinds: JSON.stringify(kinds),
          secret: sealedSecret,
          earlier_secret: null,
          earlier_until: null,
          is_active: isActive ? 1 : 0,
          created_at: createdAtMs,
        })
        .execute();
      await addToAuditLog(transaction, entry);
    });
  }

  /** @returns false, with nothing changed, if there is none */
  change(id: string, { name, url, kinds, isActive }: WebhookChoice, entry: AuditEntry) {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('webhooks')
        .set({ name, url, kinds: JSON.stringify(kinds), is_active: isActive ? 1 : 0 })
        .where('id', '=', id)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /**
   * Turns a webhook off whose receiver is gone, and gives up what waits for it.
   * @param url where the receiver is gone from
   * @param error what is said of events that were given up
   * @returns false, with nothing changed, if it is off, or posts to another address by now
   */
  turnOff(
    { id, url }: Pick<ListedWebhook, 'id' | 'url'>,
    { error, entry }: { readonly error: string; readonly entry: AuditEntry },
  ) {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('webhooks')
        .set({ is_active: 0 })
        .where('id', '=', id)
        .where('url', '=', url)
        .where('is_active', '=', 1)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await transaction
        .updateTable('deliveries')
        .set({ state: 'failed', next_at: null, last_error: error, ended_at: entry.atMs })
        .where('webhook_id', '=', id)
        .where('next_at', 'is not', null)
        .execute();
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /** Replaces the secret; the one before goes on signing for a while. */
  replaceSecret(id: string, sealedSecret: string, earlierUntilMs: number, entry: AuditEntry) {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('webhooks')
        .set((of) => ({
          earlier_secret: of.ref('secret'),
          earlier_until: earlierUntilMs,
          secret: sealedSecret,
        }))
        .where('id', '=', id)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /** Deletes a webhook with its deliveries. */
  end(id: string, entry: AuditEntry) {
    return this.#db.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('webhooks')
        .where('id', '=', id)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /** Stores a notice with one delivery, for one webhook, whatever it is for. */
  async send(
    webhookId: string,
    notice: OperatorNotice,
    delivery: { readonly id: string; readonly atMs: number },
  ): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await addNotices(transaction, [notice]);
      await transaction
        .updateTable('notices')
        .set({ is_new: 0 })
        .where('id', '=', notice.id)
        .execute();
      await addDeliveries(transaction, [
        { ...delivery, noticeId: notice.id, webhookId, mailTo: undefined },
      ]);
    });
  }
}

function toListed(row: Selectable<WebhookRow>): ListedWebhook {
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    kinds: JSON.parse(row.kinds) as WebhookKind[],
    isActive: row.is_active === 1,
    createdAtMs: row.created_at,
    earlierSecretUntilMs: row.earlier_until ?? undefined,
  };
}

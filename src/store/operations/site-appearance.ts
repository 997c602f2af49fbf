import type { Kysely } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { SiteAppearance } from '../../core/site-appearance.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';

/** The bytes of a logo. */
export interface StoredLogo {
  readonly hash: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** The appearance as it is stored. */
export interface StoredAppearance {
  readonly appearance: SiteAppearance;
  readonly changedAtMs: number;
}

/** The site's own name, colours, texts and logo. */
export class SiteAppearanceStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** undefined where nothing was ever set. */
  async read(): Promise<StoredAppearance | undefined> {
    const row = await this.#db
      .selectFrom('site_appearance')
      .select(['content', 'changed_at'])
      .where('id', '=', 1)
      .executeTakeFirst();
    if (!row) return undefined;
    const appearance = JSON.parse(row.content) as SiteAppearance;
    return { appearance, changedAtMs: row.changed_at };
  }

  async logo(hash: string): Promise<StoredLogo | undefined> {
    const row = await this.#db
      .selectFrom('site_logos')
      .selectAll()
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row && { hash: row.hash, mediaType: row.media_type, bytes: row.data };
  }

  /**
   * Replaces the appearance, with the entry that says so, unless somebody else has changed it.
   * @param of.from when it was changed last, as whoever changes it has seen it
   * @param of.newLogo the logo that it names, if it is not stored yet
   * @returns false, with nothing changed, if it is another one by now
   */
  change(
    appearance: SiteAppearance,
    of: {
      readonly from: number | undefined;
      readonly newLogo: StoredLogo | undefined;
      readonly entry: AuditEntry;
    },
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const content = JSON.stringify(appearance);
      // Never the same moment twice, by which two states are told apart.
      const changedAt = Math.max(of.entry.atMs, (of.from ?? 0) + 1);
      const changed =
        of.from === undefined
          ? await transaction
              .insertInto('site_appearance')
              .values({ id: 1, content, changed_at: changedAt })
              .onConflict((at) => at.doNothing())
              .executeTakeFirst()
          : await transaction
              .updateTable('site_appearance')
              .set({ content, changed_at: changedAt })
              .where('id', '=', 1)
              .where('changed_at', '=', of.from)
              .executeTakeFirst();
      const count = 'numUpdatedRows' in changed ? changed.numUpdatedRows : inserted(changed);
      if (count === 0n) return false;
      await transaction
        .deleteFrom('site_logos')
        .where('hash', '!=', appearance.logo?.hash ?? '')
        .execute();
      if (of.newLogo) {
        const { hash, mediaType: media_type, bytes: data } = of.newLogo;
        await transaction
          .insertInto('site_logos')
          .values({ hash, media_type, data })
          .onConflict((at) => at.doNothing())
          .execute();
      }
      await addToAuditLog(transaction, of.entry);
      return true;
    });
  }
}

function inserted(result: { readonly numInsertedOrUpdatedRows?: bigint | undefined }): bigint {
  return result.numInsertedOrUpdatedRows ?? 0n;
}

import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Mail of which there may be thousands at once stands behind mail that somebody waits for, and
 * events are found without passing mail. What servers of the version before write waits for nobody.
 */
export async function up(db: Kysely<unknown>, { integer }: SqlFlavour): Promise<void> {
  const statements = [
    `ALTER TABLE deliveries ADD COLUMN is_bulk ${integer} NOT NULL DEFAULT 0`,
    `CREATE INDEX deliveries_of_mail_waiting ON deliveries (is_bulk, next_at)
      WHERE next_at IS NOT NULL AND webhook_id IS NULL`,
    `CREATE INDEX deliveries_of_webhooks_waiting ON deliveries (webhook_id, next_at)
      WHERE next_at IS NOT NULL AND webhook_id IS NOT NULL`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

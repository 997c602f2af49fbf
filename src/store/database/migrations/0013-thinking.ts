import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * What a model thought before its reply is kept with the message, and a conversation has settings
 * of its model. Erasing a message erases its thinking in the database itself, so that servers of
 * the version before, which do not know of it, erase it too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer } = flavour;
  const statements = [
    'ALTER TABLE messages ADD COLUMN thinking text',
    `ALTER TABLE messages ADD COLUMN thinking_ms ${integer}`,
    `ALTER TABLE messages ADD COLUMN thinking_tokens ${integer}`,
    'ALTER TABLE conversations ADD COLUMN effort text',
    `ALTER TABLE conversations ADD COLUMN temperature_hundredths ${integer}`,
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
    ...flavour.ledgerFunctions('0013'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const IS_LEFT = 'NEW.erased_at IS NOT NULL AND NEW.thinking IS NOT NULL';

const SQLITE = [
  `CREATE TRIGGER messages_erase_thinking AFTER UPDATE OF erased_at ON messages WHEN ${IS_LEFT}
    BEGIN UPDATE messages SET thinking = NULL WHERE id = NEW.id; END`,
];

const POSTGRES = [
  `CREATE FUNCTION messages_erase_thinking() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.thinking := NULL;
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER messages_erase_thinking BEFORE UPDATE OF erased_at ON messages
    FOR EACH ROW WHEN (${IS_LEFT}) EXECUTE FUNCTION messages_erase_thinking()`,
];

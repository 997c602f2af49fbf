import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Entries of the audit log can be deleted once they are older than what is kept: the moment is in a
 * table of its own, and the database refuses to delete what is younger. Without it, nothing.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, strict } = flavour;
  const statements = [
    `CREATE TABLE retention (
      id ${integer} PRIMARY KEY CHECK (id = 1),
      audit_log_before ${integer} NOT NULL
    )${strict}`,
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const BEFORE = 'coalesce((SELECT audit_log_before FROM retention), 0)';

const SQLITE = [
  'DROP TRIGGER audit_log_refuse_delete',
  `CREATE TRIGGER audit_log_refuse_delete BEFORE DELETE ON audit_log
    WHEN OLD.at >= ${BEFORE}
    BEGIN SELECT RAISE(ABORT, 'rows of audit_log are deleted only when they are old'); END`,
];

const POSTGRES = [
  'DROP TRIGGER audit_log_refuse_change ON audit_log',
  `CREATE TRIGGER audit_log_refuse_change BEFORE UPDATE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change()`,
  `CREATE FUNCTION audit_log_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.at >= ${BEFORE} THEN
        RAISE EXCEPTION 'rows of audit_log are deleted only when they are old';
      END IF;
      RETURN OLD;
    END $$`,
  `CREATE TRIGGER audit_log_refuse_delete BEFORE DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_delete()`,
];

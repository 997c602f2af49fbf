/**
 * Sums of usage kept by the transaction that settles, which Chit does not do: it derives them
 * later. Triggers do here what the engines would have to, so that both ways can be compared. They
 * leave out refunds, failures and how long answers took, so all of it would be slower.
 */
import { SqliteConnection } from '../../src/store/database/sqlite-connection.ts';
import { query } from './postgres.ts';
import type { Workspace } from './workspaces.ts';

const TABLES = [
  `CREATE TABLE kept_models (period text, model text, messages bigint, charged bigint,
    input bigint, output bigint, PRIMARY KEY (period, model))`,
  `CREATE TABLE kept_users (user_id bigint, period text, messages bigint, charged bigint,
    input bigint, output bigint, PRIMARY KEY (user_id, period))`,
];

/** Of hours, days and months; the first so many characters of a moment in UTC name them. */
const LENGTHS = [13, 10, 7];

/** Makes every charge add to the sums of its model and its user. No server may be running. */
export async function keepSums({ kind, database }: Workspace): Promise<void> {
  if (kind === 'postgres') {
    await query(database, ...TABLES, ...postgresTrigger());
    return;
  }
  const connection = new SqliteConnection(database);
  for (const statement of [...TABLES.map((it) => `${it} WITHOUT ROWID`), sqliteTrigger()]) {
    connection.db.exec(statement.replaceAll('bigint', 'integer'));
  }
  connection.close();
}

function sqliteTrigger(): string {
  const moment = `strftime('%Y-%m-%dT%H', NEW.created_at / 1000, 'unixepoch')`;
  const values = `1, 0 - NEW.credits, coalesce(NEW.usage_input, 0), coalesce(NEW.usage_output, 0)`;
  const upserts = LENGTHS.flatMap((length) => {
    const period = `substr(${moment}, 1, ${length})`;
    return [
      `INSERT INTO kept_models VALUES (${period}, NEW.model, ${values})
        ${added('kept_models', 'period, model')};`,
      `INSERT INTO kept_users VALUES (NEW.account_id, ${period}, ${values})
        ${added('kept_users', 'user_id, period')};`,
    ];
  });
  return `CREATE TRIGGER keep_sums AFTER INSERT ON transfers WHEN NEW.kind = 'charge'
    BEGIN ${upserts.join('\n')} END`;
}

/** Once for each statement, since a batch checks its charges in one. */
function postgresTrigger(): string[] {
  const at = `to_timestamp(created_at / 1000.0) AT TIME ZONE 'UTC'`;
  const moment = `to_char(${at}, 'YYYY-MM-DD"T"HH24')`;
  const values =
    'count(*), sum(0 - credits), sum(coalesce(usage_input, 0)), sum(coalesce(usage_output, 0))';
  const upserts = LENGTHS.flatMap((length) => {
    const from = `FROM booked WHERE kind = 'charge' GROUP BY 1, 2 ORDER BY 1, 2`;
    const period = `left(${moment}, ${length})`;
    return [
      `INSERT INTO kept_models SELECT ${period}, model, ${values} ${from}
        ${added('kept_models', 'period, model')};`,
      `INSERT INTO kept_users SELECT account_id, ${period}, ${values} ${from}
        ${added('kept_users', 'user_id, period')};`,
    ];
  });
  return [
    `CREATE FUNCTION keep_sums() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN ${upserts.join('\n')} RETURN NULL; END $$`,
    `CREATE TRIGGER keep_sums AFTER INSERT ON transfers REFERENCING NEW TABLE AS booked
      FOR EACH STATEMENT EXECUTE FUNCTION keep_sums()`,
  ];
}

function added(table: string, key: string): string {
  const sums = ['messages', 'charged', 'input', 'output'].map(
    (column) => `${column} = ${table}.${column} + excluded.${column}`,
  );
  return `ON CONFLICT (${key}) DO UPDATE SET ${sums.join(', ')}`;
}

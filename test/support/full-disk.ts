import { SqliteConnection } from '../../src/store/database/sqlite-connection.ts';

/**
 * A disk that can be filled, by the shim that SQLite has for it: beyond `max_page_count` a write
 * fails with SQLITE_FULL, which is what it makes of ENOSPC. It takes effect on the connections of
 * this process that are opened after the call.
 */
export function fullDisk(): { fill(): void; free(): void } {
  const connections: SqliteConnection[] = [];
  const { prototype } = SqliteConnection;
  const { prepare } = prototype;
  prototype.prepare = function (sql: string) {
    if (!connections.includes(this)) connections.push(this);
    return prepare.call(this, sql);
  };
  const limitTo = (pages: string) => {
    for (const { db } of connections) db.exec(`PRAGMA max_page_count = ${pages}`);
  };
  const useUpFreePages = () => {
    for (const { db } of connections) db.exec('VACUUM');
  };
  return {
    // Less than there are already: SQLite then takes as many as there are.
    fill: () => {
      useUpFreePages();
      limitTo('1');
    },
    free: () => limitTo('1000000'),
  };
}

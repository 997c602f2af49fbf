/** The function with which a search asks whether its time is over. Loads nothing, as readers do. */
import type { DatabaseSync } from 'node:sqlite';

/** Always 1; throws when the time of the query is over. */
export const IN_TIME = 'chit_in_time';

/**
 * Adds it to a connection.
 * @param checkTime is called for each text; what it throws ends the query
 */
export function addInTime(db: DatabaseSync, checkTime: () => void = () => undefined): void {
  db.function(IN_TIME, () => {
    checkTime();
    return 1;
  });
}

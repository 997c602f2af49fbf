import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/** What a server says of a limit, and needs of it. */
export interface LimitRequest {
  readonly key: string;
  readonly quota: number;
  /** Units spent here, in the window. */
  readonly spent: number;
  /** Further units that are needed now; 0 gives back what is not spent. */
  readonly needed: number;
  /** The window that the units are of, as it was told last; 0 if none was. */
  readonly window: number;
  /** How long a window lasts that begins now; 0 if the limit has none and counts what goes on. */
  readonly leftMs: number;
}

/** What a server has of a limit. */
export interface LimitShare {
  /** Units that this server may spend in the window, with those that it has. */
  readonly mine: number;
  /** Those of all others. */
  readonly others: number;
  readonly window: number;
  /** Until the window ends. */
  readonly leftMs: number;
}

/** Limits that servers share, by the function `share_limits` of migration 0008. */
export class LimitCountStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Takes units for a server, or gives them back: one statement, which waits for no disk.
   * @param goneAfterMs a server that was not seen for so long has nothing that goes on
   * @returns the share of each request, in their order
   */
  async share(
    serverId: string,
    requests: readonly LimitRequest[],
    { windowMs, goneAfterMs }: { readonly windowMs: number; readonly goneAfterMs: number },
  ): Promise<LimitShare[]> {
    // In the order of keys, so that two servers cannot deadlock.
    const sorted = requests.map((it, index) => ({ ...it, index }));
    sorted.sort((a, b) => (a.key < b.key ? -1 : 1));
    const bigints = (of: (request: LimitRequest) => number) =>
      sql`CAST(${sorted.map(of)} AS bigint[])`;
    const { rows } = await sql<{
      key_index: number;
      mine: number;
      others: number;
      window_end: number;
      left_ms: number;
    }>`SELECT * FROM share_limits(${serverId}, ${windowMs}, ${goneAfterMs},
      CAST(${sorted.map(({ key }) => key)} AS text[]), ${bigints((it) => it.quota)},
      ${bigints((it) => it.spent)}, ${bigints((it) => it.needed)},
      ${bigints((it) => it.window)}, ${bigints((it) => it.leftMs)})`.execute(this.#db);
    const shares = new Array<LimitShare>(requests.length);
    for (const row of rows) {
      const { mine, others, window_end: window, left_ms: leftMs } = row;
      const { index = 0 } = sorted[row.key_index - 1] ?? {};
      shares[index] = { mine, others, window, leftMs };
    }
    return shares;
  }

  /** Deletes what is over. */
  async sweep(): Promise<void> {
    const nowMs = sql<number>`CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`;
    await this.#db.deleteFrom('limit_counts').where('ends_at', '<=', nowMs).execute();
  }
}

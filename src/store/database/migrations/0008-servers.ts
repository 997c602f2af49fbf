import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Servers that notice each other and share their limits. Only PostgreSQL has several servers. The
 * tables are unlogged: what is in them is of use for a minute, and a standby needs none of it.
 */
export async function up(db: Kysely<unknown>, { database }: SqlFlavour): Promise<void> {
  if (database !== 'PostgreSQL') return;
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE UNLOGGED TABLE servers (
      id text COLLATE "C" PRIMARY KEY,
      host text NOT NULL,
      version text NOT NULL,
      started_at bigint NOT NULL,
      seen_at bigint NOT NULL,
      clock_ahead_ms bigint NOT NULL,
      secret_key text NOT NULL,
      deployment text NOT NULL
    )`,
  // Updates stay on their page, so that no index grows by them.
  `CREATE UNLOGGED TABLE limit_counts (
      key text COLLATE "C" PRIMARY KEY,
      ends_at bigint NOT NULL,
      holders jsonb NOT NULL
    ) WITH (fillfactor = 50)`,
  /*
   * Shares limits out. For each key a server says what it has spent of the limit in its window, and
   * how much more it needs; it gets that, and of what is then left the 32nd part ahead, as far as
   * the limit reaches. All are sums and not changes, so that asking twice is as good as once.
   *
   * A key without a window counts what is going on: what servers that are gone had does not count.
   * The number of a window is its end, and 0 if the server knows of none. What was spent in a
   * window that is over does not count in the next, but a window that is unknown here is the
   * server's own: unlogged tables are empty after a crash.
   */
  `CREATE FUNCTION share_limits(
    server_id text, window_ms bigint, gone_after_ms bigint, keys text[], quotas bigint[],
    spent_units bigint[], needed_units bigint[], windows bigint[], lefts_ms bigint[]
  ) RETURNS TABLE (key_index int, mine bigint, others bigint, window_end bigint, left_ms bigint)
  LANGUAGE plpgsql AS $$
  DECLARE
    now_ms bigint;
    live text[];
    is_known boolean;
    has_window boolean;
    spent bigint;
    room bigint;
    old_ends_at bigint;
    old_mine bigint;
    shares jsonb;
    i int := 1;
  BEGIN
    WHILE i <= cardinality(keys) LOOP
      has_window := lefts_ms[i] > 0;
      spent := spent_units[i];
      SELECT c.ends_at, c.holders INTO old_ends_at, shares
        FROM limit_counts c WHERE c.key = keys[i] FOR UPDATE;
      is_known := FOUND;
      IF NOT is_known THEN
        old_ends_at := 0;
        shares := '{}';
      END IF;
      -- Read now, since others may have had the row locked.
      now_ms := extract(epoch FROM clock_timestamp()) * 1000;
      IF NOT has_window THEN
        window_end := now_ms + 3600000;
      ELSIF old_ends_at > now_ms AND old_ends_at <= now_ms + window_ms THEN
        window_end := old_ends_at;
        IF windows[i] <> 0 AND windows[i] <> old_ends_at THEN spent := 0; END IF;
      ELSE
        shares := '{}';
        IF windows[i] > now_ms AND windows[i] <= now_ms + window_ms THEN
          window_end := windows[i];
        ELSE
          window_end := now_ms + lefts_ms[i];
          IF windows[i] <> 0 THEN spent := 0; END IF;
        END IF;
      END IF;
      others := 0;
      IF shares <> '{}' THEN
        IF NOT has_window AND live IS NULL THEN
          live := ARRAY(SELECT id FROM servers WHERE seen_at > now_ms - gone_after_ms);
        END IF;
        SELECT coalesce(sum(value::bigint), 0) INTO others FROM jsonb_each_text(shares)
          WHERE key <> server_id AND (has_window OR key = ANY (live));
      END IF;
      old_mine := coalesce((shares ->> server_id)::bigint, 0);
      mine := spent;
      IF needed_units[i] > 0 THEN
        room := quotas[i] - others - spent;
        IF room > 0 THEN
          mine := spent + least(needed_units[i], room);
          room := quotas[i] - others - mine;
          IF has_window THEN mine := mine + room / 32; END IF;
        END IF;
        -- It may be spending what it has already, unless it says that it needs no more.
        mine := greatest(mine, old_mine);
      END IF;
      shares := CASE WHEN mine = 0 THEN shares - server_id
        ELSE shares || jsonb_build_object(server_id, mine) END;
      IF NOT is_known THEN
        INSERT INTO limit_counts AS c (key, ends_at, holders)
          VALUES (keys[i], window_end, shares) ON CONFLICT (key) DO NOTHING;
        -- Another server was first: from the beginning, with its row.
        IF NOT FOUND THEN CONTINUE; END IF;
      ELSIF mine <> old_mine OR (has_window AND window_end <> old_ends_at) THEN
        UPDATE limit_counts c SET ends_at = window_end, holders = shares WHERE c.key = keys[i];
      END IF;
      key_index := i;
      left_ms := window_end - now_ms;
      RETURN NEXT;
      i := i + 1;
    END LOOP;
  END $$`,
];

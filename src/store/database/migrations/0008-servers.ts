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
   * how much more it needs; it gets that, and a sixteenth of what is then left ahead, as far as the
   * limit reaches. All are sums and not changes, so that asking twice is as good as once.
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
    now_ms bigint := extract(epoch FROM clock_timestamp()) * 1000;
    live text[] := ARRAY(SELECT id FROM servers WHERE seen_at > now_ms - gone_after_ms);
    has_window boolean;
    spent bigint;
    room bigint;
    old_ends_at bigint;
    old_holders jsonb;
    old_mine bigint;
    new_holders jsonb;
  BEGIN
    FOR i IN 1 .. cardinality(keys) LOOP
      has_window := lefts_ms[i] > 0;
      spent := spent_units[i];
      SELECT c.ends_at, c.holders INTO old_ends_at, old_holders
        FROM limit_counts c WHERE c.key = keys[i] FOR UPDATE;
      IF NOT FOUND THEN
        INSERT INTO limit_counts AS c (key, ends_at, holders) VALUES (keys[i], 0, '{}')
          ON CONFLICT (key) DO UPDATE SET ends_at = c.ends_at
          RETURNING c.ends_at, c.holders INTO old_ends_at, old_holders;
      END IF;
      -- Later than before: others may have had the row locked.
      now_ms := extract(epoch FROM clock_timestamp()) * 1000;
      window_end := old_ends_at;
      new_holders := old_holders;
      IF NOT has_window THEN
        window_end := now_ms + 3600000;
        SELECT coalesce(sum(value::bigint), 0) INTO others FROM jsonb_each_text(old_holders)
          WHERE key <> server_id AND key = ANY (live);
      ELSE
        IF old_ends_at <= now_ms OR old_ends_at > now_ms + window_ms THEN
          new_holders := '{}';
          IF windows[i] > now_ms AND windows[i] <= now_ms + window_ms THEN
            window_end := windows[i];
          ELSE
            window_end := now_ms + lefts_ms[i];
            IF windows[i] <> 0 THEN spent := 0; END IF;
          END IF;
        ELSIF windows[i] <> 0 AND windows[i] <> old_ends_at THEN
          spent := 0;
        END IF;
        SELECT coalesce(sum(value::bigint), 0) INTO others FROM jsonb_each_text(new_holders)
          WHERE key <> server_id;
      END IF;
      old_mine := coalesce((new_holders ->> server_id)::bigint, 0);
      mine := spent;
      room := quotas[i] - others - spent;
      IF needed_units[i] > 0 AND room > 0 THEN
        mine := spent + least(needed_units[i], room);
        room := quotas[i] - others - mine;
        IF has_window THEN mine := mine + room / 16; END IF;
      END IF;
      -- It may be spending what it has already, unless it says that it needs no more.
      IF needed_units[i] > 0 THEN mine := greatest(mine, old_mine); END IF;
      IF mine <> old_mine OR (has_window AND window_end <> old_ends_at) THEN
        new_holders := CASE WHEN mine = 0 THEN new_holders - server_id
          ELSE new_holders || jsonb_build_object(server_id, mine) END;
        UPDATE limit_counts c SET ends_at = window_end, holders = new_holders
          WHERE c.key = keys[i];
      END IF;
      key_index := i;
      left_ms := window_end - now_ms;
      RETURN NEXT;
    END LOOP;
  END $$`,
];

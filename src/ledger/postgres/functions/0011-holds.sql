-- The part of `ledger_apply` that opens holds for which more counts than a balance: pools, budgets,
-- and an allowance that may have to be renewed first. Which scans and joins are allowed is set by
-- `ledger_apply`.
-- Frozen: migration 0011 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

-- Opens holds for which more than a balance may count, in their order. One statement reads what
-- counts for all of them: a row for each account that may pay and each budget that applies to it.
-- The loop decides, and keeps in arrays what is left; another statement writes. As `roomFor` in
-- core/reference-limits.ts.
CREATE OR REPLACE FUNCTION ledger_hold(requests json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  a record;
  keyed record;
  -- The requests of this pass, by their place.
  first_place bigint := 1;
  places_per_pass bigint := 1000000;
  has_new_plan boolean;
  -- What was decided, by the place of the request.
  hold_ids text[]; hold_users bigint[]; hold_payers bigint[]; hold_credits bigint[];
  hold_budgets text[];
  -- Accounts, and what was taken from them.
  account_ids bigint[]; posted bigint[]; held bigint[]; renews bigint[]; account_taken bigint[];
  -- Counters of budgets, by their number, and what was taken; null from those that were not used.
  budget_ids text[]; subjects bigint[]; spent bigint[]; counted bigint[]; windows bigint[];
  window_ends bigint[]; are_stored boolean[]; budget_taken bigint[];
  -- The period of each calendar that was looked at last.
  calendars text[] := '{}'; period_starts bigint[] := '{}'; period_ends bigint[] := '{}';
  calendar int;
  -- The request and the account that are looked at, with its budgets.
  this_place bigint; this_turn bigint;
  is_decided boolean;
  account int;
  available bigint;
  budgets text; budget_count int; counters int[]; counter_windows bigint[];
  counter_ends bigint[]; window_end bigint;
  k int; window_start bigint; unspent bigint; room bigint; earlier int;
  -- What is short at this account, and at the one where the least is missing.
  short_left bigint; short_held boolean; short_renews bigint; short_budget text;
  near_payer bigint; near_left bigint; near_held boolean; near_renews bigint; near_budget text;
BEGIN
  LOOP
    has_new_plan := false; this_place := 0;
    hold_ids := '{}'; hold_users := '{}'; hold_payers := '{}'; hold_credits := '{}';
    hold_budgets := '{}'; account_ids := '{}'; posted := '{}'; held := '{}'; renews := '{}';
    account_taken := '{}'; budget_ids := '{}'; subjects := '{}'; spent := '{}'; counted := '{}';
    windows := '{}'; window_ends := '{}'; are_stored := '{}'; budget_taken := '{}';
    counters := '{}'; counter_windows := '{}'; counter_ends := '{}';
    FOR c IN
      SELECT x.*, h.user_id AS earlier_user, h.account_id AS earlier_payer,
        h.credits AS earlier_credits, h.state AS earlier_state, f.id AS transfer_id,
        u.id AS known_user, v.id AS known_conversation, k.id AS known_key,
        p.turn, p.payer_id, p.posted, p.held, p.plan_id, p.renews_at,
        b.budget_id, b.kind, b.subject, b.credits, b.spent, b.counted, b.window_start,
        b.window_end, b.is_stored, b.hours, b.calendar,
        CASE WHEN b.budget_id IS NOT NULL
          THEN dense_rank() OVER (ORDER BY b.budget_id, b.subject) END AS counter,
        lead(x.place) OVER in_order AS next_place, lead(p.turn) OVER in_order AS next_turn
      FROM ROWS FROM (json_to_recordset(requests) AS (batch_index bigint, id text,
        account_id bigint, payers json, most bigint, least bigint, api_key_id text,
        conversation_id text, key text, body_hash text, at bigint)) WITH ORDINALITY
        AS x (batch_index, id, account_id, payers, most, least, api_key_id, conversation_id, key,
          body_hash, at, place)
      LEFT JOIN holds h ON h.id = x.id
      LEFT JOIN transfers f ON f.id = x.id
      LEFT JOIN users u ON u.id = x.account_id AND u.is_active = 1
      LEFT JOIN conversations v ON v.id = x.conversation_id AND v.user_id = x.account_id
      LEFT JOIN api_keys k ON k.id = x.api_key_id AND k.user_id = x.account_id
        AND k.ended_at IS NULL
      LEFT JOIN LATERAL (
        SELECT y.turn, y.group_id, q.id AS payer_id, q.posted, q.held, q.plan_id, q.renews_at
        FROM (
          SELECT x.account_id AS id, NULL AS group_id, 1 AS turn WHERE x.payers IS NULL
          UNION ALL
          SELECT account_id, group_id, turn
          FROM ROWS FROM (json_to_recordset(x.payers) AS (account_id bigint, group_id text))
            WITH ORDINALITY AS listed (account_id, group_id, turn)
        ) y
        JOIN accounts q ON q.id = y.id
        LEFT JOIN groups g ON g.id = y.group_id
        LEFT JOIN group_members m ON m.group_id = y.group_id AND m.user_id = x.account_id
        WHERE CASE WHEN y.group_id IS NULL THEN y.id = x.account_id
          ELSE g.pool_id = y.id AND g.ended_at IS NULL AND m.user_id IS NOT NULL END
      ) p ON true
      LEFT JOIN LATERAL (
        SELECT o.id AS budget_id, o.kind, o.rank, o.hours, o.calendar, s.subject,
          coalesce(n.credits, o.credits) AS credits, coalesce(n.spent, 0) AS spent,
          coalesce(n.held, 0) AS counted, coalesce(n.window_start, 0) AS window_start,
          n.window_end, n.budget_id IS NOT NULL AS is_stored
        FROM (
          SELECT id, kind, credits, hours, calendar, 1 AS rank FROM budgets
          WHERE kind = 'key' AND scope = x.api_key_id AND ended_at IS NULL
          UNION ALL
          SELECT id, kind, credits, hours, calendar, 2 FROM budgets
          WHERE kind = 'member' AND scope = p.group_id AND ended_at IS NULL
          UNION ALL
          SELECT id, kind, credits, hours, calendar, 3 FROM budgets
          WHERE kind = 'plan' AND scope = p.plan_id AND ended_at IS NULL
          UNION ALL
          SELECT id, kind, credits, hours, calendar, CASE kind WHEN 'user' THEN 4 ELSE 5 END
          FROM budgets
          WHERE kind IN ('user', 'own') AND scope = x.account_id::text AND ended_at IS NULL
        ) o
        CROSS JOIN LATERAL (
          SELECT CASE o.kind WHEN 'plan' THEN p.payer_id ELSE x.account_id END AS subject
        ) s
        LEFT JOIN budget_counters n ON n.budget_id = o.id AND n.subject = s.subject
        WHERE p.payer_id IS NOT NULL
      ) b ON true
      WHERE x.place >= first_place AND x.place < first_place + places_per_pass
      WINDOW in_order AS (ORDER BY x.place, p.turn, b.rank, b.budget_id)
      ORDER BY x.place, p.turn, b.rank, b.budget_id
    LOOP
      IF c.place <> this_place THEN
        this_place := c.place; this_turn := NULL; near_left := NULL; is_decided := true;
        batch_index := c.batch_index; outcome := NULL; n1 := NULL; n2 := NULL; n3 := NULL;
        detail := NULL;
        IF c.key IS NOT NULL THEN
          SELECT i.made_id, i.body_hash, h.state INTO keyed
          FROM idempotency_keys i LEFT JOIN holds h ON h.id = i.made_id
          WHERE i.scope = 'chat:' || c.account_id AND i.key = c.key;
          IF FOUND AND keyed.made_id <> c.id THEN
            -- A hold that is not stored yet is of this batch.
            outcome := CASE WHEN keyed.body_hash <> c.body_hash THEN 'key_reused'
              WHEN keyed.state IS NULL OR keyed.state = 'open' THEN 'key_running'
              ELSE 'key_done' END;
            IF outcome = 'key_done' THEN detail := keyed.made_id; END IF;
            RETURN NEXT;
            CONTINUE;
          END IF;
        END IF;
        earlier := array_position(hold_ids, c.id);
        IF earlier IS NOT NULL THEN
          c.earlier_user := hold_users[earlier]; c.earlier_payer := hold_payers[earlier];
          c.earlier_credits := hold_credits[earlier]; c.earlier_state := 'open';
        END IF;
        IF c.earlier_user = c.account_id AND c.earlier_state <> 'released' THEN
          outcome := 'held'; n1 := c.earlier_credits; n2 := nullif(c.earlier_payer, c.account_id);
        ELSIF c.earlier_state IS NOT NULL OR c.transfer_id IS NOT NULL THEN
          outcome := 'id_taken';
        ELSIF c.known_user IS NULL THEN
          outcome := 'account_unknown';
        ELSIF c.conversation_id IS NOT NULL AND c.known_conversation IS NULL THEN
          outcome := 'conversation_unknown';
        ELSIF c.api_key_id IS NOT NULL AND c.known_key IS NULL THEN
          outcome := 'api_key_unknown';
        ELSIF c.payer_id IS NULL THEN
          outcome := 'account_unknown';
        END IF;
        IF outcome IS NOT NULL THEN
          RETURN NEXT;
          CONTINUE;
        END IF;
        is_decided := false;
      END IF;
      CONTINUE WHEN is_decided;

      IF this_turn IS DISTINCT FROM c.turn THEN
        this_turn := c.turn;
        account := array_position(account_ids, c.payer_id);
        IF account IS NULL THEN
          account_ids := account_ids || c.payer_id;
          account := array_length(account_ids, 1);
          posted[account] := c.posted; held[account] := c.held; renews[account] := c.renews_at;
          account_taken[account] := 0;
        END IF;
        IF renews[account] <= c.at THEN
          UPDATE accounts SET held = held + account_taken[account]
          WHERE id = c.payer_id AND account_taken[account] > 0;
          account_taken[account] := 0;
          PERFORM ledger_renew(ARRAY[c.payer_id], c.at);
          SELECT posted, held, renews_at, plan_id INTO a FROM accounts WHERE id = c.payer_id;
          posted[account] := a.posted; held[account] := a.held; renews[account] := a.renews_at;
          IF a.plan_id IS DISTINCT FROM c.plan_id THEN
            -- Other budgets apply now: what was decided is written, and the rest read again.
            has_new_plan := true; first_place := c.place; places_per_pass := 32;
            EXIT;
          END IF;
        END IF;
        available := posted[account] - held[account];
        short_left := available; short_held := posted[account] >= c.least;
        short_renews := renews[account]; short_budget := NULL;
        budgets := NULL; budget_count := 0;
      END IF;

      IF c.budget_id IS NOT NULL THEN
        k := c.counter;
        IF windows[k] IS NULL THEN
          budget_ids[k] := c.budget_id; subjects[k] := c.subject; spent[k] := c.spent;
          counted[k] := c.counted; windows[k] := c.window_start; window_ends[k] := c.window_end;
          are_stored[k] := c.is_stored; budget_taken[k] := NULL;
        END IF;
        window_start := windows[k]; window_end := window_ends[k];
        IF c.hours IS NOT NULL THEN
          IF NOT (window_start > 0 AND c.at < window_start + c.hours * 3600000) THEN
            window_start := c.at;
          END IF;
        ELSIF c.calendar IS NULL THEN
          window_start := 0;
        ELSIF window_end IS NULL OR c.at >= window_end THEN
          calendar := array_position(calendars, c.calendar);
          IF calendar IS NULL THEN
            calendars := calendars || c.calendar; calendar := cardinality(calendars);
          END IF;
          IF c.at < period_starts[calendar] OR c.at >= period_ends[calendar]
            OR period_starts[calendar] IS NULL
          THEN
            SELECT starts_at, ends_at INTO a FROM calendar_periods
            WHERE calendar = c.calendar AND starts_at <= c.at ORDER BY starts_at DESC LIMIT 1;
            period_starts[calendar] := a.starts_at; period_ends[calendar] := a.ends_at;
          END IF;
          IF window_start <= period_starts[calendar] THEN
            window_start := period_starts[calendar]; window_end := period_ends[calendar];
          END IF;
        END IF;
        IF c.credits IS NOT NULL THEN
          unspent := c.credits; room := c.credits;
          IF window_start = windows[k] THEN
            unspent := unspent - spent[k]; room := greatest(0, unspent - counted[k]);
          END IF;
          IF room < available THEN available := room; END IF;
          IF room < c.least AND (CASE WHEN (unspent >= c.least) = short_held
            THEN room < short_left ELSE short_held END)
          THEN
            short_left := room; short_held := unspent >= c.least;
            short_renews := coalesce(window_start + c.hours * 3600000, window_end);
            short_budget := c.kind || ' ' || c.budget_id;
          END IF;
        END IF;
        budget_count := budget_count + 1;
        counters[budget_count] := k; counter_windows[budget_count] := window_start;
        counter_ends[budget_count] := window_end;
        budgets := concat(budgets || ',', '[', to_json(c.budget_id), ',', c.subject, ',',
          window_start, ']');
      END IF;
      CONTINUE WHEN c.next_turn = c.turn AND c.next_place = c.place;

      -- All that counts at this account is known.
      IF available >= c.least THEN
        is_decided := true;
        outcome := 'held'; n1 := least(c.most, available); n2 := nullif(c.payer_id, c.account_id);
        held[account] := held[account] + n1;
        account_taken[account] := account_taken[account] + n1;
        FOR i IN 1 .. budget_count LOOP
          k := counters[i];
          IF windows[k] <> counter_windows[i] THEN
            windows[k] := counter_windows[i]; window_ends[k] := counter_ends[i];
            spent[k] := 0; counted[k] := 0; budget_taken[k] := 0;
          END IF;
          counted[k] := counted[k] + n1; budget_taken[k] := coalesce(budget_taken[k], 0) + n1;
        END LOOP;
        hold_ids[c.place] := c.id; hold_users[c.place] := c.account_id;
        hold_payers[c.place] := c.payer_id; hold_credits[c.place] := n1;
        hold_budgets[c.place] := '[' || budgets || ']';
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('chat:' || c.account_id, c.key, c.body_hash, c.id, c.at);
        END IF;
        RETURN NEXT;
        CONTINUE;
      END IF;
      IF near_left IS NULL OR (CASE WHEN short_held = near_held
        THEN short_left > near_left ELSE short_held END)
      THEN
        near_payer := c.payer_id; near_left := short_left; near_held := short_held;
        near_renews := short_renews; near_budget := short_budget;
      END IF;
      CONTINUE WHEN c.next_place = c.place;

      outcome := 'insufficient_credits';
      n1 := near_left; n2 := near_payer; n3 := near_renews;
      detail := CASE WHEN near_held THEN '1' ELSE '0' END;
      IF near_budget IS NOT NULL THEN
        outcome := 'budget_exceeded'; detail := detail || ' ' || near_budget;
      END IF;
      RETURN NEXT;
    END LOOP;

    IF hold_ids <> '{}' THEN
      WITH granted AS MATERIALIZED (
        SELECT x.*, hold_payers[x.place] AS payer, hold_credits[x.place] AS credits,
          hold_budgets[x.place] AS budgets
        FROM ROWS FROM (json_to_recordset(requests) AS (id text, account_id bigint, lease_id text,
          api_key_id text, model text, price text, input_tokens bigint, content text,
          conversation_id text, parent_id text, key text, at bigint)) WITH ORDINALITY
          AS x (id, account_id, lease_id, api_key_id, model, price, input_tokens, content,
            conversation_id, parent_id, key, at, place)
        WHERE hold_ids[x.place] IS NOT NULL
      ), opened AS (
        INSERT INTO holds (id, account_id, user_id, credits, state, lease_id, model, price,
          input_tokens, idempotency_key, api_key_id, budgets, created_at)
        SELECT id, payer, account_id, credits, 'open', lease_id, model, price, input_tokens, key,
          api_key_id, budgets, at
        FROM granted
      ), stored_messages AS (
        INSERT INTO messages (id, user_id, model, content, status, created_at, conversation_id,
          parent_id, is_relayed)
        SELECT id, account_id, model, content, 'pending', at, conversation_id, parent_id,
          CASE WHEN api_key_id IS NULL THEN 0 ELSE 1 END
        FROM granted
      ), taken AS MATERIALIZED (
        SELECT * FROM unnest(budget_ids, subjects, budget_taken, windows, window_ends, are_stored)
          AS t (budget_id, subject, credits, window_start, window_end, is_stored)
        WHERE t.credits IS NOT NULL
      ), counted AS (
        -- Of a counter that is there, an update is half the work.
        UPDATE budget_counters n SET
          spent = CASE WHEN n.window_start = t.window_start THEN n.spent ELSE 0 END,
          held = CASE WHEN n.window_start = t.window_start THEN n.held ELSE 0 END + t.credits,
          window_start = t.window_start, window_end = t.window_end
        FROM taken t WHERE t.is_stored AND n.budget_id = t.budget_id AND n.subject = t.subject
      ), first_counted AS (
        INSERT INTO budget_counters AS n (budget_id, subject, spent, held, window_start, window_end)
        SELECT budget_id, subject, 0, credits, window_start, window_end
        FROM taken WHERE NOT is_stored
        -- Staff may have given the member another limit just now.
        ON CONFLICT (budget_id, subject) DO UPDATE SET held = n.held + excluded.held,
          window_start = excluded.window_start, window_end = excluded.window_end
      )
      UPDATE accounts q SET held = q.held + t.taken
      FROM unnest(account_ids, account_taken) AS t (id, taken)
      WHERE q.id = t.id AND t.taken > 0 AND q.posted - q.held >= t.taken;
      GET DIAGNOSTICS k = ROW_COUNT;
      IF k <> cardinality(array_remove(account_taken, 0)) THEN
        RAISE EXCEPTION 'the balance of an account changed';
      END IF;
    END IF;
    EXIT WHEN NOT has_new_plan;
  END LOOP;
END $$;

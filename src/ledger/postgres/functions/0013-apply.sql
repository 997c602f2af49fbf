-- The ledger on PostgreSQL: one function that carries out a whole batch, so that a batch is one
-- round trip and one transaction. It means what `core/reference-ledger.ts` means.
--
-- - Every account of the batch is locked first, in the order of ids, so that two servers cannot
--   deadlock and what is read here stays true until the commit.
-- - What happens for every message (hold, settle, journal, release) is a few statements for all
--   commands of that kind together; what is rare (open, grant, distribute, refund) is a loop.
-- - Results are rows: the index of the command in the batch, the outcome, and up to three numbers
--   and a text whose meaning depends on the outcome; `ledger/postgres/results.ts` reads them.
-- - Only index scans and nested loops are allowed: a plan made while a table was small would
--   otherwise go on scanning all of it. Holds are looked up by a list of ids and with
--   `ended_at IS NULL`: with a join alone, or with `state = 'open'`, the planner expects so few
--   that it reads a whole index for each batch. All that is called from here has these settings too,
--   and plans each statement once: planning those of a hold again costs more than carrying them out.
--
-- Frozen: migration 0013 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

CREATE FUNCTION ledger_apply_0013(
  account_ids bigint[], opens json, grants json, distributions json, refunds json,
  plan_commands json, journals json, settles json, releases json, hold_requests json
) RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  c record;
  keyed record;
  same_id record;
  current_account bigint := -1;
  available bigint;
  amount bigint;
  admitted bigint[] := '{}';
  amounts bigint[] := '{}';
  ids text[] := '{}';
BEGIN
  IF refunds IS NOT NULL THEN
    account_ids := account_ids || ARRAY(
      SELECT account_id FROM transfers
      WHERE id IN (SELECT charge_id FROM json_to_recordset(refunds) AS x (charge_id text)));
  END IF;
  IF releases IS NOT NULL THEN
    -- Whoever releases a hold may not know which account pays.
    account_ids := account_ids || ARRAY(
      SELECT account_id FROM holds
      WHERE id IN (SELECT id FROM json_to_recordset(releases) AS x (id text)));
  END IF;
  -- The account of each user is among them, so that budgets of users are locked as well.
  PERFORM 1 FROM accounts WHERE id = ANY (account_ids) ORDER BY id FOR UPDATE;
  -- Conversations that get a message must not be deleted before the commit. They are locked before
  -- any message changes, since deleting one locks the conversation first as well.
  IF hold_requests IS NOT NULL THEN
    PERFORM 1 FROM conversations
    WHERE id = ANY (ARRAY(SELECT conversation_id
      FROM json_to_recordset(hold_requests) AS x (conversation_id text)
      WHERE conversation_id IS NOT NULL))
    ORDER BY id FOR SHARE;
  END IF;

  IF opens IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_open(opens);
  END IF;
  IF grants IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_grant(grants);
  END IF;
  IF distributions IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_distribute(distributions);
  END IF;
  IF refunds IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_refund(refunds);
  END IF;

  IF plan_commands IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_plans(plan_commands);
  END IF;

  IF journals IS NOT NULL THEN
    RETURN QUERY
    WITH requested AS (
      SELECT x.*, h.id AS open_id
      FROM json_to_recordset(journals)
        AS x (batch_index bigint, id text, account_id bigint, piece bigint, piece_text text,
          piece_non_reply_output text)
      LEFT JOIN holds h ON h.id = x.id AND h.user_id = x.account_id
        AND h.ended_at IS NULL
    ), stored AS (
      INSERT INTO journal (generation_id, piece, text, non_reply_output)
      SELECT DISTINCT ON (id, piece) id, piece, piece_text, piece_non_reply_output FROM requested
      WHERE open_id IS NOT NULL ORDER BY id, piece, batch_index
      ON CONFLICT DO NOTHING
    )
    SELECT a.batch_index, CASE WHEN a.open_id IS NULL THEN 'hold_ended' ELSE 'journaled' END,
      NULL::bigint, NULL::bigint, NULL::bigint, NULL::text
    FROM requested a;
  END IF;

  IF settles IS NOT NULL THEN
    PERFORM ledger_settle_0013(settles);
    RETURN QUERY SELECT * FROM ledger_ended(settles);
  END IF;
  IF releases IS NOT NULL THEN
    PERFORM ledger_release(releases);
    RETURN QUERY SELECT * FROM ledger_ended(releases);
  END IF;
  IF hold_requests IS NULL THEN
    RETURN;
  END IF;

  -- Where more counts than balances.
  IF EXISTS (
    SELECT 1 FROM json_to_recordset(hold_requests)
      AS x (account_id bigint, api_key_id text, payers json)
    LEFT JOIN accounts a ON a.id = x.account_id
    WHERE x.api_key_id IS NOT NULL OR x.payers IS NOT NULL OR a.has_limits = 1
  ) THEN
    RETURN QUERY SELECT * FROM ledger_hold(hold_requests);
    RETURN;
  END IF;

  -- Commands are sorted by account, so one running balance is enough. The loop decides; the
  -- statement below writes all holds together.
  FOR c IN
    SELECT x.*, a.posted, a.posted - a.held AS available, u.id AS known_user,
      v.id AS known_conversation,
      h.user_id AS earlier_account, h.account_id AS earlier_payer,
      h.credits AS earlier_credits, h.state AS earlier_state, f.id AS transfer_id
    FROM json_to_recordset(hold_requests) AS x (batch_index bigint, id text, account_id bigint,
      most bigint, least bigint, key text, body_hash text, conversation_id text)
    LEFT JOIN accounts a ON a.id = x.account_id
    LEFT JOIN users u ON u.id = x.account_id AND u.is_active = 1
    LEFT JOIN conversations v ON v.id = x.conversation_id AND v.user_id = x.account_id
    LEFT JOIN holds h ON h.id = x.id
    LEFT JOIN transfers f ON f.id = x.id
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; n2 := NULL; n3 := NULL; detail := NULL;
    IF c.account_id <> current_account THEN
      current_account := c.account_id;
      available := c.available;
    END IF;
    IF c.key IS NOT NULL THEN
      SELECT k.made_id, k.body_hash, h.state INTO keyed
      FROM idempotency_keys k LEFT JOIN holds h ON h.id = k.made_id
      WHERE k.scope = 'chat:' || c.account_id AND k.key = c.key;
      IF FOUND AND keyed.made_id <> c.id THEN
        outcome := CASE WHEN keyed.body_hash <> c.body_hash THEN 'key_reused'
          WHEN keyed.state IS NULL OR keyed.state = 'open' THEN 'key_running' ELSE 'key_done' END;
        IF outcome = 'key_done' THEN detail := keyed.made_id; END IF;
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;
    IF c.id = ANY (ids) THEN
      SELECT x.account_id, amounts[array_position(ids, c.id)] AS credits INTO same_id
      FROM json_to_recordset(hold_requests) AS x (batch_index bigint, account_id bigint)
      WHERE x.batch_index = admitted[array_position(ids, c.id)];
      outcome := CASE WHEN same_id.account_id = c.account_id THEN 'held' ELSE 'id_taken' END;
      IF outcome = 'held' THEN n1 := same_id.credits; END IF;
    ELSIF c.earlier_account = c.account_id AND c.earlier_state <> 'released' THEN
      outcome := 'held'; n1 := c.earlier_credits;
      n2 := nullif(c.earlier_payer, c.account_id);
    ELSIF c.earlier_account IS NOT NULL OR c.transfer_id IS NOT NULL THEN
      outcome := 'id_taken';
    ELSIF available IS NULL OR c.known_user IS NULL THEN
      outcome := 'account_unknown';
    ELSIF c.conversation_id IS NOT NULL AND c.known_conversation IS NULL THEN
      outcome := 'conversation_unknown';
    ELSIF c.least > available THEN
      outcome := 'insufficient_credits'; n1 := available; n2 := c.account_id;
      detail := CASE WHEN c.posted >= c.least THEN '1' ELSE '0' END;
    ELSE
      amount := least(c.most, available);
      available := available - amount;
      admitted := admitted || c.batch_index; amounts := amounts || amount; ids := ids || c.id;
      outcome := 'held'; n1 := amount;
      IF c.key IS NOT NULL THEN
        INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
        SELECT 'chat:' || c.account_id, c.key, c.body_hash, c.id, x.at
        FROM json_to_recordset(hold_requests) AS x (batch_index bigint, at bigint)
        WHERE x.batch_index = c.batch_index;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;

  IF admitted <> '{}' THEN
    WITH granted AS (
      SELECT x.*, g.amount
      FROM json_to_recordset(hold_requests) AS x (batch_index bigint, id text, account_id bigint,
        lease_id text, model text, price text, input_tokens bigint, key text, content text,
        conversation_id text, parent_id text, at bigint)
      JOIN unnest(admitted, amounts) AS g (batch_index, amount) ON g.batch_index = x.batch_index
    ), opened AS (
      INSERT INTO holds (id, account_id, user_id, credits, state, lease_id, model, price,
        input_tokens, idempotency_key, created_at)
      SELECT id, account_id, account_id, amount, 'open', lease_id, model, price, input_tokens, key,
        at
      FROM granted
    ), stored_messages AS (
      INSERT INTO messages (id, user_id, model, content, status, created_at, conversation_id,
        parent_id, is_relayed)
      SELECT id, account_id, model, content, 'pending', at, conversation_id, parent_id, 0
      FROM granted
    )
    UPDATE accounts a SET held = a.held + s.amount
    FROM (SELECT account_id, sum(amount)::bigint AS amount FROM granted GROUP BY account_id) s
    WHERE a.id = s.account_id AND a.posted - a.held >= s.amount;
  END IF;
END $$;

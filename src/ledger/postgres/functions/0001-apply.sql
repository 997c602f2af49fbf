-- The ledger on PostgreSQL: one function that carries out a whole batch.
-- Frozen: migration 0001 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

CREATE FUNCTION ledger_apply(
  account_ids bigint[], opens json, grants json, distributions json, refunds json,
  journals json, settles json, releases json, holds_asked json
) RETURNS TABLE (place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  c record;
  made record;
  booked record;
  spot bigint := -1;
  available bigint;
  amount bigint;
  admitted bigint[] := '{}';
  amounts bigint[] := '{}';
  ids text[] := '{}';
  -- What is left of the budgets of the API keys met so far.
  api_key_ids text[] := '{}';
  lefts bigint[] := '{}';
  nth int;
BEGIN
  IF refunds IS NOT NULL THEN
    account_ids := account_ids || ARRAY(
      SELECT account_id FROM transfers
      WHERE id IN (SELECT charge_id FROM json_to_recordset(refunds) AS x (charge_id text)));
  END IF;
  PERFORM 1 FROM accounts WHERE id = ANY (account_ids) ORDER BY id FOR UPDATE;
  -- Nobody deletes a conversation that something is to be said in, until it is said. Before any
  -- message is changed, since who deletes one begins with the conversation as well.
  IF holds_asked IS NOT NULL THEN
    PERFORM 1 FROM conversations
    WHERE id = ANY (ARRAY(SELECT conversation_id
      FROM json_to_recordset(holds_asked) AS x (conversation_id text)
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

  IF journals IS NOT NULL THEN
    RETURN QUERY
    WITH asked AS (
      SELECT x.*, h.id AS open_id
      FROM json_to_recordset(journals)
        AS x (place bigint, id text, account_id bigint, piece bigint, piece_text text,
          piece_aside text)
      LEFT JOIN holds h ON h.id = x.id AND h.account_id = x.account_id
        AND h.ended_at IS NULL
    ), kept AS (
      INSERT INTO journal (generation_id, piece, text, aside)
      SELECT DISTINCT ON (id, piece) id, piece, piece_text, piece_aside FROM asked
      WHERE open_id IS NOT NULL ORDER BY id, piece, place
      ON CONFLICT DO NOTHING
    )
    SELECT a.place, CASE WHEN a.open_id IS NULL THEN 'hold_ended' ELSE 'journaled' END,
      NULL::bigint, NULL::bigint, NULL::bigint, NULL::text
    FROM asked a;
  END IF;

  IF settles IS NOT NULL THEN
    PERFORM ledger_settle(settles);
    RETURN QUERY SELECT * FROM ledger_ended(settles);
  END IF;
  IF releases IS NOT NULL THEN
    PERFORM ledger_release(releases);
    RETURN QUERY SELECT * FROM ledger_ended(releases);
  END IF;
  IF holds_asked IS NULL THEN
    RETURN;
  END IF;

  -- Commands come sorted by account, so one running balance is enough. What is decided here is
  -- written below for all of them together.
  FOR c IN
    SELECT x.*, a.posted - a.held AS available, u.id AS known_user, v.id AS known_conversation,
      h.account_id AS earlier_account,
      h.credits AS earlier_credits, h.state AS earlier_state, f.id AS transfer_id,
      k.id AS known_api_key, k.budget - k.spent - k.held AS api_key_left
    FROM json_to_recordset(holds_asked) AS x (place bigint, id text, account_id bigint,
      most bigint, least bigint, api_key_id text, key text, body_hash text, conversation_id text)
    LEFT JOIN accounts a ON a.id = x.account_id
    LEFT JOIN users u ON u.id = x.account_id AND u.is_active = 1
    LEFT JOIN conversations v ON v.id = x.conversation_id AND v.user_id = x.account_id
    LEFT JOIN api_keys k ON k.id = x.api_key_id AND k.user_id = x.account_id
      AND k.ended_at IS NULL
    LEFT JOIN holds h ON h.id = x.id
    LEFT JOIN transfers f ON f.id = x.id
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; n2 := NULL; n3 := NULL; t := NULL;
    IF c.account_id <> spot THEN
      spot := c.account_id;
      available := c.available;
    END IF;
    IF c.key IS NOT NULL THEN
      SELECT k.made_id, k.body_hash, h.state INTO made
      FROM idempotency_keys k LEFT JOIN holds h ON h.id = k.made_id
      WHERE k.scope = 'chat:' || c.account_id AND k.key = c.key;
      IF FOUND AND made.made_id <> c.id THEN
        outcome := CASE WHEN made.body_hash <> c.body_hash THEN 'key_reused'
          WHEN made.state IS NULL OR made.state = 'open' THEN 'key_running' ELSE 'key_done' END;
        IF outcome = 'key_done' THEN t := made.made_id; END IF;
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;
    IF c.id = ANY (ids) THEN
      SELECT x.account_id, amounts[array_position(ids, c.id)] AS credits INTO made
      FROM json_to_recordset(holds_asked) AS x (place bigint, account_id bigint)
      WHERE x.place = admitted[array_position(ids, c.id)];
      outcome := CASE WHEN made.account_id = c.account_id THEN 'held' ELSE 'id_taken' END;
      IF outcome = 'held' THEN n1 := made.credits; END IF;
    ELSIF c.earlier_account = c.account_id AND c.earlier_state <> 'released' THEN
      outcome := 'held'; n1 := c.earlier_credits;
    ELSIF c.earlier_account IS NOT NULL OR c.transfer_id IS NOT NULL THEN
      outcome := 'id_taken';
    ELSIF available IS NULL OR c.known_user IS NULL THEN
      outcome := 'account_unknown';
    ELSIF c.conversation_id IS NOT NULL AND c.known_conversation IS NULL THEN
      outcome := 'conversation_unknown';
    ELSIF c.api_key_id IS NOT NULL AND c.known_api_key IS NULL THEN
      outcome := 'api_key_unknown';
    ELSIF c.least > available THEN
      outcome := 'insufficient_credits'; n1 := available;
    ELSE
      amount := least(c.most, available);
      IF c.api_key_left IS NOT NULL THEN
        nth := array_position(api_key_ids, c.api_key_id);
        IF nth IS NULL THEN
          api_key_ids := api_key_ids || c.api_key_id; lefts := lefts || c.api_key_left;
          nth := cardinality(lefts);
        END IF;
        IF c.least > lefts[nth] THEN
          outcome := 'api_key_budget_exceeded'; n1 := lefts[nth];
          RETURN NEXT;
          CONTINUE;
        END IF;
        amount := least(amount, lefts[nth]);
        lefts[nth] := lefts[nth] - amount;
      END IF;
      available := available - amount;
      admitted := admitted || c.place; amounts := amounts || amount; ids := ids || c.id;
      outcome := 'held'; n1 := amount;
      IF c.key IS NOT NULL THEN
        INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
        SELECT 'chat:' || c.account_id, c.key, c.body_hash, c.id, x.at
        FROM json_to_recordset(holds_asked) AS x (place bigint, at bigint)
        WHERE x.place = c.place;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;

  IF admitted <> '{}' THEN
    WITH granted AS (
      SELECT x.*, g.amount
      FROM json_to_recordset(holds_asked) AS x (place bigint, id text, account_id bigint,
        lease_id text, model text, price text, input_tokens bigint, key text, content text,
        api_key_id text, conversation_id text, parent_id text, at bigint)
      JOIN unnest(admitted, amounts) AS g (place, amount) ON g.place = x.place
    ), opened AS (
      INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens,
        idempotency_key, api_key_id, created_at)
      SELECT id, account_id, amount, 'open', lease_id, model, price, input_tokens, key,
        api_key_id, at
      FROM granted
    ), of_api_keys AS (
      UPDATE api_keys k SET held = k.held + s.amount
      FROM (
        SELECT api_key_id, sum(amount)::bigint AS amount FROM granted
        WHERE api_key_id IS NOT NULL GROUP BY api_key_id
      ) s
      WHERE k.id = s.api_key_id
    ), noted AS (
      INSERT INTO messages (id, user_id, model, content, status, created_at, conversation_id,
        parent_id, is_relayed)
      SELECT id, account_id, model, content, 'pending', at, conversation_id, parent_id,
        CASE WHEN api_key_id IS NULL THEN 0 ELSE 1 END
      FROM granted
    )
    UPDATE accounts a SET held = a.held + s.amount
    FROM (SELECT account_id, sum(amount)::bigint AS amount FROM granted GROUP BY account_id) s
    WHERE a.id = s.account_id AND a.posted - a.held >= s.amount;
  END IF;
END $$;

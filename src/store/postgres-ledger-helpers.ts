/** The parts of `ledger_apply`, one function for each kind of command. */
export const POSTGRES_LEDGER_HELPERS = [
  `CREATE FUNCTION ledger_open(opens json)
RETURNS TABLE (place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  owner bigint;
  made text;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(opens) AS x (place bigint, account_id bigint, username text,
      password_hash text, is_staff bigint, is_superuser bigint, transfer_id text, credits bigint,
      key text, body_hash text, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL;
    SELECT id INTO owner FROM users WHERE username = c.username;
    SELECT made_id INTO made FROM idempotency_keys WHERE scope = 'signup' AND key = c.key;
    IF made IS NOT NULL THEN
      outcome := CASE WHEN owner::text = made THEN 'opened' ELSE 'key_reused' END;
      IF outcome = 'opened' THEN n1 := owner; END IF;
    ELSIF owner = c.account_id THEN
      outcome := 'opened'; n1 := owner;
    ELSIF owner IS NOT NULL THEN
      outcome := 'username_taken';
    ELSIF ledger_id_taken(c.transfer_id) THEN
      outcome := 'id_taken';
    ELSE
      INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser,
        joined_at, refresh_cutoff_at)
      VALUES (c.account_id, c.username, c.password_hash, 1, c.is_staff, c.is_superuser, c.at, 0)
      ON CONFLICT DO NOTHING;
      IF FOUND THEN
        INSERT INTO accounts (id, posted, held, transfer_count) VALUES (c.account_id, 0, 0, 0);
        IF c.credits > 0 THEN
          PERFORM ledger_book(c.transfer_id, c.account_id, 'grant', c.credits, 'system',
            'Opening balance', NULL, c.at);
        END IF;
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('signup', c.key, c.body_hash, c.account_id::text, c.at)
          ON CONFLICT DO NOTHING;
          -- Another server used the key in this moment. Once more, and it will be seen above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        outcome := 'opened'; n1 := c.account_id;
      ELSE
        SELECT id INTO owner FROM users WHERE username = c.username;
        outcome := CASE WHEN owner IS NULL THEN 'id_taken' ELSE 'username_taken' END;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$`,

  `CREATE FUNCTION ledger_id_taken(wanted text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT 1 FROM transfers WHERE id = wanted)
    OR EXISTS (SELECT 1 FROM holds WHERE id = wanted)
$$`,

  // Books a transfer that is no charge; null if the balance does not allow it.
  `CREATE FUNCTION ledger_book(wanted_id text, wanted_account bigint, wanted_kind text,
  amount bigint, by_actor text, why text, charge text, at bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  balance bigint;
  nth bigint;
BEGIN
  UPDATE accounts SET posted = posted + amount, transfer_count = transfer_count + 1
  WHERE id = wanted_account AND posted + amount <= 1000000000000000 AND posted + amount >= held
  RETURNING posted, transfer_count INTO balance, nth;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason,
    refund_of, shortfall, created_at)
  VALUES (wanted_id, wanted_account, nth, wanted_kind, amount, balance, by_actor, why, charge, 0,
    at);
  RETURN balance;
END $$`,

  `CREATE FUNCTION ledger_grant(grants json)
RETURNS TABLE (place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  made record;
  earlier record;
  account record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(grants) AS x (place bigint, id text, account_id bigint,
      credits bigint, actor text, reason text, key text, body_hash text, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; t := NULL;
    SELECT made_id, body_hash INTO made FROM idempotency_keys
    WHERE scope = 'grant:' || c.account_id AND key = c.key;
    IF made.made_id IS NOT NULL THEN
      IF made.body_hash <> c.body_hash THEN
        outcome := 'key_reused';
      ELSE
        outcome := 'granted'; t := made.made_id;
        SELECT balance_after INTO n1 FROM transfers WHERE id = made.made_id;
      END IF;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT account_id, credits, kind, balance_after INTO earlier FROM transfers WHERE id = c.id;
    IF FOUND AND earlier.account_id = c.account_id AND earlier.credits = c.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'granted'; t := c.id; n1 := earlier.balance_after;
    ELSIF ledger_id_taken(c.id) THEN
      outcome := 'id_taken';
    ELSE
      n1 := ledger_book(c.id, c.account_id,
        CASE WHEN c.credits > 0 THEN 'grant' ELSE 'adjustment' END, c.credits, c.actor, c.reason,
        NULL, c.at);
      IF n1 IS NOT NULL THEN
        outcome := 'granted'; t := c.id;
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('grant:' || c.account_id, c.key, c.body_hash, c.id, c.at);
        END IF;
      ELSE
        SELECT posted, held INTO account FROM accounts WHERE id = c.account_id;
        outcome := CASE WHEN NOT FOUND THEN 'account_unknown'
          WHEN c.credits > 0 THEN 'balance_limit' ELSE 'insufficient_credits' END;
        IF outcome = 'insufficient_credits' THEN n1 := account.posted - account.held; END IF;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$`,

  `CREATE FUNCTION ledger_refund(refunds json)
RETURNS TABLE (place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  earlier record;
  charge record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(refunds)
      AS x (place bigint, id text, charge_id text, actor text, reason text, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; n2 := NULL; n3 := NULL;
    SELECT account_id, credits, balance_after, refund_of INTO earlier
    FROM transfers WHERE id = c.id;
    SELECT account_id, credits, kind INTO charge FROM transfers WHERE id = c.charge_id;
    IF earlier.refund_of = c.charge_id THEN
      outcome := 'refunded';
      n1 := earlier.account_id; n2 := earlier.credits; n3 := earlier.balance_after;
    ELSIF ledger_id_taken(c.id) THEN
      outcome := 'id_taken';
    ELSIF charge.account_id IS NULL THEN
      outcome := 'transfer_unknown';
    ELSIF charge.kind <> 'charge' OR charge.credits = 0 THEN
      outcome := 'not_refundable';
    ELSIF EXISTS (SELECT 1 FROM transfers WHERE refund_of = c.charge_id) THEN
      outcome := 'refunded_already';
    ELSE
      n3 := ledger_book(c.id, charge.account_id, 'refund', -charge.credits, c.actor, c.reason,
        c.charge_id, c.at);
      outcome := CASE WHEN n3 IS NULL THEN 'balance_limit' ELSE 'refunded' END;
      IF n3 IS NOT NULL THEN n1 := charge.account_id; n2 := -charge.credits; END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$`,

  `CREATE FUNCTION ledger_settle(settles json) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  WITH asked AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(settles) AS x (place bigint, id text, account_id bigint, cost bigint,
      usage_input bigint, usage_cached_input bigint, usage_output bigint, usage_source text,
      charged_model text, charged_price text, reply text, status text, failure text, at bigint)
    ORDER BY x.id, x.account_id, x.place
  ), ended AS (
    UPDATE holds h SET state = 'settled', ended_at = a.at
    FROM asked a
    WHERE h.id = ANY (ARRAY(SELECT id FROM asked)) AND h.id = a.id
      AND h.account_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.credits AS held, coalesce(a.charged_model, h.model) AS model,
      coalesce(a.charged_price, h.price) AS price, least(a.cost, h.credits) AS charged,
      h.api_key_id, a.*
  ), counted AS (
    SELECT e.*,
      sum(charged) OVER (PARTITION BY account_id ORDER BY place)::bigint AS charged_so_far,
      row_number() OVER (PARTITION BY account_id ORDER BY place) AS nth
    FROM ended e
  ), taken AS (
    UPDATE accounts a
    SET posted = a.posted - s.charged, held = a.held - s.held,
      transfer_count = a.transfer_count + s.count
    FROM (
      SELECT account_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held,
        count(*) AS count
      FROM counted GROUP BY account_id
    ) s
    WHERE a.id = s.account_id
    RETURNING a.id, a.posted + s.charged AS posted_before, a.transfer_count - s.count AS before
  ), charges AS (
    INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, model,
      price, usage_input, usage_cached_input, usage_output, usage_source, shortfall, created_at)
    SELECT c.id, c.account_id, t.before + c.nth, 'charge', -c.charged,
      t.posted_before - c.charged_so_far, 'system', c.model, c.price, c.usage_input,
      c.usage_cached_input, c.usage_output, c.usage_source, c.cost - c.charged, c.at
    FROM counted c JOIN taken t ON t.id = c.account_id
  ), of_api_keys AS (
    UPDATE api_keys k SET held = k.held - s.held, spent = k.spent + s.charged
    FROM (
      SELECT api_key_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held
      FROM counted WHERE api_key_id IS NOT NULL GROUP BY api_key_id
    ) s
    WHERE k.id = s.api_key_id
  ), pieces AS (
    DELETE FROM journal j USING counted c WHERE j.generation_id = c.id
  )
  UPDATE messages m SET reply = c.reply, status = c.status, failure = c.failure, ended_at = c.at
  FROM counted c WHERE m.id = c.id
$$`,

  `CREATE FUNCTION ledger_release(releases json) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  WITH asked AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(releases)
      AS x (place bigint, id text, account_id bigint, reason text, at bigint)
    ORDER BY x.id, x.account_id, x.place
  ), ended AS (
    UPDATE holds h SET state = 'released', ended_at = a.at
    FROM asked a
    WHERE h.id = ANY (ARRAY(SELECT id FROM asked)) AND h.id = a.id
      AND h.account_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.credits AS held, h.idempotency_key, h.api_key_id, a.*
  ), given_back AS (
    UPDATE accounts a SET held = a.held - s.held
    FROM (SELECT account_id, sum(held)::bigint AS held FROM ended GROUP BY account_id) s
    WHERE a.id = s.account_id
  ), of_api_keys AS (
    UPDATE api_keys k SET held = k.held - s.held
    FROM (
      SELECT api_key_id, sum(held)::bigint AS held
      FROM ended WHERE api_key_id IS NOT NULL GROUP BY api_key_id
    ) s
    WHERE k.id = s.api_key_id
  ), pieces AS (
    DELETE FROM journal j USING ended e WHERE j.generation_id = e.id
  ), keys AS (
    DELETE FROM idempotency_keys k USING ended e
    WHERE k.scope = 'chat:' || e.account_id AND k.key = e.idempotency_key
  ), failed AS (
    UPDATE messages m SET reply = NULL, status = 'failed', failure = e.reason, ended_at = e.at
    FROM ended e WHERE m.id = e.id
  )
  -- What was never opened is kept from being opened late.
  INSERT INTO holds (id, account_id, credits, state, created_at, ended_at)
  SELECT DISTINCT ON (a.id) a.id, a.account_id, 0, 'released', a.at, a.at
  FROM asked a JOIN accounts known ON known.id = a.account_id
  WHERE NOT EXISTS (SELECT 1 FROM holds h WHERE h.id = a.id)
    AND NOT EXISTS (SELECT 1 FROM transfers f WHERE f.id = a.id)
  ORDER BY a.id, a.place
  ON CONFLICT DO NOTHING
$$`,

  // How the holds of these commands ended, whenever that was.
  `CREATE FUNCTION ledger_ended(commands json)
RETURNS TABLE (place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  SELECT x.place, coalesce(h.state, 'hold_unknown'), -f.credits, f.shortfall, f.balance_after,
    NULL::text
  FROM json_to_recordset(commands) AS x (place bigint, id text, account_id bigint)
  LEFT JOIN holds h ON h.id = x.id AND h.account_id = x.account_id
  LEFT JOIN transfers f ON f.id = h.id
$$`,
];

-- The parts of `ledger_apply` that end holds.
-- Frozen: migration 0001 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

CREATE FUNCTION ledger_settle(settles json) RETURNS void LANGUAGE sql
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
  -- What was erased while it was being answered stays so.
  UPDATE messages m SET reply = CASE WHEN m.erased_at IS NULL THEN c.reply ELSE '' END,
    status = c.status, failure = c.failure, ended_at = c.at
  FROM counted c WHERE m.id = c.id
$$;

CREATE FUNCTION ledger_release(releases json) RETURNS void LANGUAGE sql
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
$$;

-- How the holds of these commands ended, whenever that was.
CREATE FUNCTION ledger_ended(commands json)
RETURNS TABLE (place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  SELECT x.place, coalesce(h.state, 'hold_unknown'), -f.credits, f.shortfall, f.balance_after,
    NULL::text
  FROM json_to_recordset(commands) AS x (place bigint, id text, account_id bigint)
  LEFT JOIN holds h ON h.id = x.id AND h.account_id = x.account_id
  LEFT JOIN transfers f ON f.id = h.id
$$;

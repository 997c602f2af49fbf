-- The part of `ledger_apply` that settles holds: a charge keeps its usage by unit, and what of it
-- had no price.
-- Frozen: migration 0006 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

CREATE OR REPLACE FUNCTION ledger_settle(settles json) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  WITH requested AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(settles) AS x (batch_index bigint, id text, account_id bigint,
      cost bigint, usage_input bigint, usage_cached_input bigint, usage_output bigint,
      usage text, unpriced text, usage_source text, charged_model text, charged_price text, reply text, status text,
      failure text, response_type text, response_body text, at bigint)
    ORDER BY x.id, x.account_id, x.batch_index
  ), ended AS (
    UPDATE holds h SET state = 'settled', ended_at = a.at
    FROM requested a
    WHERE h.id = ANY (ARRAY(SELECT id FROM requested)) AND h.id = a.id
      AND h.account_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.credits AS held, coalesce(a.charged_model, h.model) AS model,
      coalesce(a.charged_price, h.price) AS price, least(a.cost, h.credits) AS charged,
      h.api_key_id, a.*
  ), numbered AS (
    SELECT e.*,
      sum(charged) OVER (PARTITION BY account_id ORDER BY batch_index)::bigint AS charged_so_far,
      row_number() OVER (PARTITION BY account_id ORDER BY batch_index) AS charge_number
    FROM ended e
  ), debited AS (
    UPDATE accounts a
    SET posted = a.posted - s.charged, held = a.held - s.held,
      transfer_count = a.transfer_count + s.count
    FROM (
      SELECT account_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held,
        count(*) AS count
      FROM numbered GROUP BY account_id
    ) s
    WHERE a.id = s.account_id
    RETURNING a.id, a.posted + s.charged AS posted_before,
      a.transfer_count - s.count AS count_before
  ), charges AS (
    INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, model,
      price, usage_input, usage_cached_input, usage_output, usage, unpriced, usage_source,
      shortfall, created_at)
    SELECT c.id, c.account_id, t.count_before + c.charge_number, 'charge', -c.charged,
      t.posted_before - c.charged_so_far, 'system', c.model, c.price, c.usage_input,
      c.usage_cached_input, c.usage_output, c.usage, c.unpriced, c.usage_source,
      c.cost - c.charged, c.at
    FROM numbered c JOIN debited t ON t.id = c.account_id
  ), api_key_spending AS (
    UPDATE api_keys k SET held = k.held - s.held, spent = k.spent + s.charged
    FROM (
      SELECT api_key_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held
      FROM numbered WHERE api_key_id IS NOT NULL GROUP BY api_key_id
    ) s
    WHERE k.id = s.api_key_id
  ), responses AS (
    INSERT INTO idempotent_responses (id, content_type, body, created_at)
    SELECT c.id, c.response_type, c.response_body, c.at
    FROM numbered c WHERE c.response_type IS NOT NULL
  ), deleted_pieces AS (
    DELETE FROM journal j USING numbered c WHERE j.generation_id = c.id
  )
  -- A message that was erased while the model was answering stays erased.
  UPDATE messages m SET reply = CASE WHEN m.erased_at IS NULL THEN c.reply ELSE '' END,
    status = c.status, failure = c.failure, ended_at = c.at
  FROM numbered c WHERE m.id = c.id
$$;

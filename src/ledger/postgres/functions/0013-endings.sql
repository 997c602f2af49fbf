-- The part of `ledger_apply_0013` that ends holds with a charge: what the model thought is stored
-- with the reply.
-- Frozen: migration 0013 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

CREATE FUNCTION ledger_settle_0013(settles json) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  WITH requested AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(settles) AS x (batch_index bigint, id text, account_id bigint,
      cost bigint, usage_input bigint, usage_cached_input bigint, usage_output bigint,
      usage text, unpriced text, usage_source text, charged_model text, charged_price text,
      reply text, status text, failure text, thinking text, thinking_ms bigint, thinking_tokens bigint,
      response_type text, response_body text, at bigint)
    ORDER BY x.id, x.account_id, x.batch_index
  ), ended AS (
    UPDATE holds h SET state = 'settled', ended_at = a.at
    FROM requested a
    WHERE h.id = ANY (ARRAY(SELECT id FROM requested)) AND h.id = a.id
      AND h.user_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.account_id AS payer_id, h.credits AS held,
      coalesce(a.charged_model, h.model) AS model,
      coalesce(a.charged_price, h.price) AS price, least(a.cost, h.credits) AS charged,
      h.budgets, a.*
  ), numbered AS (
    SELECT e.*,
      sum(charged) OVER (PARTITION BY payer_id ORDER BY batch_index)::bigint AS charged_so_far,
      row_number() OVER (PARTITION BY payer_id ORDER BY batch_index) AS charge_number
    FROM ended e
  ), debited AS (
    UPDATE accounts a
    SET posted = a.posted - s.charged, held = a.held - s.held,
      expiring = greatest(0, a.expiring - s.charged),
      transfer_count = a.transfer_count + s.count
    FROM (
      SELECT payer_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held,
        count(*) AS count
      FROM numbered GROUP BY payer_id
    ) s JOIN accounts before ON before.id = s.payer_id
    WHERE a.id = s.payer_id
    RETURNING a.id, a.posted + s.charged AS posted_before, before.expiring AS expiring_before,
      a.transfer_count - s.count AS count_before
  ), charges AS (
    INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, expiring_after,
      user_id, actor, model,
      price, usage_input, usage_cached_input, usage_output, usage, unpriced, usage_source,
      shortfall, created_at)
    SELECT c.id, c.payer_id, t.count_before + c.charge_number, 'charge', -c.charged,
      t.posted_before - c.charged_so_far, greatest(0, t.expiring_before - c.charged_so_far),
      nullif(c.account_id, c.payer_id), 'system', c.model, c.price, c.usage_input,
      c.usage_cached_input, c.usage_output, c.usage, c.unpriced, c.usage_source,
      c.cost - c.charged, c.at
    FROM numbered c JOIN debited t ON t.id = c.payer_id
  ), given_back AS (
    UPDATE budget_counters k SET held = k.held - s.held, spent = k.spent + s.charged
    FROM (
      SELECT b.item->>0 AS budget_id, (b.item->>1)::bigint AS subject,
        (b.item->>2)::bigint AS window_start, sum(n.charged)::bigint AS charged,
        sum(n.held)::bigint AS held
      FROM numbered n, json_array_elements(n.budgets::json) AS b (item) GROUP BY 1, 2, 3
    ) s
    -- A charge counts in the window in which it was admitted.
    WHERE k.budget_id = s.budget_id AND k.subject = s.subject
      AND k.window_start = s.window_start
  ), responses AS (
    INSERT INTO idempotent_responses (id, content_type, body, created_at)
    SELECT c.id, c.response_type, c.response_body, c.at
    FROM numbered c WHERE c.response_type IS NOT NULL
  ), deleted_pieces AS (
    DELETE FROM journal j USING numbered c WHERE j.generation_id = c.id
  )
  -- A message that was erased while the model was answering stays erased.
  UPDATE messages m SET reply = CASE WHEN m.erased_at IS NULL THEN c.reply ELSE '' END,
    status = c.status, failure = c.failure, ended_at = c.at,
    thinking = CASE WHEN m.erased_at IS NULL THEN c.thinking END,
    thinking_ms = CASE WHEN m.erased_at IS NULL THEN c.thinking_ms END,
    thinking_tokens = CASE WHEN m.erased_at IS NULL THEN c.thinking_tokens END
  FROM numbered c WHERE m.id = c.id
$$;

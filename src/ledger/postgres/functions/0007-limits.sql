-- The parts of `ledger_apply` about plans, vouchers, and holds for which more counts than a
-- balance: pools, budgets, and an allowance that may have to be renewed first.
-- Frozen: migration 0007 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

-- As `renewalTransferId` in core/allowance.ts.
CREATE FUNCTION ledger_renewal_id(kind text, of_account bigint, renews bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT substr(t.text, 1, 8) || '-' || substr(t.text, 9) || '-7' || kind || '-8'
    || substr(a.text, 1, 3) || '-' || substr(a.text, 4)
  FROM (SELECT lpad(to_hex(renews), 12, '0')) AS t (text),
    (SELECT lpad(to_hex(of_account), 15, '0')) AS a (text)
$$;

-- Lets what is left of an allowance expire and begins a plan, or none. As `begin` in
-- core/allowance.ts.
CREATE FUNCTION ledger_begin_plan(of_account bigint, new_plan text, following_plan text,
  ends bigint, renewed bigint, effective bigint, expiry_id text, allowance_id text, by_actor text,
  at bigint, OUT expired bigint, OUT allowed bigint)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  a record;
  p record;
  renews bigint;
  balance bigint;
BEGIN
  SELECT posted, held, expiring, plan_id INTO a FROM accounts WHERE id = of_account;
  expired := least(a.expiring, a.posted - a.held);
  allowed := 0;
  IF expired > 0 THEN
    balance := ledger_book(expiry_id, of_account, 'expiry', -expired, by_actor,
      coalesce((SELECT name FROM plans WHERE id = a.plan_id), ''), NULL, at);
    IF balance IS NULL THEN RAISE EXCEPTION 'account % changed', of_account; END IF;
  END IF;
  IF new_plan IS NULL THEN
    UPDATE accounts SET plan_id = NULL, next_plan_id = NULL, plan_ends_at = NULL, renews_at = NULL,
      renewed_at = renewed, has_limits = 1
    WHERE id = of_account;
    RETURN;
  END IF;
  SELECT q.name, q.allowance, c.starts_at, c.ends_at, (
      SELECT min(starts_at) FROM calendar_periods
      WHERE calendar = q.calendar AND starts_at > effective
    ) AS next_start INTO p
  FROM plans q LEFT JOIN calendar_periods c ON c.calendar = q.calendar AND c.starts_at = (
    SELECT max(starts_at) FROM calendar_periods
    WHERE calendar = q.calendar AND starts_at <= effective)
  WHERE q.id = new_plan;
  renews := p.next_start;
  IF p.ends_at > effective THEN
    renews := p.ends_at;
    renewed := greatest(renewed, p.starts_at);
    allowed := least(p.allowance, 1000000000000000 - (a.posted - expired));
    IF allowed > 0 THEN
      balance := ledger_book(allowance_id, of_account, 'allowance', allowed, by_actor, p.name,
        NULL, at);
      IF balance IS NULL THEN RAISE EXCEPTION 'account % changed', of_account; END IF;
    END IF;
  END IF;
  -- Each renewal is later than the one before, also where a slow clock says when the plan ends.
  IF ends <= renewed THEN ends := renewed + 1; END IF;
  UPDATE accounts SET plan_id = new_plan, next_plan_id = following_plan, plan_ends_at = ends,
    renews_at = least(renews, ends), renewed_at = renewed, has_limits = 1
  WHERE id = of_account;
END $$;

-- Books the renewal of an account if it is due. The account is locked.
CREATE FUNCTION ledger_renew(of_account bigint, at bigint) RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  a record;
  has_ended boolean;
BEGIN
  SELECT * INTO a FROM accounts WHERE id = of_account AND renews_at <= at;
  IF NOT FOUND THEN RETURN false; END IF;
  has_ended := coalesce(a.plan_ends_at <= at, false);
  PERFORM ledger_begin_plan(of_account,
    CASE WHEN has_ended THEN a.next_plan_id ELSE a.plan_id END,
    CASE WHEN has_ended THEN NULL ELSE a.next_plan_id END,
    CASE WHEN has_ended THEN NULL ELSE a.plan_ends_at END,
    greatest(a.renewed_at, a.renews_at), greatest(at, a.renewed_at),
    ledger_renewal_id('001', of_account, a.renews_at),
    ledger_renewal_id('002', of_account, a.renews_at), 'system', at);
  RETURN true;
END $$;

-- Carries out `assign_plan`, `renew` and `redeem` commands, in their order.
CREATE FUNCTION ledger_plans(commands json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c json;
BEGIN
  FOR c IN SELECT * FROM json_array_elements(commands) LOOP
    IF c->>'kind' = 'renew' THEN
      batch_index := c->>'batch_index'; outcome := 'renewed';
      SELECT count(*) INTO n1
      FROM json_array_elements_text(c->'account_ids') AS e (id)
      WHERE ledger_renew(e.id::bigint, (c->>'at')::bigint);
      RETURN NEXT;
    ELSIF c->>'kind' = 'assign_plan' THEN
      RETURN QUERY SELECT * FROM ledger_assign_plan(c);
    ELSE
      RETURN QUERY SELECT * FROM ledger_redeem(c);
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION ledger_assign_plan(command json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  c record;
  expiry record;
  allowance record;
  a record;
BEGIN
  SELECT * INTO c FROM json_to_record(command) AS x (batch_index bigint, account_id bigint,
    plan_id text, starts text, ends_at bigint, allowance_id text, expiry_id text, actor text,
    audit json, at bigint);
  batch_index := c.batch_index; outcome := 'assigned'; n1 := 0; n2 := 0;
  SELECT account_id, kind, credits INTO expiry FROM transfers WHERE id = c.expiry_id;
  SELECT account_id, kind, credits INTO allowance FROM transfers WHERE id = c.allowance_id;
  IF expiry.kind IS NOT NULL OR allowance.kind IS NOT NULL THEN
    -- Booked by the same command, which has been sent again.
    IF (CASE WHEN expiry.kind IS NULL THEN ledger_id_taken(c.expiry_id)
        ELSE expiry.kind <> 'expiry' OR expiry.account_id <> c.account_id END)
      OR (CASE WHEN allowance.kind IS NULL THEN ledger_id_taken(c.allowance_id)
        ELSE allowance.kind <> 'allowance' OR allowance.account_id <> c.account_id END)
    THEN
      outcome := 'id_taken'; n1 := NULL; n2 := NULL;
    ELSE
      n1 := -coalesce(expiry.credits, 0); n2 := coalesce(allowance.credits, 0);
      SELECT renews_at INTO n3 FROM accounts WHERE id = c.account_id;
    END IF;
    RETURN NEXT;
    RETURN;
  END IF;
  IF ledger_id_taken(c.expiry_id) OR ledger_id_taken(c.allowance_id) THEN
    outcome := 'id_taken';
  ELSIF NOT EXISTS (SELECT 1 FROM accounts WHERE id = c.account_id) THEN
    outcome := 'account_unknown';
  ELSIF c.plan_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM plans WHERE id = c.plan_id) THEN
    outcome := 'plan_unknown';
  ELSE
    PERFORM ledger_renew(c.account_id, c.at);
    PERFORM ledger_audit(c.audit);
    SELECT renews_at, renewed_at INTO a FROM accounts WHERE id = c.account_id;
    IF c.starts = 'renewal' AND a.renews_at IS NOT NULL THEN
      UPDATE accounts SET next_plan_id = c.plan_id, plan_ends_at = renews_at
      WHERE id = c.account_id;
    ELSE
      SELECT expired, allowed INTO n1, n2
      FROM ledger_begin_plan(c.account_id, c.plan_id, NULL, c.ends_at, a.renewed_at,
        greatest(c.at, a.renewed_at), c.expiry_id, c.allowance_id, c.actor, c.at);
    END IF;
    SELECT renews_at INTO n3 FROM accounts WHERE id = c.account_id;
    RETURN NEXT;
    RETURN;
  END IF;
  n1 := NULL; n2 := NULL;
  RETURN NEXT;
END $$;

CREATE FUNCTION ledger_redeem(command json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  c record;
  earlier record;
  v record;
  a record;
  batch text;
  uses_of_user bigint;
BEGIN
  SELECT * INTO c FROM json_to_record(command) AS x (batch_index bigint, code_hash text,
    account_id bigint, redemption_id text, expiry_id text, actor text, audit json, at bigint);
  batch_index := c.batch_index;
  SELECT code_hash, batch_id, user_id INTO earlier
  FROM voucher_redemptions WHERE id = c.redemption_id;
  IF FOUND THEN
    IF earlier.code_hash = c.code_hash AND earlier.user_id = c.account_id THEN
      batch := earlier.batch_id;
    ELSE
      outcome := 'id_taken';
    END IF;
  ELSIF ledger_id_taken(c.redemption_id) OR ledger_id_taken(c.expiry_id) THEN
    outcome := 'id_taken';
  ELSE
    SELECT posted INTO a FROM accounts WHERE id = c.account_id
      AND EXISTS (SELECT 1 FROM users WHERE id = c.account_id AND is_active = 1);
    IF NOT FOUND THEN
      outcome := 'account_unknown';
    ELSE
      -- The code is locked, since several servers may redeem it at once.
      SELECT code.uses, b.* INTO v
      FROM vouchers code JOIN voucher_batches b ON b.id = code.batch_id AND b.ended_at IS NULL
      WHERE code.code_hash = c.code_hash FOR UPDATE OF code;
      IF NOT FOUND THEN
        outcome := 'voucher_unknown';
      ELSE
        SELECT count(*) INTO uses_of_user
        FROM voucher_redemptions WHERE batch_id = v.id AND user_id = c.account_id;
        outcome := CASE WHEN v.expires_at <= c.at THEN 'voucher_expired'
          WHEN uses_of_user >= v.uses_per_user THEN 'voucher_limit'
          WHEN v.uses >= v.uses_per_code THEN 'voucher_used_up'
          WHEN a.posted + v.credits > 1000000000000000 THEN 'balance_limit' END;
        IF outcome IS NULL THEN
          batch := v.id;
          UPDATE vouchers SET uses = uses + 1 WHERE code_hash = c.code_hash;
          IF v.credits > 0 THEN
            PERFORM ledger_book(c.redemption_id, c.account_id, 'voucher', v.credits, c.actor,
              v.name, NULL, c.at);
          END IF;
          IF v.plan_id IS NOT NULL THEN
            PERFORM ledger_give_plan(c.account_id, v.plan_id, v.plan_for_ms, c.expiry_id,
              c.redemption_id, c.actor, c.at);
          END IF;
          INSERT INTO voucher_redemptions (id, code_hash, batch_id, user_id, redeemed_at)
          VALUES (c.redemption_id, c.code_hash, v.id, c.account_id, c.at);
          PERFORM ledger_audit(c.audit);
        END IF;
      END IF;
    END IF;
  END IF;
  IF batch IS NOT NULL THEN
    outcome := 'redeemed';
    SELECT credits, plan_id INTO n1, detail FROM voucher_batches WHERE id = batch;
  END IF;
  RETURN NEXT;
END $$;

-- Gives a plan for some time; the present plan goes on afterwards.
CREATE FUNCTION ledger_give_plan(of_account bigint, new_plan text, for_ms bigint, expiry_id text,
  allowance_id text, by_actor text, at bigint) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  a record;
  p record;
  effective bigint;
BEGIN
  PERFORM ledger_renew(of_account, at);
  SELECT plan_id, next_plan_id, plan_ends_at, renewed_at INTO a FROM accounts WHERE id = of_account;
  effective := greatest(at, a.renewed_at);
  IF a.plan_id = new_plan AND a.plan_ends_at IS NOT NULL THEN
    SELECT c.ends_at, (
        SELECT min(starts_at) FROM calendar_periods
        WHERE calendar = q.calendar AND starts_at > effective
      ) AS next_start INTO p
    FROM plans q LEFT JOIN calendar_periods c ON c.calendar = q.calendar AND c.starts_at = (
      SELECT max(starts_at) FROM calendar_periods
      WHERE calendar = q.calendar AND starts_at <= effective)
    WHERE q.id = new_plan;
    UPDATE accounts SET plan_ends_at = plan_ends_at + for_ms,
      renews_at = least(CASE WHEN p.ends_at > effective THEN p.ends_at ELSE p.next_start END,
        plan_ends_at + for_ms)
    WHERE id = of_account;
  ELSE
    PERFORM ledger_begin_plan(of_account, new_plan,
      CASE WHEN a.plan_ends_at IS NULL THEN a.plan_id ELSE a.next_plan_id END, at + for_ms,
      a.renewed_at, effective, expiry_id, allowance_id, by_actor, at);
  END IF;
END $$;

-- The budgets in which a hold takes room, with what is left of them and the window that counts.
CREATE FUNCTION ledger_budgets(key_id text, of_group text, of_plan text, of_user bigint,
  of_payer bigint, at bigint)
RETURNS TABLE (id text, kind text, subject bigint, credits bigint, spent bigint, held bigint,
  window_start bigint, window_end bigint)
LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
  SELECT w.id, w.kind, w.subject, w.credits,
    CASE WHEN w.started = w.window_start THEN w.spent ELSE 0 END,
    CASE WHEN w.started = w.window_start THEN w.held ELSE 0 END,
    w.window_start,
    CASE WHEN w.hours IS NOT NULL THEN w.window_start + w.hours * 3600000
      WHEN w.starts_at = w.window_start THEN w.ends_at END
  FROM (
    SELECT b.id, b.kind, b.hours, s.subject, coalesce(c.credits, b.credits) AS credits,
      coalesce(c.spent, 0) AS spent, coalesce(c.held, 0) AS held,
      coalesce(c.window_start, 0) AS started, p.starts_at, p.ends_at,
      CASE WHEN b.hours IS NOT NULL THEN
          CASE WHEN c.window_start > 0 AND at < c.window_start + b.hours * 3600000
            THEN c.window_start ELSE at END
        WHEN b.calendar IS NOT NULL THEN greatest(c.window_start, p.starts_at, 0)
        ELSE 0 END AS window_start
    FROM (
      SELECT * FROM budgets WHERE kind = 'key' AND scope = key_id AND ended_at IS NULL
      UNION ALL
      SELECT * FROM budgets WHERE kind = 'member' AND scope = of_group AND ended_at IS NULL
      UNION ALL
      SELECT * FROM budgets WHERE kind = 'plan' AND scope = of_plan AND ended_at IS NULL
      UNION ALL
      SELECT * FROM budgets WHERE kind IN ('user', 'own') AND scope = of_user::text
        AND ended_at IS NULL
    ) b
    CROSS JOIN LATERAL (
      SELECT CASE b.kind WHEN 'plan' THEN of_payer ELSE of_user END AS subject
    ) s
    LEFT JOIN budget_counters c ON c.budget_id = b.id AND c.subject = s.subject
    LEFT JOIN calendar_periods p ON p.calendar = b.calendar AND p.starts_at = (
      SELECT max(starts_at) FROM calendar_periods
      WHERE calendar = b.calendar AND starts_at <= greatest(at, c.window_start))
  ) w
  ORDER BY array_position(ARRAY['key', 'member', 'plan', 'user', 'own'], w.kind), w.id
$$;

-- Opens holds one after the other, for which more than a balance may count.
CREATE FUNCTION ledger_hold(requests json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  c record;
  keyed record;
  earlier record;
  found_room record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(requests) AS x (batch_index bigint, id text, account_id bigint,
      payers json, most bigint, least bigint, lease_id text, api_key_id text, model text,
      price text, input_tokens bigint, content text, conversation_id text, parent_id text,
      key text, body_hash text, at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; outcome := NULL; n1 := NULL; n2 := NULL; n3 := NULL;
    detail := NULL;
    IF c.key IS NOT NULL THEN
      SELECT k.made_id, k.body_hash, h.state INTO keyed
      FROM idempotency_keys k LEFT JOIN holds h ON h.id = k.made_id
      WHERE k.scope = 'chat:' || c.account_id AND k.key = c.key;
      IF FOUND AND keyed.made_id <> c.id THEN
        outcome := CASE WHEN keyed.body_hash <> c.body_hash THEN 'key_reused'
          WHEN keyed.state = 'open' THEN 'key_running' ELSE 'key_done' END;
        IF outcome = 'key_done' THEN detail := keyed.made_id; END IF;
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;
    SELECT account_id, user_id, credits, state INTO earlier FROM holds WHERE id = c.id;
    IF earlier.user_id = c.account_id AND earlier.state <> 'released' THEN
      outcome := 'held'; n1 := earlier.credits;
      n2 := nullif(earlier.account_id, c.account_id);
    ELSIF ledger_id_taken(c.id) THEN
      outcome := 'id_taken';
    ELSIF NOT EXISTS (SELECT 1 FROM accounts a JOIN users u ON u.id = a.id AND u.is_active = 1
        WHERE a.id = c.account_id) THEN
      outcome := 'account_unknown';
    ELSIF c.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations
        WHERE id = c.conversation_id AND user_id = c.account_id) THEN
      outcome := 'conversation_unknown';
    ELSIF c.api_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM api_keys
        WHERE id = c.api_key_id AND user_id = c.account_id AND ended_at IS NULL) THEN
      outcome := 'api_key_unknown';
    END IF;
    IF outcome IS NOT NULL THEN
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT * INTO found_room
    FROM ledger_room(c.account_id, c.payers, c.api_key_id, c.most, c.least, c.at);
    outcome := found_room.outcome; n1 := found_room.amount; n2 := found_room.payer;
    n3 := found_room.renews; detail := found_room.detail;
    IF outcome = 'held' THEN
      n2 := nullif(n2, c.account_id); n3 := NULL; detail := NULL;
      UPDATE accounts SET held = held + n1 WHERE id = found_room.payer AND posted - held >= n1;
      IF NOT FOUND THEN RAISE EXCEPTION 'account % changed', found_room.payer; END IF;
      INSERT INTO budget_counters (budget_id, subject, spent, held, window_start)
      SELECT b.item->>0, (b.item->>1)::bigint, 0, n1, (b.item->>2)::bigint
      FROM json_array_elements(found_room.detail::json) AS b (item)
      ON CONFLICT (budget_id, subject) DO UPDATE SET
        spent = CASE WHEN budget_counters.window_start = excluded.window_start
          THEN budget_counters.spent ELSE 0 END,
        held = CASE WHEN budget_counters.window_start = excluded.window_start
          THEN budget_counters.held ELSE 0 END + excluded.held,
        window_start = excluded.window_start;
      INSERT INTO holds (id, account_id, user_id, credits, state, lease_id, model, price,
        input_tokens, idempotency_key, api_key_id, budgets, created_at)
      VALUES (c.id, found_room.payer, c.account_id, n1, 'open', c.lease_id, c.model, c.price,
        c.input_tokens, c.key, c.api_key_id, found_room.detail, c.at);
      INSERT INTO messages (id, user_id, model, content, status, created_at, conversation_id,
        parent_id, is_relayed)
      VALUES (c.id, c.account_id, c.model, c.content, 'pending', c.at, c.conversation_id,
        c.parent_id, CASE WHEN c.api_key_id IS NULL THEN 0 ELSE 1 END);
      IF c.key IS NOT NULL THEN
        INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
        VALUES ('chat:' || c.account_id, c.key, c.body_hash, c.id, c.at);
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- The first account that has room for a hold: outcome `held`, with the budgets as the detail. Else
-- what is short where the least is missing, and the detail says whether running generations hold
-- it, and which budget it is. As `roomFor` in core/reference-limits.ts.
CREATE FUNCTION ledger_room(of_user bigint, payers json, key_id text, most bigint, least_of bigint,
  at bigint)
RETURNS TABLE (outcome text, amount bigint, payer bigint, renews bigint, detail text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  p record;
  a record;
  l record;
  nearest record;
  best_held boolean;
  best_left bigint;
BEGIN
  FOR p IN
    SELECT x.account_id, x.group_id
    FROM json_to_recordset(coalesce(payers, json_build_array(
      json_build_object('account_id', of_user)))) AS x (account_id bigint, group_id text)
  LOOP
    CONTINUE WHEN p.group_id IS NULL AND p.account_id <> of_user;
    CONTINUE WHEN p.group_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM groups g JOIN group_members m ON m.group_id = g.id
      WHERE g.id = p.group_id AND g.pool_id = p.account_id AND g.ended_at IS NULL
        AND m.user_id = of_user);
    PERFORM ledger_renew(p.account_id, at);
    SELECT posted, held, plan_id, renews_at INTO a FROM accounts WHERE id = p.account_id;
    IF NOT FOUND THEN CONTINUE; END IF;
    -- One row for the account and one for each budget, the one that is named first.
    SELECT t.*, min(t.available) OVER () AS room, 
      string_agg(t.item, ',') OVER (ORDER BY t.place
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS items
    INTO l
    FROM (
      SELECT a.posted - a.held AS available, a.posted AS unspent, a.renews_at AS renews,
        NULL AS budget, NULL AS item, 0 AS place
      UNION ALL
      SELECT CASE WHEN b.credits IS NOT NULL
          THEN greatest(0, b.credits - b.spent - b.held) END,
        b.credits - b.spent, b.window_end, b.kind || ' ' || b.id,
        '[' || to_json(b.id) || ',' || b.subject || ',' || b.window_start || ']',
        row_number() OVER ()
      FROM ledger_budgets(key_id, p.group_id, a.plan_id, of_user, p.account_id, at) b
    ) t
    ORDER BY coalesce(t.unspent >= least_of, true), t.available NULLS LAST, t.place LIMIT 1;
    IF l.room >= least_of THEN
      outcome := 'held'; amount := least(most, l.room); payer := p.account_id; renews := NULL;
      detail := '[' || l.items || ']';
      RETURN NEXT;
      RETURN;
    END IF;
    IF best_left IS NULL OR (l.unspent >= least_of AND NOT best_held)
      OR (l.unspent >= least_of) = best_held AND l.available > best_left THEN
      best_held := l.unspent >= least_of; best_left := l.available;
      outcome := CASE WHEN l.budget IS NULL THEN 'insufficient_credits' ELSE 'budget_exceeded' END;
      amount := l.available; payer := p.account_id; renews := l.renews;
      detail := CASE WHEN best_held THEN '1' ELSE '0' END || coalesce(' ' || l.budget, '');
    END IF;
  END LOOP;
  IF best_left IS NULL THEN
    outcome := 'account_unknown'; amount := NULL; payer := NULL; renews := NULL; detail := NULL;
  END IF;
  RETURN NEXT;
END $$;

-- The parts of `ledger_apply` about plans, renewals and vouchers. Which scans and joins are allowed
-- is set by `ledger_apply`, for all that it calls.
-- Frozen: migration 0011 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

-- Replaced by functions for many accounts, and by what `ledger_hold` does by itself.
DROP FUNCTION ledger_room(bigint, json, text, bigint, bigint, bigint);
DROP FUNCTION ledger_budgets(text, text, text, bigint, bigint, bigint);
DROP FUNCTION ledger_renew(bigint, bigint);

-- Lets what is left of an allowance expire and begins a plan, or none. As `begin` in
-- core/allowance.ts.
CREATE OR REPLACE FUNCTION ledger_begin_plan(of_account bigint, new_plan text, following_plan text,
  ends bigint, renewed bigint, effective bigint, expiry_id text, allowance_id text, by_actor text,
  at bigint, OUT expired bigint, OUT allowed bigint)
LANGUAGE plpgsql
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

-- Books the renewals of those of these accounts that are due, and returns how many were. The
-- accounts are locked. As `renewalOf` in core/allowance.ts.
CREATE FUNCTION ledger_renew(of_accounts bigint[], at bigint) RETURNS bigint LANGUAGE sql AS $$
  WITH due AS MATERIALIZED (
    SELECT a.id, a.posted, a.expiring, a.transfer_count, a.renews_at AS due_at,
      least(a.expiring, a.posted - a.held) AS expired, a.plan_id AS old_plan,
      CASE WHEN a.plan_ends_at <= at THEN a.next_plan_id ELSE a.plan_id END AS plan_id,
      CASE WHEN a.plan_ends_at <= at THEN NULL ELSE a.next_plan_id END AS next_plan_id,
      CASE WHEN a.plan_ends_at <= at THEN NULL ELSE a.plan_ends_at END AS plan_ends_at,
      greatest(a.renewed_at, a.renews_at) AS renewed, greatest(at, a.renewed_at) AS effective
    FROM accounts a WHERE a.id = ANY (of_accounts) AND a.renews_at <= at
  ), plan_periods AS MATERIALIZED (
    -- Of few plans, however many accounts have them.
    SELECT d.plan_id, d.effective, q.name, q.allowance,
      CASE WHEN c.ends_at > d.effective THEN c.starts_at END AS starts_at,
      CASE WHEN c.ends_at > d.effective THEN c.ends_at ELSE (
          SELECT min(starts_at) FROM calendar_periods
          WHERE calendar = q.calendar AND starts_at > d.effective) END AS renews
    FROM (SELECT DISTINCT plan_id, effective FROM due WHERE plan_id IS NOT NULL) d
    JOIN plans q ON q.id = d.plan_id
    LEFT JOIN calendar_periods c ON c.calendar = q.calendar AND c.starts_at = (
      SELECT max(starts_at) FROM calendar_periods
      WHERE calendar = q.calendar AND starts_at <= d.effective)
  ), steps AS MATERIALIZED (
    SELECT d.*, p.name, p.starts_at, p.renews,
      CASE WHEN p.starts_at IS NULL THEN 0
        ELSE least(p.allowance, 1000000000000000 - (d.posted - d.expired)) END AS allowed
    FROM due d
    LEFT JOIN plan_periods p ON p.plan_id = d.plan_id AND p.effective = d.effective
  ), expiries AS (
    INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, expiring_after,
      actor, reason, shortfall, created_at)
    SELECT ledger_renewal_id('001', s.id, s.due_at), s.id, s.transfer_count + 1, 'expiry',
      -s.expired, s.posted - s.expired, s.expiring - s.expired, 'system',
      coalesce((SELECT name FROM plans WHERE id = s.old_plan), ''), 0, at
    FROM steps s WHERE s.expired > 0
  ), allowances AS (
    INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, expiring_after,
      actor, reason, shortfall, created_at)
    SELECT ledger_renewal_id('002', s.id, s.due_at), s.id,
      s.transfer_count + 1 + sign(s.expired)::bigint, 'allowance', s.allowed,
      s.posted - s.expired + s.allowed, s.expiring - s.expired + s.allowed, 'system', s.name, 0, at
    FROM steps s WHERE s.allowed > 0
  ), renewed AS (
    UPDATE accounts a SET posted = a.posted - s.expired + s.allowed,
      expiring = a.expiring - s.expired + s.allowed,
      transfer_count = a.transfer_count + sign(s.expired)::bigint + sign(s.allowed)::bigint,
      plan_id = s.plan_id, next_plan_id = CASE WHEN s.plan_id IS NOT NULL THEN s.next_plan_id END,
      plan_ends_at = CASE WHEN s.plan_id IS NOT NULL THEN s.plan_ends_at END,
      renews_at = CASE WHEN s.plan_id IS NOT NULL THEN least(s.renews, s.plan_ends_at) END,
      renewed_at = greatest(s.renewed, s.starts_at), has_limits = 1
    FROM steps s WHERE a.id = s.id
    RETURNING 1
  )
  SELECT count(*) FROM renewed
$$;

-- Carries out `assign_plan`, `renew` and `redeem` commands, in their order.
CREATE OR REPLACE FUNCTION ledger_plans(commands json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c json;
BEGIN
  FOR c IN SELECT * FROM json_array_elements(commands) LOOP
    IF c->>'kind' = 'renew' THEN
      batch_index := c->>'batch_index'; outcome := 'renewed';
      n1 := ledger_renew(
        ARRAY(SELECT e.id::bigint FROM json_array_elements_text(c->'account_ids') AS e (id)),
        (c->>'at')::bigint);
      RETURN NEXT;
    ELSIF c->>'kind' = 'assign_plan' THEN
      RETURN QUERY SELECT * FROM ledger_assign_plan(c);
    ELSE
      RETURN QUERY SELECT * FROM ledger_redeem(c);
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger_assign_plan(command json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql
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
    PERFORM ledger_renew(ARRAY[c.account_id], c.at);
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

CREATE OR REPLACE FUNCTION ledger_redeem(command json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql
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
CREATE OR REPLACE FUNCTION ledger_give_plan(of_account bigint, new_plan text, for_ms bigint, expiry_id text,
  allowance_id text, by_actor text, at bigint) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  a record;
  p record;
  effective bigint;
BEGIN
  PERFORM ledger_renew(ARRAY[of_account], at);
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

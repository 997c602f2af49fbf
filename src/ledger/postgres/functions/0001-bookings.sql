-- The parts of `ledger_apply` that open accounts and book what is no charge.
-- Frozen: migration 0001 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

CREATE FUNCTION ledger_open(opens json)
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
      key text, body_hash text, audit json, at bigint)
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
        PERFORM ledger_note(c.audit);
        outcome := 'opened'; n1 := c.account_id;
      ELSE
        SELECT id INTO owner FROM users WHERE username = c.username;
        outcome := CASE WHEN owner IS NULL THEN 'id_taken' ELSE 'username_taken' END;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE FUNCTION ledger_id_taken(wanted text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT 1 FROM transfers WHERE id = wanted)
    OR EXISTS (SELECT 1 FROM holds WHERE id = wanted)
$$;

-- Books a transfer that is no charge; null if the balance does not allow it.
CREATE FUNCTION ledger_book(wanted_id text, wanted_account bigint, wanted_kind text,
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
END $$;

CREATE FUNCTION ledger_grant(grants json)
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
      credits bigint, actor text, reason text, key text, body_hash text, audit json, at bigint)
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
        PERFORM ledger_note(c.audit);
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
END $$;

CREATE FUNCTION ledger_refund(refunds json)
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
      AS x (place bigint, id text, charge_id text, actor text, reason text, audit json, at bigint)
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
      IF n3 IS NOT NULL THEN
        PERFORM ledger_note(c.audit);
        n1 := charge.account_id; n2 := -charge.credits;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- Carried out for all accounts or for none; they are locked, so what is checked stays true.
CREATE FUNCTION ledger_distribute(distributions json)
RETURNS TABLE (place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  made record;
  earlier record;
  foremost record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(distributions) AS x (place bigint, shares json, actor text,
      reason text, key text, body_hash text, audit json, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; t := NULL;
    SELECT made_id, body_hash INTO made FROM idempotency_keys
    WHERE scope = 'distribute:' || c.actor AND key = c.key;
    IF made.made_id IS NOT NULL THEN
      outcome := CASE WHEN made.body_hash <> c.body_hash THEN 'key_reused' ELSE 'distributed' END;
      t := made.made_id;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT * INTO foremost FROM ledger_shares(c.shares) s ORDER BY s.nth LIMIT 1;
    SELECT account_id, credits, kind INTO earlier FROM transfers WHERE id = foremost.id;
    IF earlier.account_id = foremost.account_id AND earlier.credits = foremost.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'distributed'; t := foremost.id;
    ELSIF EXISTS (SELECT 1 FROM ledger_shares(c.shares) s WHERE ledger_id_taken(s.id)) THEN
      outcome := 'id_taken';
    ELSE
      SELECT json_agg(json_build_object('accountId', r.account_id, 'outcome', r.why)
        ORDER BY r.nth)::text INTO t
      FROM (
        SELECT s.nth, s.account_id, CASE WHEN a.id IS NULL THEN 'account_unknown'
          WHEN a.posted + s.credits > 1000000000000000 THEN 'balance_limit'
          WHEN a.posted - a.held + s.credits < 0 THEN 'insufficient_credits' END AS why
        FROM ledger_shares(c.shares) s LEFT JOIN accounts a ON a.id = s.account_id
      ) r
      WHERE r.why IS NOT NULL;
      outcome := CASE WHEN t IS NULL THEN 'distributed' ELSE 'refused' END;
      IF t IS NULL THEN
        PERFORM ledger_book(s.id, s.account_id,
          CASE WHEN s.credits > 0 THEN 'grant' ELSE 'adjustment' END, s.credits, c.actor,
          c.reason, NULL, c.at)
        FROM ledger_shares(c.shares) s;
        PERFORM ledger_note(c.audit);
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('distribute:' || c.actor, c.key, c.body_hash, foremost.id, c.at)
          ON CONFLICT DO NOTHING;
          -- Another server used the key in this moment. Once more, and it will be seen above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        t := foremost.id;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE FUNCTION ledger_shares(shares json)
RETURNS TABLE (nth bigint, id text, account_id bigint, credits bigint) LANGUAGE sql AS $$
  SELECT * FROM json_to_recordset(shares)
    AS x (nth bigint, id text, account_id bigint, credits bigint)
$$;

-- What was done is written into the audit log in the transaction in which it is done.
CREATE FUNCTION ledger_note(entries json) RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
  SELECT * FROM json_to_recordset(coalesce(entries, '[]')) AS x (id text, at bigint, actor text,
    address text, action text, target text, reason text, before text, after text)
$$;

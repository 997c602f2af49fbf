-- The parts of `ledger_apply` that open accounts and book every transfer that is not a charge.
-- Frozen: migration 0003 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

DROP FUNCTION
  ledger_open(json),
  ledger_id_taken(text),
  ledger_book(text, bigint, text, bigint, text, text, text, bigint),
  ledger_grant(json),
  ledger_refund(json),
  ledger_distribute(json),
  ledger_shares(json),
  ledger_note(json);

CREATE FUNCTION ledger_open(opens json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  owner bigint;
  keyed_id text;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(opens) AS x (batch_index bigint, account_id bigint,
      username text, password_hash text, is_staff bigint, is_superuser bigint, transfer_id text,
      credits bigint, key text, body_hash text, audit json, at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL;
    SELECT id INTO owner FROM users WHERE username = c.username;
    SELECT made_id INTO keyed_id FROM idempotency_keys WHERE scope = 'signup' AND key = c.key;
    IF keyed_id IS NOT NULL THEN
      outcome := CASE WHEN owner::text = keyed_id THEN 'opened' ELSE 'key_reused' END;
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
          -- Another server has just used the key; the retry finds it above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        PERFORM ledger_audit(c.audit);
        outcome := 'opened'; n1 := c.account_id;
      ELSE
        SELECT id INTO owner FROM users WHERE username = c.username;
        outcome := CASE WHEN owner IS NULL THEN 'id_taken' ELSE 'username_taken' END;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE FUNCTION ledger_id_taken(candidate text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT 1 FROM transfers WHERE id = candidate)
    OR EXISTS (SELECT 1 FROM holds WHERE id = candidate)
$$;

-- Books a transfer other than a charge. Returns the new balance, or null if the balance does not
-- allow it.
CREATE FUNCTION ledger_book(transfer_id text, of_account bigint, transfer_kind text,
  amount bigint, by_actor text, given_reason text, refunded_charge text, at bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  balance bigint;
  new_number bigint;
BEGIN
  UPDATE accounts SET posted = posted + amount, transfer_count = transfer_count + 1
  WHERE id = of_account AND posted + amount <= 1000000000000000 AND posted + amount >= held
  RETURNING posted, transfer_count INTO balance, new_number;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason,
    refund_of, shortfall, created_at)
  VALUES (transfer_id, of_account, new_number, transfer_kind, amount, balance, by_actor,
    given_reason, refunded_charge, 0, at);
  RETURN balance;
END $$;

CREATE FUNCTION ledger_grant(grants json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  keyed record;
  earlier record;
  account record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(grants) AS x (batch_index bigint, id text, account_id bigint,
      credits bigint, actor text, reason text, key text, body_hash text, audit json, at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; detail := NULL;
    SELECT made_id, body_hash INTO keyed FROM idempotency_keys
    WHERE scope = 'grant:' || c.account_id AND key = c.key;
    IF keyed.made_id IS NOT NULL THEN
      IF keyed.body_hash <> c.body_hash THEN
        outcome := 'key_reused';
      ELSE
        outcome := 'granted'; detail := keyed.made_id;
        SELECT balance_after INTO n1 FROM transfers WHERE id = keyed.made_id;
      END IF;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT account_id, credits, kind, balance_after INTO earlier FROM transfers WHERE id = c.id;
    IF FOUND AND earlier.account_id = c.account_id AND earlier.credits = c.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'granted'; detail := c.id; n1 := earlier.balance_after;
    ELSIF ledger_id_taken(c.id) THEN
      outcome := 'id_taken';
    ELSE
      n1 := ledger_book(c.id, c.account_id,
        CASE WHEN c.credits > 0 THEN 'grant' ELSE 'adjustment' END, c.credits, c.actor, c.reason,
        NULL, c.at);
      IF n1 IS NOT NULL THEN
        PERFORM ledger_audit(c.audit);
        outcome := 'granted'; detail := c.id;
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
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  earlier record;
  charge record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(refunds)
      AS x (batch_index bigint, id text, charge_id text, actor text, reason text, audit json,
        at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; n2 := NULL; n3 := NULL;
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
        PERFORM ledger_audit(c.audit);
        n1 := charge.account_id; n2 := -charge.credits;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- Books all entries or none. The accounts are locked, so what was checked stays true.
CREATE FUNCTION ledger_distribute(distributions json)
RETURNS TABLE (batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c record;
  keyed record;
  earlier record;
  first_entry record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(distributions) AS x (batch_index bigint, entries json,
      actor text, reason text, key text, body_hash text, audit json, at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; detail := NULL;
    SELECT made_id, body_hash INTO keyed FROM idempotency_keys
    WHERE scope = 'distribute:' || c.actor AND key = c.key;
    IF keyed.made_id IS NOT NULL THEN
      outcome := CASE WHEN keyed.body_hash <> c.body_hash THEN 'key_reused' ELSE 'distributed' END;
      detail := keyed.made_id;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT * INTO first_entry FROM ledger_entries(c.entries) e ORDER BY e.entry_index LIMIT 1;
    SELECT account_id, credits, kind INTO earlier FROM transfers WHERE id = first_entry.id;
    IF earlier.account_id = first_entry.account_id AND earlier.credits = first_entry.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'distributed'; detail := first_entry.id;
    ELSIF EXISTS (SELECT 1 FROM ledger_entries(c.entries) e WHERE ledger_id_taken(e.id)) THEN
      outcome := 'id_taken';
    ELSE
      SELECT json_agg(json_build_object('accountId', r.account_id, 'outcome', r.refusal)
        ORDER BY r.entry_index)::text INTO detail
      FROM (
        SELECT e.entry_index, e.account_id, CASE WHEN a.id IS NULL THEN 'account_unknown'
          WHEN a.posted + e.credits > 1000000000000000 THEN 'balance_limit'
          WHEN a.posted - a.held + e.credits < 0 THEN 'insufficient_credits' END AS refusal
        FROM ledger_entries(c.entries) e LEFT JOIN accounts a ON a.id = e.account_id
      ) r
      WHERE r.refusal IS NOT NULL;
      outcome := CASE WHEN detail IS NULL THEN 'distributed' ELSE 'refused' END;
      IF detail IS NULL THEN
        PERFORM ledger_book(e.id, e.account_id,
          CASE WHEN e.credits > 0 THEN 'grant' ELSE 'adjustment' END, e.credits, c.actor,
          c.reason, NULL, c.at)
        FROM ledger_entries(c.entries) e;
        PERFORM ledger_audit(c.audit);
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('distribute:' || c.actor, c.key, c.body_hash, first_entry.id, c.at)
          ON CONFLICT DO NOTHING;
          -- Another server has just used the key; the retry finds it above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        detail := first_entry.id;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE FUNCTION ledger_entries(entries json)
RETURNS TABLE (entry_index bigint, id text, account_id bigint, credits bigint) LANGUAGE sql AS $$
  SELECT * FROM json_to_recordset(entries)
    AS x (entry_index bigint, id text, account_id bigint, credits bigint)
$$;

-- Writes the audit events in the transaction of the action that they record.
CREATE FUNCTION ledger_audit(entries json) RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
  SELECT * FROM json_to_recordset(coalesce(entries, '[]')) AS x (id text, at bigint, actor text,
    address text, action text, target text, reason text, before text, after text)
$$;

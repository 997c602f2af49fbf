-- The parts of `ledger_apply` that open accounts and book transfers other than charges: what ends
-- with its allowance is kept apart, and a pool may have the id of a new account.
-- Frozen: migration 0007 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

CREATE OR REPLACE FUNCTION ledger_open(opens json)
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
    ELSIF ledger_id_taken(c.transfer_id)
      OR EXISTS (SELECT 1 FROM accounts WHERE id = c.account_id)
    THEN
      outcome := 'id_taken';
    ELSE
      INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser,
        joined_at, refresh_cutoff_at)
      VALUES (c.account_id, c.username, c.password_hash, 1, c.is_staff, c.is_superuser, c.at, 0)
      ON CONFLICT DO NOTHING;
      IF FOUND THEN
        INSERT INTO accounts (id, kind, posted, held, expiring, transfer_count, has_limits,
          renewed_at)
        VALUES (c.account_id, 'personal', 0, 0, 0, 0, 0, 0);
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

-- Books a transfer other than a charge. Returns the new balance, or null if the balance does not
-- allow it.
CREATE OR REPLACE FUNCTION ledger_book(transfer_id text, of_account bigint, transfer_kind text,
  amount bigint, by_actor text, given_reason text, refunded_charge text, at bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  balance bigint;
  new_expiring bigint;
  new_number bigint;
BEGIN
  UPDATE accounts SET posted = posted + amount,
    expiring = CASE WHEN transfer_kind IN ('allowance', 'expiry') THEN expiring + amount
      ELSE least(expiring, posted + amount) END,
    transfer_count = transfer_count + 1
  WHERE id = of_account AND posted + amount <= 1000000000000000 AND posted + amount >= held
  RETURNING posted, expiring, transfer_count INTO balance, new_expiring, new_number;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, expiring_after,
    actor, reason, refund_of, shortfall, created_at)
  VALUES (transfer_id, of_account, new_number, transfer_kind, amount, balance, new_expiring,
    by_actor, given_reason, refunded_charge, 0, at);
  RETURN balance;
END $$;

-- Writes the audit events in the transaction of the action that they record; once, if a command
-- that booked nothing is sent again.
CREATE OR REPLACE FUNCTION ledger_audit(entries json) RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
  SELECT * FROM json_to_recordset(coalesce(entries, '[]')) AS x (id text, at bigint, actor text,
    address text, action text, target text, reason text, before text, after text)
  ON CONFLICT DO NOTHING
$$;

-- The parts of `ledger_apply` that book transfers other than charges: what ends with its allowance
-- is kept apart.
-- Frozen: migration 0007 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

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

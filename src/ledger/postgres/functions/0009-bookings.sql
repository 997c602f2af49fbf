-- The parts of `ledger_apply` that book a distribution: what is taken of an account may have to be
-- what does not end with its allowance.
-- Frozen: migration 0009 runs this text. To change a function, write a file with a higher number
-- and a migration that runs it.

DROP FUNCTION ledger_entries(json);

-- Books all entries or none. The accounts are locked, so what was checked stays true.
CREATE OR REPLACE FUNCTION ledger_distribute(distributions json)
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
          WHEN a.posted - CASE WHEN e.only_lasting THEN greatest(a.held, a.expiring) ELSE a.held END
            + e.credits < 0 THEN 'insufficient_credits' END AS refusal
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
RETURNS TABLE (entry_index bigint, id text, account_id bigint, credits bigint, only_lasting boolean)
LANGUAGE sql AS $$
  SELECT * FROM json_to_recordset(entries)
    AS x (entry_index bigint, id text, account_id bigint, credits bigint, only_lasting boolean)
$$;

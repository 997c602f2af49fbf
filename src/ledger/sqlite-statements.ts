/** The SQL of the SQLite engine. Parameters are positional, in the order they stand here. */
export const SQLITE_LEDGER_SQL = {
  readAccount: 'SELECT posted, held FROM accounts WHERE id = ?',

  insertUser: `INSERT INTO users
    (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at)
    VALUES (?, ?, ?, 1, ?, ?, ?, 0)
    ON CONFLICT DO NOTHING`,
  ownerOfName: 'SELECT id FROM users WHERE username = ?',
  insertAccount: 'INSERT INTO accounts (id, posted, held) VALUES (?, ?, 0)',

  readTransfer: `SELECT account_id, kind, credits, shortfall, balance_after
    FROM transfers WHERE id = ?`,
  addPosted: `UPDATE accounts SET posted = posted + ? WHERE id = ? AND posted <= ?
    RETURNING posted`,
  insertGrant: `INSERT INTO transfers
    (id, account_id, kind, credits, balance_after, actor, reason, shortfall, created_at)
    VALUES (?, ?, 'grant', ?, ?, ?, ?, 0, ?)`,

  // The check of the balance and its change are one statement: no row changed, no hold.
  addHeld: 'UPDATE accounts SET held = held + ?1 WHERE id = ?2 AND posted - held >= ?1',
  takeHeldBack: 'UPDATE accounts SET held = held - ? WHERE id = ?',
  // The charge will have this id too, so no other transfer may have it.
  insertHold: `INSERT INTO holds (id, account_id, credits, state, model, created_at)
    SELECT ?1, ?2, ?3, 'open', ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM transfers WHERE id = ?1)
    ON CONFLICT DO NOTHING`,
  insertMessage: `INSERT INTO messages (id, user_id, model, content, status, created_at)
    VALUES (?, ?, ?, ?, 'pending', ?)`,
  readHold: 'SELECT account_id, credits, state FROM holds WHERE id = ?',

  endHold: `UPDATE holds SET state = ?, ended_at = ?
    WHERE id = ? AND account_id = ? AND state = 'open'
    RETURNING credits, model`,
  charge: `UPDATE accounts SET posted = posted - ?, held = held - ? WHERE id = ?
    RETURNING posted`,
  insertCharge: `INSERT INTO transfers
    (id, account_id, kind, credits, balance_after, actor, model, usage_input, usage_cached_input,
     usage_output, usage_source, price, shortfall, created_at)
    VALUES (?, ?, 'charge', ?, ?, 'system', ?, ?, ?, ?, ?, ?, ?, ?)`,
  endMessage: `UPDATE messages SET reply = ?, status = ?, failure = ?, ended_at = ? WHERE id = ?`,

  countAll: `SELECT (SELECT count(*) FROM accounts) AS accounts,
    (SELECT count(*) FROM transfers) AS transfers,
    (SELECT count(*) FROM holds WHERE state = 'open') AS "openHolds"`,
  findDifferences: `SELECT a.id, a.posted, a.held,
      coalesce(t.credits, 0) AS transferred, coalesce(h.credits, 0) AS "open"
    FROM accounts a
    LEFT JOIN (SELECT account_id, sum(credits) AS credits FROM transfers GROUP BY account_id) t
      ON t.account_id = a.id
    LEFT JOIN (SELECT account_id, sum(credits) AS credits FROM holds WHERE state = 'open'
      GROUP BY account_id) h ON h.account_id = a.id
    WHERE a.posted <> coalesce(t.credits, 0) OR a.held <> coalesce(h.credits, 0)
    ORDER BY a.id`,
} as const;

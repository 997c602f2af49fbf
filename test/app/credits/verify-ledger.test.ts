/** The command that recomputes the ledger detects any tampering. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiKey } from '../../../src/app/accounts/api-keys.ts';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { refundCharge } from '../../../src/app/credits/refund-charge.ts';
import { verifyLedger } from '../../../src/app/credits/verify-ledger.ts';
import { newId } from '../../../src/app/ids.ts';
import type { Chit } from '../../../src/compose.ts';
import { MAX_CREDITS } from '../../../src/core/credits.ts';
import { flatPrice, textPrice } from '../../../src/core/pricing.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { type EachDatabase, onEachDatabase, tamper } from '../../support/databases.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

/** The tampering in SQL (`$id` is the charge, `$user` its account) and the expected report. */
const CASES: [string, RegExp[]][] = [
  [
    'UPDATE accounts SET posted = posted + 1 WHERE id = $user',
    [/All balances sum to/, /Account \d+ has 3961 posted, but its transfers sum to 3960/],
  ],
  ['UPDATE accounts SET held = 7 WHERE id = $user', [/has 7 held, but its open holds sum to 0/]],
  [
    "DELETE FROM transfers WHERE id = '$id'",
    [/All balances/, /Account/, /counts 2 transfers, but has 1/, /was not charged/, /no charge/],
  ],
  [
    "UPDATE transfers SET credits = -10, balance_after = 3990 WHERE id = '$id'",
    [
      /All balances/,
      /Account/,
      /Charge \S+ booked 10 and a shortfall of 0, but its usage costs 40/,
    ],
  ],
  ["UPDATE transfers SET balance_after = 5 WHERE id = '$id'", [/does not follow from the one/]],
  ["UPDATE transfers SET usage_output = 99 WHERE id = '$id'", [/but its usage costs 129/]],
  ["UPDATE transfers SET shortfall = 3 WHERE id = '$id'", [/a shortfall of 3, but its usage/]],
  ["DELETE FROM messages WHERE id = '$id'", [/no answered message: it is missing/]],
  ["UPDATE messages SET status = 'failed' WHERE id = '$id'", [/message: it is failed/]],
  ["DELETE FROM holds WHERE id = '$id'", [/no settled hold: it is missing/]],
  ["UPDATE holds SET credits = 39 WHERE id = '$id'", [/took 40, more than the 39 that were held/]],
  [
    "UPDATE holds SET state = 'open', ended_at = NULL WHERE id = '$id'",
    [/has 0 held, but its open holds/, /hold: it is open/],
  ],
  [
    `INSERT INTO budget_counters (budget_id, subject, spent, held, window_start)
      SELECT id, user_id, 1, 2, 0 FROM api_keys WHERE user_id = '$user'`,
    [/key \S+ has 1 spent, but its charges sum to 0/, /has 2 held, but its open holds sum to 0/],
  ],
  [
    'UPDATE accounts SET expiring = 7 WHERE id = $user',
    [/has 7 expiring, but 0 follow from its transfers/],
  ],
  [
    "UPDATE transfers SET expiring_after = 7 WHERE id = '$id'",
    [/has 0 expiring, but 7 follow from/, /does not follow from the one/],
  ],
  [
    `UPDATE holds SET budgets = '[["' || k.id || '",1,5]]' FROM api_keys k WHERE holds.id = '$id'`,
    [/API key \S+ has 0 spent, but its charges sum to 40/],
  ],
];

onEachDatabase((at) => {
  test('balances whose sum exceeds the safe integers still verify', async () => {
    const chit = await openTestChit(await at.newUrl(), scriptedModel(flatPrice(40)));
    const { ledger } = chit.context;
    for (let nth = 0; nth < 12; nth += 1) {
      const accountId = await newAccount(chit);
      const account = await ledger.account(accountId);
      const credits = MAX_CREDITS - (account?.postedCredits ?? 0) - nth;
      const by = { actor: 'test', reason: 'much', idempotency: undefined, atMs: 1 };
      const grant = { kind: 'grant', transferId: newId(), accountId, credits, ...by } as const;
      assert.equal((await ledger.submit(grant)).outcome, 'granted');
    }
    const { faults, postedCredits, bookedCredits } = await verifyLedger(chit.context);
    assert.deepEqual(faults, []);
    const all = 12n * BigInt(MAX_CREDITS) - 66n;
    assert.deepEqual([postedCredits, bookedCredits], [all, all]);
    await chit.close();
  });

  test('an amount too large for a JavaScript number is found and reported exactly', async () => {
    const { chit, database, userId } = await charged(at);
    // Only SQLite can have its checks turned off.
    const unchecked = ['ALTER TABLE accounts DROP CONSTRAINT accounts_posted_check'];
    const amount = '9000000000000000007';
    const update = `UPDATE accounts SET posted = ${amount} WHERE id = ${userId}`;
    await tamper(database, ...(at.name === 'PostgreSQL' ? unchecked : []), update);
    const ofSqlite = ["SQLite's check of the file: CHECK constraint failed in accounts."];
    assert.deepEqual(await faultsOf(chit), [
      ...(at.name === 'SQLite' ? ofSqlite : []),
      `All balances sum to ${amount}, but all transfers to 3960.`,
      `Account ${userId} has ${amount} posted, but its transfers sum to 3960.`,
    ]);
    await chit.close();
    await database.close();
  });

  test('an untouched ledger has no faults, with refunds and failures included', async () => {
    const { chit, database, userId, chargeId } = await charged(at);
    const operator = { actor: 'cli:test', address: undefined, user: undefined } as const;
    await refundCharge(chit.context, operator, { chargeId, reason: 'sorry' });
    const failing = { userId, content: script({ fail: 'down' }), idempotency: undefined };
    await assert.rejects(completeChat(chit.context, failing));
    assert.deepEqual(await faultsOf(chit), []);
    await chit.close();
    await database.close();
  });

  for (const [statement, sentences] of CASES) {
    test(`it detects: ${statement}`, async () => {
      const { chit, database, userId, chargeId } = await charged(at);
      const filled = statement.replace('$id', chargeId).replace('$user', String(userId));
      await tamper(database, filled);
      const faults = await faultsOf(chit);
      const said = faults.join('\n');
      for (const sentence of sentences) assert.match(said, sentence);
      assert.equal(faults.length, sentences.length, said);
      await chit.close();
      await database.close();
    });
  }
});

const ANY_USE = { models: undefined, budgetCredits: undefined, expiresAtMs: undefined };

interface Charged {
  readonly chit: Chit;
  readonly database: OpenDatabase;
  readonly userId: number;
  readonly chargeId: string;
}

/** A ledger with one account of 4000 and one charge of 40: 30 of input, 10 of output. */
async function charged(at: EachDatabase): Promise<Charged> {
  const url = await at.newUrl();
  const perToken = { perMillionInput: 1_000_000, perMillionOutput: 1_000_000 };
  const chit = await openTestChit(url, scriptedModel(textPrice(perToken)));
  const userId = await newAccount(chit);
  const content = script({ say: 'hi' }, { usage: { input: 30, output: 10 } });
  await completeChat(chit.context, { userId, content, idempotency: undefined });
  await createApiKey(chit.context, { userId, name: 'unused', ...ANY_USE });
  const page = { beforeNumber: undefined, limit: 1 };
  const [line] = await chit.context.transfers.statement(userId, page);
  return { chit, database: openDatabase(url), userId, chargeId: line?.id ?? '' };
}

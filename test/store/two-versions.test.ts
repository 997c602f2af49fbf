/**
 * Two versions on one database, for the length of an upgrade: this version goes on, and starts,
 * after a newer one has migrated further, and both book. `npm run test:versions` does the same with
 * a version that was released.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { flatPrice } from '../../src/core/pricing.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { PostgresLedgerEngine, type Queries } from '../../src/ledger/postgres/engine.ts';
import { ledgerFunctions } from '../../src/ledger/postgres/functions.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { NewerDatabase } from '../../src/store/database/migrate.ts';
import { faultsOf, newAccount, openTestChit } from '../support/chit.ts';
import { onEachDatabase } from '../support/databases.ts';
import { holdOf, settleOf } from '../support/ledger-commands.ts';
import { scriptedModel } from '../support/scripted-model.ts';

/** What a version after this one might add, without being in the way of this one. */
const EXPANSION = '0098-later.since-0007';
/** What takes away what this version needs. */
const CONTRACTION = '0099-later-still.since-0098';
const HOLDS = 40;
const PRICE = 100;

onEachDatabase((at) =>
  describe('a database that a newer version has migrated', () => {
    test('both versions book in it, and its ledger is right', async () => {
      const url = await at.newEmptyUrl();
      const chit = await openTestChit(url, scriptedModel(flatPrice(PRICE)));
      const accountId = await newAccount(chit);
      const database = openDatabase(url);
      await expand(database);
      const newer = at.name === 'PostgreSQL' ? newerLedger(database) : undefined;
      const ledgers = [chit.context.ledger, newer ?? chit.context.ledger];
      const generations = Array.from({ length: HOLDS }, (_, nth) => `generation-${nth}`);
      const ended = generations.map(async (generationId, nth) => {
        const held = await ledgers[nth % 2]?.submit(holdOf(generationId, PRICE, accountId));
        // Of half of them, one version ends what the other has begun.
        const which = nth % 4 < 2 ? nth % 2 : 1 - (nth % 2);
        const settled = await ledgers[which]?.submit(settleOf(generationId, PRICE, accountId));
        return [held?.outcome, settled?.outcome];
      });
      for (const outcomes of await Promise.all(ended)) {
        assert.deepEqual(outcomes, ['held', 'settled']);
      }
      const account = await chit.context.ledger.account(accountId);
      assert.deepEqual(account, { postedCredits: 4_000 - HOLDS * PRICE, heldCredits: 0 });
      assert.deepEqual(await faultsOf(chit), []);
      await newer?.close();
      await chit.close();

      const again = await openTestChit(url, scriptedModel(flatPrice(PRICE)));
      assert.deepEqual(again.migrated, []);
      assert.deepEqual(await faultsOf(again), []);
      await again.close();
      await note(database, CONTRACTION);
      await assert.rejects(openTestChit(url, scriptedModel(flatPrice(PRICE))), NewerDatabase);
      await database.close();
    });
  }),
);

/** Migrates as the later version would: a column, a table, and functions under names of its own. */
async function expand(database: OpenDatabase): Promise<void> {
  const { kysely, base } = database;
  await sql`ALTER TABLE transfers ADD COLUMN later text`.execute(kysely);
  await sql`CREATE TABLE later_things (id text PRIMARY KEY)`.execute(kysely);
  await note(database, EXPANSION);
  if (!base.postgres) return;
  const text = ledgerFunctions('0007').replace(/^DROP FUNCTION [^;]*;/gm, '');
  await base.postgres.query(`SET check_function_bodies = off; ${inLaterNames(text)}`);
}

function note({ kysely }: OpenDatabase, name: string): Promise<unknown> {
  return sql`INSERT INTO kysely_migration (name, timestamp)
    VALUES (${name}, '2040-01-01T00:00:00.000Z')`.execute(kysely);
}

function inLaterNames(text: string): string {
  return text.replace(/\bledger_([a-z_]+?)(_\d{4})?\b/g, 'ledger_$1_0098');
}

/** The ledger of a server of the later version. */
function newerLedger({ base }: OpenDatabase): Ledger {
  const { postgres } = base;
  assert.ok(postgres);
  const queries: Queries = {
    query: ({ text, values }) => postgres.query({ text: inLaterNames(text), values }) as never,
  };
  return new Ledger(new PostgresLedgerEngine(queries), { answerMs: 30_000 });
}

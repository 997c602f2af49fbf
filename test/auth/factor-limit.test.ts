/** Codes of second factors cannot be guessed from many addresses, with a session or without. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { FactorLimit } from '../../src/auth/factor-limit.ts';
import { hasCode } from '../../src/core/errors.ts';
import { AttemptStore } from '../../src/store/accounts/attempts.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { emptyDatabase, onEachDatabase, openMigrated } from '../support/databases.ts';

const NOW_MS = 1_000_000_000_000;

onEachDatabase((at) => {
  let database: OpenDatabase;
  let limit: FactorLimit;

  before(async () => {
    database = await openMigrated(at.url);
    limit = new FactorLimit(new AttemptStore(database.kysely, () => NOW_MS));
  });
  after(() => database.close());
  beforeEach(() => emptyDatabase(database));

  /** Gives a code; whether it was looked at. */
  async function give(address: string, isSignedIn: boolean, isRight = false): Promise<boolean> {
    try {
      const who = { userId: 7, address, isSignedIn };
      await limit.attempt(who, async () => isRight || undefined);
      return true;
    } catch (error) {
      assert.ok(hasCode(error, 'throttled'));
      return false;
    }
  }
  const guessFromEverywhere = async (isSignedIn: boolean) => {
    let looked = 0;
    for (let nth = 0; nth < 60; nth += 1) {
      if (await give(`192.0.${nth}.1`, isSignedIn)) looked += 1;
    }
    return looked;
  };

  test('a stolen session finds no code by asking from many addresses', async () => {
    // Where the user has given a right code before, guesses from elsewhere do no harm.
    assert.equal(await give('198.51.100.1', true, true), true);
    assert.equal(await guessFromEverywhere(true), 50);
    assert.equal(await give('198.51.100.1', true, true), true);
    // Signing in has a count of its own, so that the user comes in again, and ends the session.
    assert.equal(await give('203.0.113.1', false, true), true);
  });

  test('nor does a stolen password, and whoever is signed in is not locked out by it', async () => {
    assert.equal(await guessFromEverywhere(false), 50);
    assert.equal(await give('203.0.113.1', true, true), true);
  });
});

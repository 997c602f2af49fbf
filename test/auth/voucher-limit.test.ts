/**
 * Guessing codes of vouchers is slowed, by user and by address; codes that exist never count, and
 * the same mistake counts once.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { CodeLimit } from '../../src/auth/attempt-limits.ts';
import { hasCode } from '../../src/core/errors.ts';
import { AttemptStore } from '../../src/store/accounts/attempts.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { emptyDatabase, onEachDatabase, openMigrated } from '../support/databases.ts';

const MINUTE_MS = 60_000;

onEachDatabase((at) => {
  let database: OpenDatabase;
  let limit: CodeLimit;
  let nowMs = 1_000_000_000_000;
  let looked = 0;
  let codes = 0;

  before(async () => {
    database = await openMigrated(at.url);
    limit = new CodeLimit(new AttemptStore(database.kysely, () => nowMs), 'voucher');
  });
  after(() => database.close());
  beforeEach(async () => {
    await emptyDatabase(database);
    looked = 0;
  });

  const newCode = () => {
    codes += 1;
    return `code ${codes}`;
  };
  /** Whether there is such a code, or for how many seconds nothing is told. */
  async function type(
    userId: number,
    exists: boolean,
    address = '192.0.2.1',
    code = newCode(),
  ): Promise<boolean | number> {
    const look = async () => {
      looked += 1;
      return exists || undefined;
    };
    try {
      return (await limit.attempt({ userId, address, code }, look)) ?? false;
    } catch (error) {
      assert.ok(hasCode(error, 'throttled'), String(error));
      return error.details.retryAfterSeconds;
    }
  }

  const many = <T>(count: number, one: (nth: number) => T) =>
    Array.from({ length: count }, (_, n) => one(n));

  test('a user has ten guesses in fifteen minutes, from any address, one by one or at once', async () => {
    const results = await Promise.all(many(30, (nth) => type(1, false, `192.0.2.${nth}`)));
    assert.equal(results.filter((it) => it === false).length, 10);
    assert.equal(looked, 10);
    assert.equal(await type(1, true), 15 * 60);
    assert.equal(await type(2, true), true);
    nowMs += 15 * MINUTE_MS;
    assert.equal(await type(1, true), true);
  });

  test('a class of thirty comes in, each after ten mistakes, and all of an address have 600', async () => {
    const rounds = async (count: number, firstId: number, isNew: boolean) => {
      const results = [];
      for (let round = 0; round < count; round += 1) {
        const id = firstId + (isNew ? round * 30 : 0);
        results.push(...(await Promise.all(many(30, (nth) => type(id + nth, false)))));
      }
      return results.filter((it) => it === false).length;
    };
    assert.equal(await rounds(10, 0, false), 300);
    const classmates = await Promise.all(many(30, (nth) => type(100 + nth, true)));
    assert.ok(classmates.every((it) => it === true));
    assert.equal(await rounds(11, 200, true), 300);
    assert.equal(await type(1_000, true), 15 * 60);
    assert.equal(await type(1_000, true, '198.51.100.1'), true);
  });

  test('the same mistake counts once, however often it is made, and a new one each time', async () => {
    const wrong = (code: string) => type(1, false, '192.0.2.1', code);
    const results = await Promise.all(many(40, (nth) => wrong(`mistake ${nth % 9}`)));
    assert.ok(results.every((it) => it === false));
    // Whoever makes it elsewhere is somebody else.
    assert.equal(await type(1, false, '192.0.2.2', 'mistake 0'), false);
    assert.equal(await wrong('another'), 15 * 60);
    nowMs += 15 * MINUTE_MS;
    const again = await Promise.all(many(11, (nth) => wrong(`mistake ${nth}`)));
    assert.equal(again.filter((it) => it === false).length, 10);
  });

  test('a lecture hall whose codes all exist is never refused; a lookup that fails is no guess', async () => {
    const results = await Promise.all(many(150, (nth) => type(nth, true)));
    assert.ok(results.every((it) => it === true));
    const failing = () => Promise.reject(new Error('The database is away.'));
    for (let nth = 0; nth < 12; nth += 1) {
      const who = { userId: 1, address: '192.0.2.1', code: `fails ${nth}` };
      await assert.rejects(limit.attempt(who, failing), /database is away/);
    }
    assert.equal(await type(1, true), true);
  });
});

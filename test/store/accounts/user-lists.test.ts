/** Pages of users are read in two ways, depending on how many match; both give the same pages. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import {
  type UserCursor,
  UserLists,
  type UserOrder,
} from '../../../src/store/accounts/user-lists.ts';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { onEachDatabase, openMigrated } from '../../support/databases.ts';

const USERS = 5_600;
/** Some filters match more users than this, some fewer. */
const SORT_LIMIT = 1_000;
/** Many balances are 0. */
const balanceOf = (n: number) => (n % 3 === 0 ? 0 : n % 50);

onEachDatabase((at) => {
  describe('lists of users', () => {
    let database: OpenDatabase;

    before(async () => {
      database = await openMigrated(at.url);
      const numbers = sql`WITH RECURSIVE numbers (n) AS (
        SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${sql.lit(USERS)})`;
      await sql`INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser,
          joined_at, last_seen_at, refresh_cutoff_at, deleted_at)
        ${numbers} SELECT n, CASE WHEN n <= 5300 THEN 'Many-' ELSE 'few-' END || n, '-',
          CASE n % 2 WHEN 0 THEN 1 ELSE 0 END, CASE n % 100 WHEN 7 THEN 1 ELSE 0 END, 0,
          n % 40, n % 7, 0, CASE n % 1000 WHEN 5 THEN 9 END FROM numbers`.execute(database.kysely);
      await sql`INSERT INTO accounts (id, posted, held, transfer_count)
        ${numbers} SELECT n, CASE n % 3 WHEN 0 THEN 0 ELSE n % 50 END, 0, 0
        FROM numbers`.execute(database.kysely);
    });
    after(() => database.close());

    const keys: Record<UserOrder, (n: number) => string | number> = {
      name: (n) => (n <= 5300 ? `many-${n}` : `few-${n}`),
      joined: (n) => n % 40,
      last_seen: (n) => n % 7,
      balance: balanceOf,
    };
    const filters = [
      { filter: {}, has: () => true },
      { filter: { prefix: 'MANY' }, has: (n: number) => n <= 5300 },
      { filter: { prefix: 'few-5' }, has: (n: number) => n > 5300 },
      { filter: { state: 'disabled' }, has: (n: number) => n % 2 === 1 },
      { filter: { prefix: 'm', state: 'active' }, has: (n: number) => n % 2 === 0 && n <= 5300 },
      { filter: { role: 'staff' }, has: (n: number) => n % 100 === 7 },
      { filter: { role: 'superuser' }, has: () => false },
      { filter: { prefix: 'nobody' }, has: () => false },
    ] as const;

    for (const { filter, has } of filters) {
      test(`${JSON.stringify(filter)} in every order, page by page`, async () => {
        const lists = new UserLists(database.kysely, SORT_LIMIT);
        const matches = Array.from({ length: USERS }, (_, index) => index + 1).filter(
          (n) => has(n) && n % 1000 !== 5,
        );
        for (const [order, keyOf] of Object.entries(keys) as [UserOrder, typeof keys.name][]) {
          const sorted = matches.toSorted((a, b) => compare(keyOf(a), keyOf(b)) || a - b);
          for (const isDescending of [false, true]) {
            const seen: number[] = [];
            let after: UserCursor | undefined;
            do {
              const page = await lists.page({ ...filter, order, isDescending, after, limit: 997 });
              seen.push(...page.map(({ user }) => user.id));
              after = page.at(-1)?.cursor;
            } while (after);
            assert.deepEqual(seen, isDescending ? sorted.toReversed() : sorted, order);
          }
        }
      });
    }
  });
});

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

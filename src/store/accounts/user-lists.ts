/** Lists of users that are read page by page in several orders; each order has its index. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/schema.ts';
import { type ListedUser, toUser } from './users.ts';

/** What a list is sorted by; the id breaks ties. */
export type UserOrder = 'name' | 'joined' | 'last_seen' | 'balance';

/** The last user of a page: what it is sorted by, and its id. */
export interface UserCursor {
  readonly value: string | number;
  readonly id: number;
}

/** Which users are wanted, and in what order. */
export interface UserListQuery {
  /** Names that begin so, whatever their case (of ASCII letters). */
  readonly prefix?: string | undefined;
  readonly state?: 'active' | 'disabled' | undefined;
  readonly role?: 'staff' | 'superuser' | undefined;
  readonly order: UserOrder;
  readonly isDescending: boolean;
  readonly after?: UserCursor | undefined;
  readonly limit: number;
}

/** Where users are read from in an order whose index is walked: what they are sorted by, and the
 * ids that break ties. PostgreSQL may merge two tables by id, so a place is told of both. */
const WALKED = {
  name: { from: sql`users u`, value: sql`lower(u.username)`, ids: [sql`u.id`] },
  joined: { from: sql`users u`, value: sql`u.joined_at`, ids: [sql`u.id`] },
  last_seen: { from: sql`users u`, value: sql`u.last_seen_at`, ids: [sql`u.id`] },
  balance: {
    from: sql`accounts a JOIN users u ON u.id = a.id`,
    value: sql`a.posted`,
    ids: [sql`a.id`, sql`u.id`],
  },
} as const;

/** What a few are sorted by. Balances are looked up one by one: a join may read all of them. */
const SORTED = {
  ...WALKED,
  balance: { value: sql`(SELECT posted FROM accounts WHERE id = u.id)`, ids: [sql`u.id`] },
} as const;

/** Sorting so many takes about as long as finding a page of them among a million. */
const FEW = 15_000;

/** Sorts behind everything that begins alike, byte by byte. */
const LAST = '\u{10FFFF}';

/** Reads pages of users. */
export class UserLists {
  readonly #db: Kysely<Database>;
  readonly #few: number;

  /** @param few how many users of a filter are too many to be sorted */
  constructor(db: Kysely<Database>, few = FEW) {
    this.#db = db;
    this.#few = few;
  }

  /** A page of users, each with the cursor that leads on from it. */
  async page(query: UserListQuery): Promise<{ user: ListedUser; cursor: UserCursor }[]> {
    const { isDescending, after, limit } = query;
    const { from, value, ids, wanted } = await this.#sourceOf(query);
    const direction = sql.raw(isDescending ? 'DESC' : 'ASC');
    const beyond = sql.raw(isDescending ? '<' : '>');
    const read = async (place: RawBuilder<unknown>[], most: number) => {
      const { rows } = await sql<ListedRow>`
        SELECT p.*, accounts.posted, accounts.held
        FROM (
          SELECT u.*, ${value} AS sorted_by FROM ${from}
          WHERE ${sql.join([...wanted, ...place], sql` AND `)}
          ORDER BY ${value} ${direction}, ${ids[0]} ${direction} LIMIT ${most}
        ) p JOIN accounts ON accounts.id = p.id
        ORDER BY p.sorted_by ${direction}, p.id ${direction}`.execute(this.#db);
      return rows;
    };
    // Two statements, since SQLite finds the place of a pair in an index by its first half only.
    const ties = after
      ? await read(
          [sql`${value} = ${after.value}`, ...ids.map((id) => sql`${id} ${beyond} ${after.id}`)],
          limit,
        )
      : [];
    const further = after ? [sql`${value} ${beyond} ${after.value}`] : [];
    const rest = ties.length < limit ? await read(further, limit - ties.length) : [];
    return [...ties, ...rest].map((row) => ({
      user: { ...toUser(row), availableCredits: row.posted - row.held, heldCredits: row.held },
      cursor: { value: row.sorted_by, id: row.id },
    }));
  }

  /** Names have an index for every filter; in other orders it depends on how many a filter leaves:
   * few are sorted, and among many the page is found by walking the order's own index. */
  async #sourceOf(query: UserListQuery): Promise<Source> {
    const wanted = wantedBy(query, (column) => sql.raw(column));
    if (query.order === 'name' || !isNarrow(query)) return { ...WALKED[query.order], wanted };
    const few = sql`(SELECT u.* FROM users u WHERE ${sql.join(wanted, sql` AND `)}
      ORDER BY lower(u.username), u.id LIMIT ${this.#few})`;
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${few} u`.execute(this.#db);
    if (Number(rows[0]?.n) < this.#few) {
      return { ...SORTED[query.order], from: sql`${few} u`, wanted: [sql`1 = 1`] };
    }
    return { ...WALKED[query.order], wanted: wantedBy(query, withoutIndex) };
  }
}

interface Source {
  readonly from: RawBuilder<unknown>;
  readonly value: RawBuilder<unknown>;
  readonly ids: readonly RawBuilder<unknown>[];
  readonly wanted: RawBuilder<unknown>[];
}

/** Whether the wanted may be a small part of all, which an index by name finds. */
function isNarrow({ prefix, state, role }: UserListQuery): boolean {
  return prefix !== undefined || state === 'disabled' || role !== undefined;
}

/** An expression of the same value that no index is made for. */
function withoutIndex(column: string): RawBuilder<unknown> {
  return sql`coalesce(${sql.raw(column)}, NULL)`;
}

function wantedBy(
  { prefix, state, role }: UserListQuery,
  as: (column: string) => RawBuilder<unknown>,
): RawBuilder<unknown>[] {
  const active = state === 'active' ? '1' : '0';
  return [
    sql`u.deleted_at IS NULL`,
    ...(state === undefined ? [] : [sql`${as('u.is_active')} = ${sql.raw(active)}`]),
    ...(role === undefined ? [] : [sql`${as('u.is_staff')} = 1`]),
    ...(role === 'superuser' ? [sql`u.is_superuser = 1`] : []),
    ...(prefix === undefined ? [] : startsWith(as('lower(u.username)'), prefix)),
  ];
}

type ListedRow = Parameters<typeof toUser>[0] & {
  readonly posted: number;
  readonly held: number;
  readonly sorted_by: string | number;
};

function startsWith(name: RawBuilder<unknown>, prefix: string): RawBuilder<unknown>[] {
  // As the databases fold it, which is ASCII only.
  const folded = prefix.replace(/[A-Z]/g, (it) => it.toLowerCase());
  return [sql`${name} >= ${folded}`, sql`${name} < ${folded + LAST}`];
}

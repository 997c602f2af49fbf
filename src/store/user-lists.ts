/** Lists of users that are read page by page in several orders; each order has its index. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from './schema.ts';
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

/** The columns of a list, and the id of the table whose index has the order. */
const COLUMNS = {
  name: { value: sql`lower(u.username)`, id: sql`u.id` },
  joined: { value: sql`u.joined_at`, id: sql`u.id` },
  last_seen: { value: sql`u.last_seen_at`, id: sql`u.id` },
  balance: { value: sql`a.posted`, id: sql`a.id` },
} as const;

/** Sorting so many accounts takes about as long as finding a page of them among a million. */
const FEW = 5_000;

/** Sorts behind everything that begins alike, byte by byte. */
const LAST = '\u{10FFFF}';

/** Reads pages of users. */
export class UserLists {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** A page of users, each with the cursor that leads on from it. */
  async page(query: UserListQuery): Promise<{ user: ListedUser; cursor: UserCursor }[]> {
    const { isDescending, after, limit } = query;
    const { value, id } = COLUMNS[query.order];
    const { from, wanted } = await this.#sourceOf(query);
    const direction = sql.raw(isDescending ? 'DESC' : 'ASC');
    const beyond = sql.raw(isDescending ? '<' : '>');
    const read = async (place: RawBuilder<unknown>[], most: number) => {
      const { rows } = await sql<ListedRow>`
        SELECT u.*, a.posted, a.held, ${value} AS sorted_by FROM ${from}
        WHERE ${sql.join([...wanted, ...place], sql` AND `)}
        ORDER BY ${value} ${direction}, ${id} ${direction} LIMIT ${most}`.execute(this.#db);
      return rows;
    };
    // Two statements, since SQLite finds the place of a pair in an index by its first half only.
    const ties = after ? await read(tiesWith(after, value, beyond), limit) : [];
    const further = after ? [sql`${value} ${beyond} ${after.value}`] : [];
    const rest = ties.length < limit ? await read(further, limit - ties.length) : [];
    return [...ties, ...rest].map((row) => ({
      user: { ...toUser(row), availableCredits: row.posted - row.held, heldCredits: row.held },
      cursor: { value: row.sorted_by, id: row.id },
    }));
  }

  /** Names have an index for every filter; in other orders it depends on how many a filter leaves:
   * few are sorted, and among many the page is found by walking the order's own index. */
  async #sourceOf(query: UserListQuery) {
    const all = sql`users u JOIN accounts a ON a.id = u.id`;
    const wanted = wantedBy(query, (column) => sql.raw(column));
    if (query.order === 'name' || !isNarrow(query)) return { from: all, wanted };
    const first = sql`(SELECT u.id FROM users u WHERE ${sql.join(wanted, sql` AND `)}
      ORDER BY lower(u.username), u.id LIMIT ${FEW}) f`;
    const count = sql<{ n: number }>`SELECT count(*) AS n FROM ${first}`;
    const { rows } = await count.execute(this.#db);
    if (Number(rows[0]?.n) === FEW) return { from: all, wanted: wantedBy(query, withoutIndex) };
    const from = sql`${first} JOIN users u ON u.id = f.id JOIN accounts a ON a.id = f.id`;
    return { from, wanted: [sql`1 = 1`] };
  }
}

/** Those who sort by the same value as the last of a page, and come after it. Their place is told
 * of both tables: PostgreSQL may merge the two by id, and would begin one of them at its first. */
function tiesWith(
  after: UserCursor,
  value: RawBuilder<unknown>,
  beyond: RawBuilder<unknown>,
): RawBuilder<unknown>[] {
  return [
    sql`${value} = ${after.value}`,
    sql`u.id ${beyond} ${after.id}`,
    sql`a.id ${beyond} ${after.id}`,
  ];
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

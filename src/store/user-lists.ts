/** Lists of users that are read page by page in several orders; each order has its index. */
import { type Kysely, sql } from 'kysely';
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

const COLUMNS = {
  name: sql`lower(u.username)`,
  joined: sql`u.joined_at`,
  last_seen: sql`u.last_seen_at`,
  balance: sql`a.posted`,
} as const;

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
    const { prefix, state, role, order, isDescending, after, limit } = query;
    const column = COLUMNS[order];
    const direction = sql.raw(isDescending ? 'DESC' : 'ASC');
    // The id of the table that the order's index belongs to, so that the index can give both.
    const id = sql.raw(order === 'balance' ? 'a.id' : 'u.id');
    const beyond = sql.raw(isDescending ? '<' : '>');
    const wanted = [
      sql`u.deleted_at IS NULL`,
      ...(state === undefined
        ? []
        : [sql`u.is_active = ${sql.raw(state === 'active' ? '1' : '0')}`]),
      ...(role === undefined ? [] : [sql`u.is_staff = 1`]),
      ...(role === 'superuser' ? [sql`u.is_superuser = 1`] : []),
      ...(prefix === undefined ? [] : [startsWith(prefix)]),
      ...(after ? [sql`(${column}, ${id}) ${beyond} (${after.value}, ${after.id})`] : []),
    ];
    const { rows } = await sql<ListedRow>`
      SELECT u.*, a.posted, a.held, ${column} AS sorted_by
      FROM users u JOIN accounts a ON a.id = u.id
      WHERE ${sql.join(wanted, sql` AND `)}
      ORDER BY ${column} ${direction}, ${id} ${direction} LIMIT ${limit}`.execute(this.#db);
    return rows.map((row) => ({
      user: { ...toUser(row), availableCredits: row.posted - row.held, heldCredits: row.held },
      cursor: { value: row.sorted_by, id: row.id },
    }));
  }
}

type ListedRow = Parameters<typeof toUser>[0] & {
  readonly posted: number;
  readonly held: number;
  readonly sorted_by: string | number;
};

function startsWith(prefix: string) {
  // As the databases fold it, which is ASCII only.
  const folded = prefix.replace(/[A-Z]/g, (it) => it.toLowerCase());
  return sql`lower(u.username) >= ${folded} AND lower(u.username) < ${folded + LAST}`;
}

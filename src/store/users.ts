import type { Kysely, Selectable } from 'kysely';
import type { Database, UserRow } from './schema.ts';

/** A user as the rest of the program knows one. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  readonly joinedAtMs: number;
  readonly refreshCutoffAtMs: number;
}

/** A user together with the hash that only a password check may see. */
export interface UserWithPassword extends User {
  readonly passwordHash: string;
}

/** A user in a list, with what the account can spend. */
export interface ListedUser extends User {
  readonly availableCredits: number;
}

/** Users that were not deleted. Creating one is the ledger's command `open`. */
export class UserStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async byId(id: number): Promise<User | undefined> {
    const row = await this.#existing().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  /** Names are compared exactly: no case folding, no Unicode normalisation. */
  async byUsername(username: string): Promise<UserWithPassword | undefined> {
    const row = await this.#existing().where('username', '=', username).executeTakeFirst();
    return row && { ...toUser(row), passwordHash: row.password_hash };
  }

  async passwordHashOf(id: number): Promise<string | undefined> {
    const row = await this.#existing().where('id', '=', id).executeTakeFirst();
    return row?.password_hash;
  }

  /** A page of users in the order of their ids, after the given id. */
  async list(page: { readonly afterId: number; readonly limit: number }): Promise<ListedUser[]> {
    const rows = await this.#existing()
      .innerJoin('accounts', 'accounts.id', 'users.id')
      .selectAll('accounts')
      .selectAll('users')
      .where('users.id', '>', page.afterId)
      .orderBy('users.id')
      .limit(page.limit)
      .execute();
    return rows.map((row) => ({ ...toUser(row), availableCredits: row.posted - row.held }));
  }

  async setActive(id: number, isActive: boolean): Promise<void> {
    const change = { is_active: isActive ? (1 as const) : (0 as const) };
    await this.#db.updateTable('users').set(change).where('id', '=', id).execute();
  }

  /** Stores a new password and ends every refresh token that was issued before. */
  async changePassword(id: number, passwordHash: string, atMs: number): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('users')
        .set({ password_hash: passwordHash, refresh_cutoff_at: atMs })
        .where('id', '=', id)
        .execute();
      await transaction
        .updateTable('refresh_tokens')
        .set({ revoked_at: atMs })
        .where('user_id', '=', id)
        .where('revoked_at', 'is', null)
        .execute();
    });
  }

  /** Takes away name, password and words of a user; the bookings stay, without a name. */
  async erase(id: number, atMs: number): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('users')
        .set({ username: null, password_hash: '', is_active: 0, is_staff: 0, is_superuser: 0 })
        .set({ deleted_at: atMs })
        .where('id', '=', id)
        .execute();
      await transaction
        .updateTable('messages')
        .set({ content: '', reply: null })
        .where('user_id', '=', id)
        .execute();
      await transaction.deleteFrom('refresh_tokens').where('user_id', '=', id).execute();
      await transaction.deleteFrom('api_keys').where('user_id', '=', id).execute();
    });
  }

  #existing() {
    return this.#db.selectFrom('users').selectAll('users').where('users.deleted_at', 'is', null);
  }
}

function toUser(row: Selectable<UserRow>): User {
  return {
    id: row.id,
    username: row.username ?? '',
    isActive: row.is_active === 1,
    isStaff: row.is_staff === 1,
    isSuperuser: row.is_superuser === 1,
    joinedAtMs: row.joined_at,
    refreshCutoffAtMs: row.refresh_cutoff_at,
  };
}

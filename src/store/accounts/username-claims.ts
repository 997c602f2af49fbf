import { type Kysely, sql } from 'kysely';
import { usernameKey } from '../../core/usernames.ts';
import type { Database } from '../database/schema.ts';

/** A claim whose account was not opened, since the server stopped, is up for others after this. */
const OPENING_MS = 60_000;

/** Both databases limit the parameters of a statement. */
const KEYS_AT_ONCE = 1_000;

/** `same`: this very name was claimed before, so opening the account tells whether it is free. */
export type ClaimOutcome = 'claimed' | 'same' | 'taken';

/** Claims on names, so that no two accounts have names that are too similar. */
export class UsernameClaims {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Whether nobody has a name that is as similar, or has just claimed one. */
  async isFree(username: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('username_keys')
      .select('key')
      .where('key', '=', usernameKey(username))
      .executeTakeFirst();
    return row === undefined;
  }

  /**
   * Claims a name for an account that is opened at once. Two servers never claim similar names.
   * @param invitationId of the invitation that the account is opened by
   */
  async claim(username: string, atMs: number, invitationId?: string): Promise<ClaimOutcome> {
    const key = usernameKey(username);
    if (await this.#add(key, username, atMs)) return 'claimed';
    const claim = await this.#db
      .selectFrom('username_keys')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst();
    // It was given up just now; whoever asks again gets it.
    if (!claim) return 'taken';
    // It is kept for somebody who has not come yet.
    if (claim.invitation_id !== null && claim.invitation_id !== invitationId) return 'taken';
    if (claim.username === username) return 'same';
    const owner = await this.#db
      .selectFrom('users')
      .select('id')
      .where('username', '=', claim.username)
      .executeTakeFirst();
    const isBeingOpened = Math.abs(atMs - claim.claimed_at) < OPENING_MS;
    if (owner || isBeingOpened) return 'taken';
    const { numUpdatedRows } = await this.#db
      .updateTable('username_keys')
      .set({ username, claimed_at: atMs })
      .where('key', '=', key)
      .where('username', '=', claim.username)
      .where('claimed_at', '=', claim.claimed_at)
      .where('invitation_id', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n ? 'claimed' : 'taken';
  }

  /**
   * The names that accounts have which these names are too similar to, by the key of the names; see
   * `usernameKey`. Names that are free are left out.
   */
  async ownersOf(usernames: readonly string[]): Promise<Map<string, string>> {
    const owners = new Map<string, string>();
    const keys = [...new Set(usernames.map(usernameKey))];
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const rows = await this.#db
        .selectFrom('username_keys')
        .innerJoin('users', 'users.username', 'username_keys.username')
        .select(['username_keys.key', 'username_keys.username'])
        .where('username_keys.key', 'in', keys.slice(from, from + KEYS_AT_ONCE))
        .execute();
      for (const { key, username } of rows) owners.set(key, username);
    }
    return owners;
  }

  /** Those of these names that are kept for invitations, by their key, as `ownersOf`. */
  async keptAmong(
    usernames: readonly string[],
  ): Promise<Map<string, { readonly username: string; readonly invitationId: string }>> {
    const kept = new Map<string, { username: string; invitationId: string }>();
    const keys = [...new Set(usernames.map(usernameKey))];
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const rows = await this.#db
        .selectFrom('username_keys')
        .selectAll()
        .where('key', 'in', keys.slice(from, from + KEYS_AT_ONCE))
        .where('invitation_id', 'is not', null)
        .execute();
      for (const { key, username, invitation_id: invitationId } of rows) {
        if (invitationId !== null) kept.set(key, { username, invitationId });
      }
    }
    return kept;
  }

  /** Claims the name of an imported account, if no similar name is claimed. */
  async claimImported(username: string, atMs: number): Promise<void> {
    await this.#add(usernameKey(username), username, atMs);
  }

  async #add(key: string, username: string, atMs: number): Promise<boolean> {
    const { numAffectedRows = 0n } = await sql`INSERT INTO username_keys (key, username, claimed_at)
      VALUES (${key}, ${username}, ${atMs}) ON CONFLICT (key) DO NOTHING`.execute(this.#db);
    return numAffectedRows > 0n;
  }
}

/** Coming by invitations: of all who try, on however many servers, one gets each. */
import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { emailKey } from '../accounts/emails.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import { type Invitation, isFree, selectInvitations } from './invitations.ts';

/** Who takes an invitation. */
export interface Claim {
  /** The id that a new account will have, or that of an account. */
  readonly userId: number;
  /** undefined for who came by a provider or a directory without either. */
  readonly cameBy: 'code' | 'mail' | undefined;
  /**
   * The same for all attempts to open an account for somebody whom a provider or a directory
   * vouches for: they go on with what the first of them has claimed.
   */
  readonly opening?: string | undefined;
  /** The transfer of its tokens to an account that is there already. */
  readonly grantId?: string | undefined;
  readonly atMs: number;
  /** Written with the claim. */
  readonly entry?: AuditEntry | undefined;
}

/** Takes invitations, and notes what their accounts have got. */
export class InvitationClaims {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async byId(id: string): Promise<Invitation | undefined> {
    const [found] = await selectInvitations(this.#db, sql`i.id = ${id}`, 1);
    return found;
  }

  /** An invitation that somebody can still come by. */
  async openById(id: string, atMs: number): Promise<Invitation | undefined> {
    const where = sql`i.id = ${id} AND ${isOpen(atMs)}`;
    const [found] = await selectInvitations(this.#db, where, 1);
    return found;
  }

  /** The one that was made last of those for this address that somebody can still come by. */
  async openForEmail(email: string, atMs: number): Promise<Invitation | undefined> {
    const where = sql`i.email_key = ${emailKey(email)} AND ${isOpen(atMs)}`;
    const [found] = await selectInvitations(this.#db, where, 1);
    return found;
  }

  /** The account that was opened by an invitation for somebody whom others vouch for. */
  async openedFor(opening: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('invitations as i')
      .innerJoin('users as u', 'u.id', 'i.user_id')
      .select('u.id')
      .where('i.opening', '=', opening)
      .where('u.deleted_at', 'is', null)
      .executeTakeFirst();
    return row?.id;
  }

  /**
   * Takes an invitation, for an account that is opened at once or is there already.
   * @returns the id for the account: another than asked for, if an earlier attempt for the same
   *   `opening` has chosen it; undefined if the invitation is not open, or somebody else takes it
   */
  claim(id: string, taker: Claim): Promise<number | undefined> {
    const { userId, atMs, entry } = taker;
    const { cameBy = null, opening = null, grantId = null } = taker;
    const isOurs = sql`(user_id IS NOT NULL AND opening = CAST(${opening} AS text))`;
    return this.#db.transaction().execute(async (transaction) => {
      // One statement, which sees what others have claimed, also on several servers.
      const { rows } = await sql<{ user_id: number | string }>`UPDATE invitations
        SET user_id = CASE WHEN ${isOurs} THEN user_id ELSE ${userId} END,
          came_by = ${cameBy}, claimed_at = ${atMs}, opening = ${opening}, grant_id = ${grantId}
        WHERE id = ${id} AND accepted_at IS NULL AND ended_at IS NULL
          AND (${isOurs} OR (expires_at > ${atMs} AND ${isFree(atMs)}))
        RETURNING user_id`.execute(transaction);
      const [row] = rows;
      if (row && entry) await addToAuditLog(transaction, entry);
      return row && Number(row.user_id);
    });
  }

  /** Gives a claim back whose account was not opened. */
  async release(id: string, userId: number): Promise<void> {
    await this.#db
      .updateTable('invitations')
      .set({ user_id: null, came_by: null, claimed_at: null, opening: null, grant_id: null })
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .where('accepted_at', 'is', null)
      .execute();
  }

  /** Notes the account that was opened by an invitation. */
  async accepted(id: string, userId: number, atMs: number): Promise<void> {
    await this.#db
      .updateTable('invitations')
      .set({ user_id: userId, accepted_at: atMs })
      .where('id', '=', id)
      .where('accepted_at', 'is', null)
      .execute();
  }

  /** Notes that the account has all that the invitation gives; its name is kept by itself now. */
  async completed(id: string, atMs: number): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('username_keys')
        .set({ invitation_id: null })
        .where('invitation_id', '=', id)
        .execute();
      await transaction
        .updateTable('invitations')
        .set({ completed_at: atMs })
        .where('id', '=', id)
        .execute();
    });
  }

  /** How somebody came by an invitation; undefined if nobody did, or without code and link. */
  async cameBy(id: string): Promise<'code' | 'mail' | undefined> {
    const row = await this.#db
      .selectFrom('invitations')
      .select('came_by')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.came_by ?? undefined;
  }

  /** Those whose account is there, but lacks something, as a server that stopped left it. */
  unfinished(beforeMs: number, limit: number): Promise<Invitation[]> {
    const where = sql`i.claimed_at < ${beforeMs} AND i.completed_at IS NULL
      AND EXISTS (SELECT 1 FROM users WHERE users.id = i.user_id AND users.deleted_at IS NULL)`;
    return selectInvitations(this.#db, where, limit);
  }
}

function isOpen(atMs: number) {
  return sql`i.accepted_at IS NULL AND i.ended_at IS NULL AND i.expires_at > ${atMs}`;
}

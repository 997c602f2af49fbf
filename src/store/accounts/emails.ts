import type { Kysely, Transaction } from 'kysely';
import type { UserNotice } from '../../core/notices.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';

/**
 * By what an address was confirmed: `user`, by its user, with a link that was mailed to it;
 * `opening`, by a directory or provider that made the account, before its user had a password.
 */
export type ConfirmedBy = 'user' | 'opening';

/** A user's e-mail address, as it was given. */
export interface UserEmail {
  readonly email: string;
  /** undefined while nobody has shown that it belongs to the user. */
  readonly verifiedAtMs: number | undefined;
  /** undefined if it was not, or if a directory or provider vouches for it. */
  readonly confirmedBy: ConfirmedBy | undefined;
}

/** Makes what is told to the address that a user had before. */
export type TellEarlier = (earlier: string) => UserNotice;

/** Both databases limit the parameters of a statement. */
const KEYS_AT_ONCE = 1_000;

/** E-mail addresses of users: at most one each. A verified one belongs to one user only. */
export class EmailStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async of(userId: number): Promise<UserEmail | undefined> {
    const row = await this.#db
      .selectFrom('user_emails')
      .select(['email', 'verified_at', 'confirmed_by'])
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return (
      row && {
        email: row.email,
        verifiedAtMs: row.verified_at ?? undefined,
        confirmedBy: confirmedByIn(row.confirmed_by),
      }
    );
  }

  /**
   * The user who has verified this address. Of staff only those who did so themselves: whoever
   * keeps a directory must not get into their accounts by it.
   */
  async ownerOf(email: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('user_emails as e')
      .innerJoin('users as u', 'u.id', 'e.user_id')
      .select('e.user_id')
      .where('e.email_key', '=', emailKey(email))
      .where('e.verified_at', 'is not', null)
      .where((is) => is.or([is('u.is_staff', '=', 0), is('e.confirmed_by', '=', 'user')]))
      .executeTakeFirst();
    return row?.user_id;
  }

  /** Those of these addresses that a user has verified; all of them as `emailKey`. */
  async verifiedAmong(emailKeys: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let from = 0; from < emailKeys.length; from += KEYS_AT_ONCE) {
      const rows = await this.#db
        .selectFrom('user_emails')
        .select('email_key')
        .where('email_key', 'in', emailKeys.slice(from, from + KEYS_AT_ONCE))
        .where('verified_at', 'is not', null)
        .execute();
      for (const { email_key: key } of rows) found.add(key);
    }
    return found;
  }

  /**
   * Keeps an address in place of the earlier one, which stays if the new one is taken.
   * @param confirmedAtMs when its user has confirmed it by a link; undefined if it was only given
   */
  set(userId: number, email: string, confirmedAtMs: number | undefined): Promise<'kept' | 'taken'> {
    const confirmedBy = confirmedAtMs === undefined ? undefined : 'user';
    return this.#set(userId, { email, verifiedAtMs: confirmedAtMs, confirmedBy });
  }

  /**
   * Keeps an address that a directory or provider vouches for, in place of the earlier one, which
   * stays if the new one is taken.
   * @param how `isOpening`: whether it comes with the account that it makes; `tellEarlier`: if the
   *   earlier one is to be told, see `tellIfOther`
   */
  vouch(
    userId: number,
    email: string,
    how: {
      readonly atMs: number;
      readonly isOpening: boolean;
      readonly tellEarlier?: TellEarlier;
    },
  ): Promise<'kept' | 'taken'> {
    const confirmedBy = how.isOpening ? 'opening' : undefined;
    return this.#set(userId, { email, verifiedAtMs: how.atMs, confirmedBy }, how.tellEarlier);
  }

  async #set(
    userId: number,
    email: UserEmail,
    tellEarlier?: TellEarlier,
  ): Promise<'kept' | 'taken'> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        const earlier = await setEmail(transaction, userId, email);
        const change = { earlier, email: email.email };
        if (tellEarlier) await tellIfOther(transaction, change, tellEarlier);
      });
      return 'kept';
    } catch (error) {
      if (error instanceof EmailTaken) return 'taken';
      throw error;
    }
  }

  async remove(userId: number): Promise<void> {
    await this.#db.deleteFrom('user_emails').where('user_id', '=', userId).execute();
  }
}

/**
 * Ends a link to choose a password that was mailed to the address that a user had before; one that
 * staff have made stays.
 */
export async function endMailedLink(db: Kysely<Database>, userId: number): Promise<void> {
  await db
    .deleteFrom('one_time_links')
    .where('user_id', '=', userId)
    .where('made_by', '=', `user:${userId}`)
    .execute();
}

/** Another user has verified the same address: the transaction has to be rolled back. */
export class EmailTaken extends Error {}

/**
 * As `EmailStore.set`, within a transaction.
 * @returns the address before, if it was verified
 * @throws EmailTaken
 */
export async function setEmail(
  transaction: Transaction<Database>,
  userId: number,
  { email, verifiedAtMs, confirmedBy }: UserEmail,
): Promise<string | undefined> {
  // With the row of the user locked, the only conflict below is with another user.
  await transaction
    .updateTable('users')
    .set((of) => ({ is_active: of.ref('is_active') }))
    .where('id', '=', userId)
    .execute();
  const earlier = await removeEmail(transaction, userId);
  if (confirmedBy === 'user') await unverifyVouched(transaction, email);
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('user_emails')
    .values({
      user_id: userId,
      email,
      email_key: emailKey(email),
      verified_at: verifiedAtMs ?? null,
      confirmed_by: confirmedBy ?? null,
    })
    .onConflict((at) => at.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw new EmailTaken();
  return earlier;
}

/**
 * Takes the address of a user away, within a transaction that has the row of the user locked.
 * @returns the address, if it was verified
 */
export async function removeEmail(
  transaction: Transaction<Database>,
  userId: number,
): Promise<string | undefined> {
  await endMailedLink(transaction, userId);
  const row = await transaction
    .deleteFrom('user_emails')
    .where('user_id', '=', userId)
    .returning(['email', 'verified_at'])
    .executeTakeFirst();
  return row && row.verified_at !== null ? row.email : undefined;
}

/**
 * Tells the verified address that a user had before, in the transaction that puts another one in
 * its place or removes it: not if it is only written in another case, and so the same mailbox.
 */
export async function tellIfOther(
  transaction: Transaction<Database>,
  { earlier, email }: { readonly earlier: string | undefined; readonly email: string | null },
  tellEarlier: TellEarlier,
): Promise<void> {
  if (earlier === undefined) return;
  if (email !== null && emailKey(email) === emailKey(earlier)) return;
  await addNotices(transaction, [tellEarlier(earlier)]);
}

/** Whoever reads what is mailed to an address has it, whatever a directory says of others. */
async function unverifyVouched(transaction: Transaction<Database>, email: string): Promise<void> {
  await transaction
    .updateTable('user_emails')
    .set({ verified_at: null, confirmed_by: null })
    .where('email_key', '=', emailKey(email))
    .where('verified_at', 'is not', null)
    .where('confirmed_by', 'is', null)
    .execute();
}

/**
 * Lets an address that others vouch for open the account from now on: its user has opened a link
 * that was mailed to it. For staff that is too little, since a directory may have given it first.
 */
export async function confirmMailed(db: Kysely<Database>, userId: number): Promise<void> {
  await db
    .updateTable('user_emails')
    .set({ confirmed_by: 'opening' })
    .where('user_id', '=', userId)
    .where('verified_at', 'is not', null)
    .where('confirmed_by', 'is', null)
    .execute();
}

/** A way in which an address was confirmed, in what was stored. */
export function confirmedByIn(text: string | null): ConfirmedBy | undefined {
  return text === 'user' || text === 'opening' ? text : undefined;
}

/**
 * Two addresses with the same key are the same: case is ignored, as mail providers do. Signs that
 * Unicode writes as letters in lower case (K of Kelvin, Å of Ångström, Ω of Ohm) are other
 * mailboxes, whose owners must not be taken for those of the letters.
 */
export function emailKey(email: string): string {
  return email.trim().replace(/[^\u2126\u212a\u212b]+/g, (text) => text.toLowerCase());
}

import type { Kysely, Transaction } from 'kysely';
import type { Credits } from '../../core/credits.ts';
import type { MailLanguage, OptionalKind, UserNotice } from '../../core/notices.ts';
import {
  EmailTaken,
  removeEmail,
  setEmail,
  type TellEarlier,
  tellIfOther,
} from '../accounts/emails.ts';
import { lockUser } from '../accounts/users.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from './notices.ts';
import { CHOICE_OF } from './wanted-mail.ts';

/** What a user has chosen for mail. */
export interface MailChoice {
  readonly language: string | undefined;
  readonly tellsLow: boolean;
  readonly tellsRenewal: boolean;
  /** A balance below this is low; undefined for what the site has set, 0 for never. */
  readonly lowBelowCredits: Credits | undefined;
}

/** An address that the user has given and not confirmed. */
export interface PendingEmail {
  readonly email: string;
  readonly expiresAtMs: number;
}

/** An address that is to be confirmed by a link. */
export interface NewEmail extends PendingEmail {
  readonly userId: number;
  /** Of the token in the link. */
  readonly tokenHash: string;
  readonly language: MailLanguage;
}

/** Addresses of users on their way to be confirmed, and what users want to have by mail. */
export class MailSettingsStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async of(userId: number): Promise<MailChoice> {
    const row = await this.#db
      .selectFrom('mail_settings')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return {
      language: row?.language ?? undefined,
      tellsLow: row?.tells_low !== 0,
      tellsRenewal: row?.tells_renewal === 1,
      lowBelowCredits: row?.low_below ?? undefined,
    };
  }

  async pendingOf(userId: number, atMs: number): Promise<PendingEmail | undefined> {
    const row = await this.#db
      .selectFrom('email_links')
      .select(['email', 'expires_at'])
      .where('user_id', '=', userId)
      .where('expires_at', '>', atMs)
      .executeTakeFirst();
    return row && { email: row.email, expiresAtMs: row.expires_at };
  }

  /** Changes what is given of the choice. @param atMs from when on renewals are told of */
  async change(userId: number, change: Partial<MailChoice>, atMs: number): Promise<void> {
    await this.#db
      .transaction()
      .execute((transaction) => changeChoice(transaction, userId, change, atMs));
  }

  /** Ends mail of a kind. The user may be deleted by now. */
  async unsubscribe(userId: number, kind: OptionalKind, atMs: number): Promise<void> {
    const isLow = CHOICE_OF[kind] === 'tells_low';
    const change = isLow ? { tellsLow: false } : { tellsRenewal: false };
    await this.#db.transaction().execute(async (transaction) => {
      const user = await transaction
        .selectFrom('users')
        .select('id')
        .where('id', '=', userId)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      if (user) await changeChoice(transaction, userId, change, atMs);
    });
  }

  /** Stores a link that confirms an address, with the mail that has it; an earlier link ends. */
  async addLink(
    { userId, email, tokenHash, expiresAtMs, language }: NewEmail,
    notices: readonly UserNotice[],
    atMs: number,
  ): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const link = { email, token_hash: tokenHash, expires_at: expiresAtMs };
      await transaction
        .insertInto('email_links')
        .values({ user_id: userId, ...link })
        .onConflict((at) => at.column('user_id').doUpdateSet(link))
        .execute();
      await changeChoice(transaction, userId, { language }, atMs);
      await addNotices(transaction, notices);
    });
  }

  /**
   * Confirms the address of a link, which is used up, in place of the earlier one.
   * @param userId who has it
   * @returns `link_invalid`, `taken`, or `of_another` if another user asked for the link, with
   *   nothing changed
   */
  async confirm(
    { tokenHash, userId }: { readonly tokenHash: string; readonly userId: number },
    tellEarlier: (email: string) => TellEarlier,
    atMs: number,
  ): Promise<{ readonly email: string } | 'link_invalid' | 'of_another' | 'taken'> {
    try {
      return await this.#db.transaction().execute(async (transaction) => {
        const found = await transaction
          .selectFrom('email_links')
          .select('user_id')
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst();
        if (!found) return 'link_invalid';
        if (found.user_id !== userId) return 'of_another';
        // First the user's row, as everywhere: whoever ends the link has it locked.
        await lockUser(transaction, userId);
        const link = await transaction
          .deleteFrom('email_links')
          .where('token_hash', '=', tokenHash)
          .where('expires_at', '>', atMs)
          .where('user_id', '=', userId)
          .returning('email')
          .executeTakeFirst();
        if (!link) return 'link_invalid';
        const { email } = link;
        const given = { email, verifiedAtMs: atMs, confirmedBy: 'user' } as const;
        const earlier = await setEmail(transaction, userId, given);
        await tellIfOther(transaction, { earlier, email }, tellEarlier(email));
        return { email };
      });
    } catch (error) {
      if (error instanceof EmailTaken) return 'taken';
      throw error;
    }
  }

  /** Removes the address of a user, confirmed or not, and tells it so. */
  async remove(userId: number, tellEarlier: TellEarlier): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await lockUser(transaction, userId);
      await transaction.deleteFrom('email_links').where('user_id', '=', userId).execute();
      const earlier = await removeEmail(transaction, userId);
      await tellIfOther(transaction, { earlier, email: null }, tellEarlier);
    });
  }
}

async function changeChoice(
  transaction: Transaction<Database>,
  userId: number,
  { language, tellsLow, tellsRenewal, ...rest }: Partial<MailChoice>,
  atMs: number,
): Promise<void> {
  const change = {
    ...(language === undefined ? {} : { language }),
    ...(tellsLow === undefined ? {} : { tells_low: flag(tellsLow) }),
    ...(tellsRenewal === undefined
      ? {}
      : { tells_renewal: flag(tellsRenewal), renewal_told_at: atMs }),
    ...('lowBelowCredits' in rest ? { low_below: rest.lowBelowCredits ?? null } : {}),
  };
  await transaction
    .insertInto('mail_settings')
    .values({ user_id: userId, language: null, low_below: null, ...change })
    .onConflict((at) => at.column('user_id').doUpdateSet({ user_id: userId, ...change }))
    .execute();
}

function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

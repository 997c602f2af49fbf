import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Notice } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { PasskeyRow } from '../database/factor-schema.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';
import { endTokens, lockActiveUser } from './users.ts';
import { type WaysIn, waysInOf } from './ways-in.ts';

/** A credential of WebAuthn, as it was registered. Texts of bytes are base64url. */
export interface Passkey {
  readonly id: string;
  readonly userId: number;
  readonly name: string;
  readonly credentialId: string;
  /** Names the user to authenticators. */
  readonly userHandle: string;
  readonly publicKey: string;
  readonly signCount: number;
  /** How the authenticator can be reached. */
  readonly transports: readonly string[];
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | undefined;
}

/** The secret of an authenticator app. */
export interface Totp {
  readonly sealedSecret: string;
  /** The time step of the last code that was used. */
  readonly lastStep: number;
  readonly createdAtMs: number;
}

/** The hash of a recovery code, found by its first characters. */
export interface RecoveryCode {
  readonly selector: string;
  readonly hash: string;
}

/** What a user can prove who they are with, besides the password. */
export interface Factors {
  readonly totp: Totp | undefined;
  readonly passkeys: readonly Passkey[];
  /** How many recovery codes are left. */
  readonly recoveryCodes: number;
}

/** A change of factors by their user, and what tells of it. */
export interface FactorChange {
  readonly userId: number;
  /** Of the user when the change was admitted. */
  readonly passwordVersion: number;
  readonly entry: AuditEntry;
  readonly notices: readonly Notice[];
  readonly atMs: number;
}

/** What a change came to: `refused` if the user's password was changed or the user disabled. */
export type FactorOutcome =
  | 'done'
  | 'refused'
  | 'not_found'
  | 'too_many'
  | 'last_one'
  | 'only_way'
  | 'known';

/** Second factors, passkeys and recovery codes of users. */
export class FactorStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async of(userId: number): Promise<Factors> {
    const [totp, passkeys, codes] = await Promise.all([
      this.totpOf(userId),
      this.#db
        .selectFrom('passkeys')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('id')
        .execute(),
      this.#db
        .selectFrom('recovery_codes')
        .select('selector')
        .where('user_id', '=', userId)
        .execute(),
    ]);
    return { totp, passkeys: passkeys.map(toPasskey), recoveryCodes: codes.length };
  }

  async totpOf(userId: number): Promise<Totp | undefined> {
    const row = await this.#db
      .selectFrom('user_totp')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return (
      row && { sealedSecret: row.secret, lastStep: row.last_step, createdAtMs: row.created_at }
    );
  }

  /** Uses a code up. @returns false if it, or a later one, was used before */
  async useTotpStep(userId: number, { sealedSecret }: Totp, step: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('user_totp')
      .set({ last_step: step })
      .where('user_id', '=', userId)
      .where('secret', '=', sealedSecret)
      .where('last_step', '<', step)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** The hash of the recovery code that begins so. */
  async recoveryCode(userId: number, selector: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('recovery_codes')
      .select('code_hash')
      .where('user_id', '=', userId)
      .where('selector', '=', selector)
      .executeTakeFirst();
    return row?.code_hash;
  }

  /** Uses a recovery code up. @returns false if it was used before */
  async useRecoveryCode(userId: number, { selector, hash }: RecoveryCode): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('recovery_codes')
      .where('user_id', '=', userId)
      .where('selector', '=', selector)
      .where('code_hash', '=', hash)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async passkey(credentialId: string): Promise<Passkey | undefined> {
    const row = await this.#db
      .selectFrom('passkeys')
      .selectAll()
      .where('credential_id', '=', credentialId)
      .executeTakeFirst();
    return row && toPasskey(row);
  }

  /**
   * Records the use of a passkey.
   * @param signCount as its authenticator reported it; 0 if it does not count
   * @returns false if that is not more than before, as with a copy of the authenticator
   */
  async usePasskey(id: string, signCount: number, atMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('passkeys')
      .set({ sign_count: signCount, last_used_at: atMs })
      .where('id', '=', id)
      .where((is) =>
        signCount === 0 ? is('sign_count', '=', 0) : is('sign_count', '<', signCount),
      )
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /**
   * Keeps the secret of an authenticator app, in place of an earlier one.
   * @param firstCodes recovery codes to keep if the user has none
   * @returns whether the codes were kept, if it is done
   */
  setTotp(
    change: FactorChange,
    { sealedSecret, step }: { readonly sealedSecret: string; readonly step: number },
    firstCodes: readonly RecoveryCode[],
  ): Promise<{ readonly outcome: FactorOutcome; readonly hasNewCodes: boolean }> {
    const { userId, atMs } = change;
    return this.#change(change, async (transaction) => {
      const row = { secret: sealedSecret, last_step: step, created_at: atMs };
      await transaction
        .insertInto('user_totp')
        .values({ user_id: userId, ...row })
        .onConflict((at) => at.column('user_id').doUpdateSet(row))
        .execute();
      return addFirstCodes(transaction, change, firstCodes);
    });
  }

  /** Adds a passkey; see `setTotp`. @param most how many a user may have */
  addPasskey(
    change: FactorChange,
    passkey: Passkey,
    { firstCodes, most }: { readonly firstCodes: readonly RecoveryCode[]; readonly most: number },
  ): Promise<{ readonly outcome: FactorOutcome; readonly hasNewCodes: boolean }> {
    return this.#change(change, async (transaction) => {
      const has = await transaction
        .selectFrom('passkeys')
        .select('id')
        .where('user_id', '=', passkey.userId)
        .execute();
      if (has.length >= most) throw new NotChanged('too_many');
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('passkeys')
        .values(toRow(passkey))
        .onConflict((at) => at.column('credential_id').doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 0n) throw new NotChanged('known');
      return addFirstCodes(transaction, change, firstCodes);
    });
  }

  async renamePasskey(userId: number, id: string, name: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('passkeys')
      .set({ name })
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Makes all recovery codes anew; `not_found` for a user without a factor. */
  async setRecoveryCodes(
    change: FactorChange,
    codes: readonly RecoveryCode[],
  ): Promise<FactorOutcome> {
    const { userId } = change;
    const { outcome } = await this.#change(change, async (transaction) => {
      if (!(await hasFactor(transaction, userId))) throw new NotChanged('not_found');
      await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
      return addFirstCodes(transaction, change, codes);
    });
    return outcome;
  }

  /**
   * Removes a factor; with the last one go the recovery codes.
   * @param which the id of a passkey, or the authenticator app
   * @param what `mustKeepOne`: whether the last one stays; `suffices`: whether what is left is
   *   enough to sign in
   */
  async remove(
    change: FactorChange,
    which: { readonly passkey: string } | 'totp',
    {
      mustKeepOne,
      suffices,
    }: {
      readonly mustKeepOne: boolean;
      readonly suffices: (left: WaysIn) => boolean;
    },
  ): Promise<FactorOutcome> {
    const { userId } = change;
    const { outcome } = await this.#change(change, async (transaction) => {
      const { numDeletedRows } =
        which === 'totp'
          ? await transaction
              .deleteFrom('user_totp')
              .where('user_id', '=', userId)
              .executeTakeFirst()
          : await transaction
              .deleteFrom('passkeys')
              .where('user_id', '=', userId)
              .where('id', '=', which.passkey)
              .executeTakeFirst();
      if (numDeletedRows === 0n) throw new NotChanged('not_found');
      // The app alone signs nobody in.
      if (which !== 'totp' && !suffices(await waysInOf(transaction, userId))) {
        throw new NotChanged('only_way');
      }
      if (await hasFactor(transaction, userId)) return false;
      if (mustKeepOne) throw new NotChanged('last_one');
      await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
      return false;
    });
    return outcome;
  }

  /**
   * Removes all factors of a user who has lost them, and ends all tokens of the user.
   * @param now the clock, which is read once nobody else can give the user a token
   * @returns false, with nothing changed, if there are none
   */
  removeAll(
    userId: number,
    { entry, notices }: { readonly entry: AuditEntry; readonly notices: readonly Notice[] },
    now: () => number,
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('users')
        .set((of) => ({ is_active: of.ref('is_active') }))
        .where('id', '=', userId)
        .execute();
      if (!(await hasFactor(transaction, userId))) return false;
      for (const table of ['user_totp', 'passkeys', 'recovery_codes'] as const) {
        await transaction.deleteFrom(table).where('user_id', '=', userId).execute();
      }
      await endTokens(transaction, userId, now());
      await addToAuditLog(transaction, entry);
      await addNotices(transaction, notices);
      return true;
    });
  }

  /** Spends a ticket. @returns false if it was spent before */
  async spend({ id, expiresAtMs }: { readonly id: string; readonly expiresAtMs: number }) {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('used_tickets')
      .values({ id, expires_at: expiresAtMs })
      .onConflict((at) => at.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows !== 0n && numInsertedOrUpdatedRows !== undefined;
  }

  /** Forgets spent tickets that would not be taken any more, a while after they expired. */
  async sweep(atMs: number): Promise<void> {
    const before = atMs - KEEP_SPENT_MS;
    await this.#db.deleteFrom('used_tickets').where('expires_at', '<', before).execute();
  }

  /** Runs a change with the user's row locked, and writes what tells of it. */
  async #change(
    { userId, passwordVersion, entry, notices }: FactorChange,
    work: (transaction: Transaction<Database>) => Promise<boolean>,
  ): Promise<{ readonly outcome: FactorOutcome; readonly hasNewCodes: boolean }> {
    try {
      const hasNewCodes = await this.#db.transaction().execute(async (transaction) => {
        const user = await lockActiveUser(transaction, userId, passwordVersion);
        if (!user) throw new NotChanged('refused');
        const result = await work(transaction);
        await addToAuditLog(transaction, entry);
        await addNotices(transaction, notices);
        return result;
      });
      return { outcome: 'done', hasNewCodes };
    } catch (error) {
      if (error instanceof NotChanged) return { outcome: error.outcome, hasNewCodes: false };
      throw error;
    }
  }
}

/** Clocks of servers differ a little. */
const KEEP_SPENT_MS = 3_600_000;

/** Rolls the transaction back. */
class NotChanged extends Error {
  readonly outcome: FactorOutcome;

  constructor(outcome: FactorOutcome) {
    super(outcome);
    this.outcome = outcome;
  }
}

async function hasFactor(db: Kysely<Database>, userId: number): Promise<boolean> {
  for (const table of ['user_totp', 'passkeys'] as const) {
    const row = await db
      .selectFrom(table)
      .select('user_id')
      .where('user_id', '=', userId)
      .limit(1)
      .executeTakeFirst();
    if (row) return true;
  }
  return false;
}

/** @returns whether they were added: the user had none */
async function addFirstCodes(
  transaction: Transaction<Database>,
  { userId, atMs }: FactorChange,
  codes: readonly RecoveryCode[],
): Promise<boolean> {
  const row = await transaction
    .selectFrom('recovery_codes')
    .select('selector')
    .where('user_id', '=', userId)
    .limit(1)
    .executeTakeFirst();
  if (row || codes.length === 0) return false;
  await transaction
    .insertInto('recovery_codes')
    .values(
      codes.map(({ selector, hash }) => ({
        user_id: userId,
        selector,
        code_hash: hash,
        created_at: atMs,
      })),
    )
    .execute();
  return true;
}

function toPasskey(row: Selectable<PasskeyRow>): Passkey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    credentialId: row.credential_id,
    userHandle: row.user_handle,
    publicKey: row.public_key,
    signCount: row.sign_count,
    transports: row.transports === null ? [] : (JSON.parse(row.transports) as string[]),
    createdAtMs: row.created_at,
    lastUsedAtMs: row.last_used_at ?? undefined,
  };
}

function toRow(passkey: Passkey) {
  return {
    id: passkey.id,
    user_id: passkey.userId,
    name: passkey.name,
    credential_id: passkey.credentialId,
    user_handle: passkey.userHandle,
    public_key: passkey.publicKey,
    sign_count: passkey.signCount,
    transports: passkey.transports.length === 0 ? null : JSON.stringify(passkey.transports),
    created_at: passkey.createdAtMs,
    last_used_at: passkey.lastUsedAtMs ?? null,
  };
}

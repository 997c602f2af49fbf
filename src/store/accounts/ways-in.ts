import type { Transaction } from 'kysely';
import type { Database } from '../database/schema.ts';

/** By what a user can sign in. */
export interface WaysIn {
  readonly passwordHash: string;
  /** The names of the providers of identities, each as it was used last. */
  readonly providers: readonly string[];
  readonly hasLdap: boolean;
  readonly hasPasskey: boolean;
}

/** Reads by what a user can sign in, after the changes of a transaction. */
export async function waysInOf(
  transaction: Transaction<Database>,
  userId: number,
): Promise<WaysIn> {
  const user = await transaction
    .selectFrom('users')
    .select('password_hash')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  const identities = await transaction
    .selectFrom('identities')
    .select('provider')
    .where('user_id', '=', userId)
    .execute();
  const entry = await transaction
    .selectFrom('ldap_users')
    .select('user_id')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  const passkey = await transaction
    .selectFrom('passkeys')
    .select('id')
    .where('user_id', '=', userId)
    .limit(1)
    .executeTakeFirst();
  return {
    passwordHash: user.password_hash,
    providers: identities.map(({ provider }) => provider ?? ''),
    hasLdap: entry !== undefined,
    hasPasskey: passkey !== undefined,
  };
}

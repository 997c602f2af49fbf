/** Users whom a directory manages by SCIM. */
import type { ExpressionBuilder, Kysely, Transaction } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Notice } from '../../core/notices.ts';
import {
  directoryNameKey,
  type PersonNames,
  type ScimUserChange,
  type ScimUserFilter,
} from '../../core/scim.ts';
import {
  confirmedByIn,
  EmailTaken,
  emailKey,
  removeEmail,
  setEmail,
  type TellEarlier,
  tellIfOther,
} from '../accounts/emails.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';

/** A user of a directory, with the account. */
export interface ScimUser {
  readonly userId: number;
  readonly userName: string;
  readonly externalId: string | undefined;
  readonly names: PersonNames;
  readonly email: string | undefined;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  /** When the directory disabled the account, if nobody else enabled or disabled it since. */
  readonly disabledAtMs: number | undefined;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}

/** `name_taken`: the directory has another user of the name; `email_taken`: of the address. */
export type LinkOutcome = 'linked' | 'name_taken' | 'email_taken';

/** A part of a list. @see RFC 7644, 3.4.2.4 */
export interface ScimPage {
  /** How many to skip. */
  readonly offset: number;
  readonly limit: number;
}

/** Rolls a transaction back. */
class NameTaken extends Error {}

/** Both databases limit a statement to some tens of thousands of parameters. */
const CHUNK = 1_000;

/** Users of directories; whoever a directory has deleted is none of them. */
export class ScimUserStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for lists, which can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /** A user of the directory; undefined also for one that it has deleted. */
  async byId(userId: number): Promise<ScimUser | undefined> {
    const row = await rowsOf(this.#db).where('su.user_id', '=', userId).executeTakeFirst();
    return row && toScimUser(row);
  }

  async byName(userName: string): Promise<ScimUser | undefined> {
    const row = await rowsOf(this.#db)
      .where('su.user_name_key', '=', directoryNameKey(userName))
      .executeTakeFirst();
    return row && toScimUser(row);
  }

  /** Users in the order of their ids, and how many there are in all. */
  async page(
    filter: ScimUserFilter,
    { offset, limit }: ScimPage,
  ): Promise<{ readonly users: ScimUser[]; readonly total: number }> {
    const isNarrow = Object.keys(filter).some((it) => it !== 'active');
    // Found by an index at once, or perhaps not.
    const db = isNarrow ? this.#db : this.#reads;
    const { total } = await db
      .selectFrom('scim_users as su')
      .innerJoin('users as u', 'u.id', 'su.user_id')
      .leftJoin('user_emails as e', 'e.user_id', 'su.user_id')
      .select((of) => of.fn.countAll<number>().as('total'))
      .where('su.removed_at', 'is', null)
      .where((is) => is.and(conditionsOf(filter, is)))
      .executeTakeFirstOrThrow();
    if (limit === 0) return { users: [], total: Number(total) };
    const rows = await rowsOf(db)
      .where((is) => is.and(conditionsOf(filter, is)))
      .orderBy('su.user_id')
      .limit(limit)
      .offset(offset)
      .execute();
    return { users: rows.map(toScimUser), total: Number(total) };
  }

  /** Which of these are users of the directory. */
  async filterKnown(userIds: readonly number[]): Promise<Set<number>> {
    const known = new Set<number>();
    for (let from = 0; from < userIds.length; from += CHUNK) {
      const rows = await this.#db
        .selectFrom('scim_users')
        .select('user_id')
        .where('user_id', 'in', userIds.slice(from, from + CHUNK))
        .where('removed_at', 'is', null)
        .execute();
      for (const { user_id: userId } of rows) known.add(userId);
    }
    return known;
  }

  /** Whether the account was made for a directory, and is still one of its users. */
  async isMade(userId: number): Promise<boolean> {
    const row = await this.#db
      .selectFrom('scim_users')
      .select('is_made')
      .where('user_id', '=', userId)
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    return row?.is_made === 1;
  }

  /**
   * Makes an account a user of the directory.
   * @param at `entry` and `notices`: the audit event, and what the user is told, if the account was
   *   there before
   */
  link(
    userId: number,
    change: ScimUserChange & { readonly userName: string },
    at: {
      readonly isMade: boolean;
      readonly atMs: number;
      readonly entry: AuditEntry | undefined;
      /** Those of an adoption are also told to the address before. */
      readonly notices?: readonly Notice[];
    },
  ): Promise<LinkOutcome> {
    return outcomeOf(
      this.#db.transaction().execute(async (transaction) => {
        await lockUserRow(transaction, userId);
        const before = await transaction
          .deleteFrom('scim_users')
          .where('user_id', '=', userId)
          .where('removed_at', 'is not', null)
          .returning(['is_made', 'disabled_at'])
          .executeTakeFirst();
        const names = namesAfter({}, change);
        await insertRow(transaction, {
          user_id: userId,
          user_name: change.userName,
          user_name_key: directoryNameKey(change.userName),
          external_id: change.externalId ?? null,
          profile: JSON.stringify(names),
          is_made: at.isMade ? 1 : (before?.is_made ?? 0),
          created_at: at.atMs,
          changed_at: at.atMs,
          disabled_at: before?.disabled_at ?? null,
          removed_at: null,
        });
        await changeEmail(transaction, userId, change.email, at);
        if (at.entry) await addToAuditLog(transaction, at.entry);
        await addNotices(transaction, at.notices ?? []);
      }),
    );
  }

  /**
   * Changes what the directory says of a user; whether the user is active is no part of it.
   * @param at `entryOf`: the audit event, if the address changes; `tellEarlier`: see `tellIfOther`
   * @returns undefined if the directory has no such user
   */
  async change(
    userId: number,
    change: ScimUserChange,
    at: {
      readonly atMs: number;
      readonly entryOf: () => AuditEntry;
      readonly tellEarlier: TellEarlier;
    },
  ): Promise<LinkOutcome | undefined> {
    let isThere = true;
    const outcome = await outcomeOf(
      this.#db.transaction().execute(async (transaction) => {
        await lockUserRow(transaction, userId);
        const row = await transaction
          .deleteFrom('scim_users')
          .where('user_id', '=', userId)
          .where('removed_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (!row) {
          isThere = false;
          return;
        }
        const { userName = row.user_name, externalId = row.external_id } = change;
        const before = JSON.parse(row.profile) as PersonNames;
        await insertRow(transaction, {
          ...row,
          user_name: userName,
          user_name_key: directoryNameKey(userName),
          external_id: externalId,
          profile: JSON.stringify(namesAfter(before, change)),
          changed_at: at.atMs,
        });
        const { atMs, entryOf, tellEarlier } = at;
        const how = { atMs, isMade: false, tellEarlier };
        const isOther = await changeEmail(transaction, userId, change.email, how);
        if (isOther) await addToAuditLog(transaction, entryOf());
      }),
    );
    return isThere ? outcome : undefined;
  }

  /**
   * Takes a user out of the directory, and out of the groups that it made; the account stays.
   * @returns false, with nothing changed, if the directory has no such user
   */
  remove(userId: number, entry: AuditEntry): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('scim_users')
        .set({ removed_at: entry.atMs, external_id: null, profile: '{}' })
        .where('user_id', '=', userId)
        .where('removed_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await transaction
        .deleteFrom('group_members')
        .where('user_id', '=', userId)
        .where('group_id', 'in', (of) => of.selectFrom('scim_groups').select('group_id'))
        .execute();
      await addToAuditLog(transaction, entry);
      return true;
    });
  }
}

/**
 * Notes who enabled or disabled an account, in the transaction that does so: a directory enables
 * only what it has disabled itself.
 */
export async function noteDisabling(
  db: Kysely<Database>,
  userId: number,
  { isActive, entry }: { readonly isActive: boolean; readonly entry: AuditEntry },
): Promise<void> {
  const isByDirectory = !isActive && entry.actor.startsWith('scim:');
  await db
    .updateTable('scim_users')
    .set({ disabled_at: isByDirectory ? entry.atMs : null })
    .where('user_id', '=', userId)
    .execute();
}

function rowsOf(db: Kysely<Database>) {
  return db
    .selectFrom('scim_users as su')
    .innerJoin('users as u', 'u.id', 'su.user_id')
    .leftJoin('user_emails as e', 'e.user_id', 'su.user_id')
    .selectAll('su')
    .select(['u.is_active', 'u.is_staff', 'e.email'])
    .where('su.removed_at', 'is', null);
}

type Row = Awaited<ReturnType<ReturnType<typeof rowsOf>['executeTakeFirstOrThrow']>>;

interface Joined extends Database {
  su: Database['scim_users'];
  u: Database['users'];
  e: Database['user_emails'];
}

function conditionsOf(filter: ScimUserFilter, is: unknown) {
  const where = is as ExpressionBuilder<Joined, 'su' | 'u' | 'e'>;
  const { id, userName, externalId, email, active } = filter;
  return [
    ...(id === undefined ? [] : [where('su.user_id', '=', userIdOrNobody(id))]),
    ...(userName === undefined ? [] : [where('su.user_name_key', '=', directoryNameKey(userName))]),
    ...(externalId === undefined ? [] : [where('su.external_id', '=', externalId)]),
    ...(email === undefined
      ? []
      : [where('e.email_key', '=', emailKey(email)), where('e.verified_at', 'is not', null)]),
    ...(active === undefined ? [] : [where('u.is_active', '=', active ? 1 : 0)]),
  ];
}

/** The id of a user in a text; -1, which no user has, for any other text. */
export function userIdOrNobody(text: string): number {
  const id = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  return Number.isSafeInteger(id) ? id : -1;
}

function namesAfter(before: PersonNames, change: ScimUserChange): PersonNames {
  const after: Record<string, string> = {};
  for (const name of ['displayName', 'formatted', 'givenName', 'familyName'] as const) {
    const value = change[name] === undefined ? before[name] : change[name];
    if (value != null) after[name] = value;
  }
  return after;
}

async function lockUserRow(transaction: Transaction<Database>, userId: number): Promise<void> {
  // Changes nothing; a write locks the row on either database.
  await transaction
    .updateTable('users')
    .set((of) => ({ is_active: of.ref('is_active') }))
    .where('id', '=', userId)
    .execute();
}

/** @throws NameTaken */
async function insertRow(
  transaction: Transaction<Database>,
  row: Database['scim_users'],
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('scim_users')
    .values(row)
    .onConflict((at) => at.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) throw new NameTaken();
}

/**
 * Keeps an address as verified: a directory vouches for it, from the beginning if it made the
 * account. One that its user has confirmed stays so, whatever its case.
 * @returns whether it is another one than before
 * @throws EmailTaken
 */
async function changeEmail(
  transaction: Transaction<Database>,
  userId: number,
  email: string | null | undefined,
  how: {
    readonly atMs: number;
    readonly isMade: boolean;
    readonly tellEarlier?: TellEarlier;
  },
): Promise<boolean> {
  if (email === undefined) return false;
  const before = await transaction
    .selectFrom('user_emails')
    .select(['email', 'verified_at', 'confirmed_by'])
    .where('user_id', '=', userId)
    .executeTakeFirst();
  const { atMs, isMade, tellEarlier } = how;
  const earlier = before && before.verified_at !== null ? before.email : undefined;
  if (earlier === email) return false;
  if (email === null) await removeEmail(transaction, userId);
  else {
    const isSame = earlier !== undefined && emailKey(earlier) === emailKey(email);
    const opening = isMade ? 'opening' : undefined;
    const confirmedBy = isSame ? confirmedByIn(before?.confirmed_by ?? null) : opening;
    await setEmail(transaction, userId, { email, verifiedAtMs: atMs, confirmedBy });
  }
  if (tellEarlier) await tellIfOther(transaction, { earlier, email }, tellEarlier);
  return (before?.email ?? null) !== email;
}

async function outcomeOf(work: Promise<void>): Promise<LinkOutcome> {
  try {
    await work;
    return 'linked';
  } catch (error) {
    if (error instanceof NameTaken) return 'name_taken';
    if (error instanceof EmailTaken) return 'email_taken';
    throw error;
  }
}

function toScimUser(row: Row): ScimUser {
  return {
    userId: row.user_id,
    userName: row.user_name,
    externalId: row.external_id ?? undefined,
    names: JSON.parse(row.profile) as PersonNames,
    email: row.email ?? undefined,
    isActive: row.is_active === 1,
    isStaff: row.is_staff === 1,
    disabledAtMs: row.disabled_at ?? undefined,
    createdAtMs: row.created_at,
    changedAtMs: row.changed_at,
  };
}

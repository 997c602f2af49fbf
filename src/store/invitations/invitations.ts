/** Invitations, under the hashes of their codes, and what becomes of them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely';
import type { Actor, AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import type { UserNotice } from '../../core/notices.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { InvitationRow } from '../database/invitation-tables.ts';
import type { Matching } from '../database/matching.ts';
import type { Database } from '../database/schema.ts';
import { addNotices } from '../notices/notices.ts';

export const INVITATION_STATES = ['open', 'expired', 'ended', 'accepted'] as const;

/** What becomes of an invitation: `open` and `expired` ones can still be extended. */
export type InvitationState = (typeof INVITATION_STATES)[number];

/** An invitation, without its hashes. Times are in milliseconds since 1970 UTC. */
export interface Invitation {
  readonly id: string;
  /** Those that were made together. */
  readonly batchId: string;
  /** Counts the invitations of the batch, from 1. */
  readonly number: number;
  /** Whom it is for, as it is printed. */
  readonly name: string;
  /** The name that the account will have; undefined if the person chooses one. */
  readonly username: string | undefined;
  readonly email: string | undefined;
  readonly planId: string | undefined;
  /** The name of the plan. */
  readonly planName: string | undefined;
  /** The opening balance. */
  readonly credits: Credits;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly invitedBy: Actor;
  readonly createdAtMs: number;
  /** When it was made, mailed again or extended last. */
  readonly lastInvitedAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | undefined;
  /** When the person came. */
  readonly acceptedAtMs: number | undefined;
  /** Of the account, from the moment on at which somebody begins to open it. */
  readonly userId: number | undefined;
  /** The name that the account has now; undefined if there is none. */
  readonly accountName: string | undefined;
  readonly codeHash: string;
  /** The transfer of its tokens, to somebody who had an account before. */
  readonly grantId: string | undefined;
}

/** Which invitations of all. */
export interface InvitationFilter {
  readonly state?: InvitationState | undefined;
  readonly batchId?: string | undefined;
  readonly groupId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** In the name, the username or the address. */
  readonly search?: string | undefined;
  readonly atMs: number;
}

/** After which invitation a page begins. */
export interface InvitationCursor {
  readonly batchId: string;
  readonly number: number;
}

type FoundRow = Selectable<InvitationRow> & {
  readonly plan_name: string | null;
  readonly account_name: string | null;
};

/** Both databases limit the parameters of a statement. */
const IDS_AT_ONCE = 1_000;
/** So many take some milliseconds, where the database is in this process. */
const READ_AT_ONCE = 200;
const CHANGED_AT_ONCE = 100;
/** A claim whose account was not opened, since the server stopped, is up for others after this. */
export const OPENING_MS = 60_000;

/**
 * Reads invitations, and changes what staff have a say in; `add-invitations.ts` adds them, and
 * `claims.ts` has those who come by them.
 */
export class InvitationStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;
  readonly #matching: Matching;

  /** @param reads for queries that can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>, matching: Matching) {
    this.#db = db;
    this.#reads = reads;
    this.#matching = matching;
  }

  /** What is added together is added by this. */
  transaction<T>(work: (transaction: Transaction<Database>) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(work);
  }

  /** How many invitations a batch has; 0 if there is none of this id. */
  async sizeOf(batchId: string): Promise<number> {
    const row = await this.#db
      .selectFrom('invitations')
      .select((of) => of.fn.countAll<number | string>().as('n'))
      .where('batch_id', '=', batchId)
      .executeTakeFirst();
    return Number(row?.n ?? 0);
  }

  /** The invitation with one of its hashes. */
  async byHash(kind: 'code' | 'mail', hash: string): Promise<Invitation | undefined> {
    const column = kind === 'code' ? sql`i.code_hash` : sql`i.mail_hash`;
    const [found] = await selectInvitations(this.#db, sql`${column} = ${hash}`, 1);
    return found;
  }

  /** The invitation that an account was opened by. */
  async ofUser(userId: number): Promise<Invitation | undefined> {
    const where = sql`i.user_id = ${userId} AND i.accepted_at IS NOT NULL`;
    const [found] = await selectInvitations(this.#db, where, 1);
    return found;
  }

  /** Those of these addresses that an invitation which has not ended is for, as keys. */
  async openEmails(emailKeys: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let from = 0; from < emailKeys.length; from += IDS_AT_ONCE) {
      const rows = await this.#db
        .selectFrom('invitations')
        .select('email_key')
        .where('email_key', 'in', emailKeys.slice(from, from + IDS_AT_ONCE))
        .where('accepted_at', 'is', null)
        .where('ended_at', 'is', null)
        .execute();
      for (const { email_key: key } of rows) if (key !== null) found.add(key);
    }
    return found;
  }

  /** A page of invitations, the newest batch first, in the order of their numbers. */
  page(
    filter: InvitationFilter,
    { after, limit }: { readonly after: InvitationCursor | undefined; readonly limit: number },
  ): Promise<Invitation[]> {
    return selectInvitations(this.#reads, sql`${this.#where(filter)} AND ${isAfter(after)}`, limit);
  }

  /**
   * All of a filter, in the same order, read some at a time.
   * @param only those that nobody has come by and that have not ended
   * @param most no more than these are read
   */
  async all(
    filter: InvitationFilter,
    { only, most }: { readonly only?: 'waiting'; readonly most: number },
  ): Promise<Invitation[]> {
    const where = sql`${this.#where(filter)} ${
      only === 'waiting' ? sql`AND i.accepted_at IS NULL AND i.ended_at IS NULL` : sql``
    }`;
    const found: Invitation[] = [];
    for (;;) {
      const limit = Math.min(READ_AT_ONCE, most - found.length);
      const condition = sql`${where} AND ${isAfter(found.at(-1))}`;
      const some = await selectInvitations(this.#db, condition, limit);
      found.push(...some);
      if (some.length < READ_AT_ONCE || found.length >= most) return found;
      // Other requests have their turn, also where the database answers at once.
      await nextTurn();
    }
  }

  /** How many there are in each state, whatever state the filter names. */
  async counts({
    state: _,
    ...filter
  }: InvitationFilter): Promise<Record<InvitationState, number>> {
    const { rows } = await sql<{ state: InvitationState; n: number | string }>`
      SELECT state, count(*) AS n FROM (
        SELECT CASE WHEN accepted_at IS NOT NULL THEN 'accepted'
          WHEN ended_at IS NOT NULL THEN 'ended'
          WHEN expires_at <= ${filter.atMs} THEN 'expired' ELSE 'open' END AS state
        FROM invitations i WHERE ${this.#where(filter)}) AS states
      GROUP BY state`.execute(this.#reads);
    const found = new Map(rows.map(({ state, n }) => [state, Number(n)]));
    const count = (state: InvitationState) => found.get(state) ?? 0;
    return {
      open: count('open'),
      expired: count('expired'),
      ended: count('ended'),
      accepted: count('accepted'),
    };
  }

  /**
   * Ends invitations that nobody has come by; their names are free again.
   * @returns how many ended; with none of them, nothing is logged
   */
  end(ids: readonly string[], entryOf: (ended: number) => AuditEntry): Promise<number> {
    return this.#change(ids, { entryOf, isEnd: true }, (transaction, some, atMs) =>
      sql<{ id: string }>`UPDATE invitations SET ended_at = ${atMs}
        WHERE id IN (${sql.join(some)}) AND ${isFree(atMs)} RETURNING id`.execute(transaction),
    );
  }

  /**
   * Gives invitations that nobody has come by another end, and new hashes: those of the present
   * secret key.
   * @returns how many were extended
   */
  extend(
    ids: readonly string[],
    change: {
      readonly expiresAtMs: number;
      readonly hashesOf: (id: string) => { readonly codeHash: string; readonly mailHash: string };
    },
    entryOf: (extended: number) => AuditEntry,
  ): Promise<number> {
    return this.#change(ids, { entryOf, isEnd: false }, (transaction, some, atMs) => {
      const rows = some.map((id) => {
        const { codeHash, mailHash } = change.hashesOf(id);
        return sql`(CAST(${id} AS text), CAST(${codeHash} AS text), CAST(${mailHash} AS text))`;
      });
      return sql<{ id: string }>`UPDATE invitations SET code_hash = h.column2,
          mail_hash = h.column3, expires_at = ${change.expiresAtMs}, last_invited_at = ${atMs}
        FROM (SELECT column1, column2, column3 FROM (VALUES ${sql.join(rows)}) AS rows) AS h
        WHERE id = h.column1 AND ${isFree(atMs)} RETURNING id`.execute(transaction);
    });
  }

  /**
   * Writes the mails of invitations that are open.
   * @returns how many there are
   */
  send(
    invitations: readonly Invitation[],
    of: {
      readonly mailOf: (invitation: Invitation) => UserNotice;
      readonly entryOf: (sent: number) => AuditEntry;
    },
  ): Promise<number> {
    const byId = new Map(invitations.map((it) => [it.id, it]));
    const change = { entryOf: of.entryOf, isEnd: false };
    return this.#change([...byId.keys()], change, async (transaction, some, atMs) => {
      const changed = await sql<{ id: string }>`UPDATE invitations SET last_invited_at = ${atMs}
        WHERE id IN (${sql.join(some)}) AND expires_at > ${atMs} AND ${isFree(atMs)}
        RETURNING id`.execute(transaction);
      const mailed = changed.rows.flatMap(({ id }) => byId.get(id) ?? []);
      await addNotices(transaction, mailed.map(of.mailOf));
      return changed;
    });
  }

  async #change(
    ids: readonly string[],
    { entryOf, isEnd }: { entryOf: (changed: number) => AuditEntry; isEnd: boolean },
    update: (
      transaction: Transaction<Database>,
      some: readonly string[],
      atMs: number,
    ) => Promise<{ readonly rows: readonly { readonly id: string }[] }>,
  ): Promise<number> {
    const sorted = [...new Set(ids)].toSorted();
    return this.#db.transaction().execute(async (transaction) => {
      let changed = 0;
      for (let from = 0; from < sorted.length; from += CHANGED_AT_ONCE) {
        await nextTurn();
        const some = sorted.slice(from, from + CHANGED_AT_ONCE);
        const { rows } = await update(transaction, some, entryOf(0).atMs);
        changed += rows.length;
        if (!isEnd || rows.length === 0) continue;
        const ended = rows.map(({ id }) => id);
        await transaction.deleteFrom('username_keys').where('invitation_id', 'in', ended).execute();
      }
      if (changed > 0) await addToAuditLog(transaction, entryOf(changed));
      return changed;
    });
  }

  /**
   * Forgets invitations that were accepted, ended or over before a moment; the names that were kept
   * for them are free again.
   * @returns how many; not all, if there are many
   */
  forget(beforeMs: number, limit: number): Promise<number> {
    return this.#db.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ id: string }>`SELECT id FROM invitations
        WHERE coalesce(accepted_at, ended_at, expires_at) < ${beforeMs}
          AND (accepted_at IS NULL OR completed_at IS NOT NULL)
        ORDER BY id LIMIT ${limit}`.execute(transaction);
      const ids = rows.map(({ id }) => id);
      if (ids.length === 0) return 0;
      await transaction.deleteFrom('username_keys').where('invitation_id', 'in', ids).execute();
      await transaction.deleteFrom('invitation_groups').where('invitation_id', 'in', ids).execute();
      await transaction.deleteFrom('invitations').where('id', 'in', ids).execute();
      return ids.length;
    });
  }

  #where({ state, batchId, groupId, ids, search, atMs }: InvitationFilter): RawBuilder<unknown> {
    const conditions = [sql`1 = 1`];
    if (batchId !== undefined) conditions.push(sql`i.batch_id = ${batchId}`);
    if (ids !== undefined) {
      conditions.push(ids.length === 0 ? sql`1 = 0` : sql`i.id IN (${sql.join(ids)})`);
    }
    if (groupId !== undefined) {
      conditions.push(sql`EXISTS (SELECT 1 FROM invitation_groups g
        WHERE g.invitation_id = i.id AND g.group_id = ${groupId})`);
    }
    if (search !== undefined) {
      const columns = ['i.name', 'i.username', 'i.email'];
      const found = columns.map((it) => sql`coalesce(${this.#matching(it, search)}, false)`);
      conditions.push(sql`(${sql.join(found, sql` OR `)})`);
    }
    if (state === 'accepted') conditions.push(sql`i.accepted_at IS NOT NULL`);
    else if (state === 'ended') conditions.push(sql`i.ended_at IS NOT NULL`);
    else if (state !== undefined) {
      const over = state === 'open' ? sql`i.expires_at > ${atMs}` : sql`i.expires_at <= ${atMs}`;
      conditions.push(sql`i.accepted_at IS NULL AND i.ended_at IS NULL AND ${over}`);
    }
    return sql.join(conditions, sql` AND `);
  }
}

/** Invitations of a condition, in the order of lists. */
export async function selectInvitations(
  db: Kysely<Database>,
  where: RawBuilder<unknown>,
  limit: number,
): Promise<Invitation[]> {
  const { rows } = await sql<FoundRow>`SELECT i.*, p.name AS plan_name,
      u.username AS account_name
    FROM invitations i LEFT JOIN plans p ON p.id = i.plan_id
    LEFT JOIN users u ON u.id = i.user_id AND i.accepted_at IS NOT NULL
    WHERE ${where} ORDER BY i.batch_id DESC, i.number LIMIT ${limit}`.execute(db);
  const groups = await groupsOf(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => invitationOf(row, groups.get(row.id) ?? []));
}

/** In the order of lists. */
function isAfter(after: InvitationCursor | undefined): RawBuilder<unknown> {
  if (!after) return sql`1 = 1`;
  const { batchId, number } = after;
  return sql`(i.batch_id < ${batchId} OR (i.batch_id = ${batchId} AND i.number > ${number}))`;
}

/** What has become of an invitation by now. */
export function stateOf(
  { acceptedAtMs, endedAtMs, expiresAtMs }: Invitation,
  atMs: number,
): InvitationState {
  if (acceptedAtMs !== undefined) return 'accepted';
  if (endedAtMs !== undefined) return 'ended';
  return expiresAtMs <= atMs ? 'expired' : 'open';
}

/** Nobody has come by it, and nobody is about to. */
export function isFree(atMs: number): RawBuilder<unknown> {
  return sql`accepted_at IS NULL AND ended_at IS NULL AND (user_id IS NULL
    OR (abs(claimed_at - ${atMs}) > ${OPENING_MS}
      AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = invitations.user_id)))`;
}

async function groupsOf(db: Kysely<Database>, ids: readonly string[]) {
  const groups = new Map<string, { id: string; name: string }[]>();
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const rows = await db
      .selectFrom('invitation_groups as i')
      .innerJoin('groups as g', 'g.id', 'i.group_id')
      .select(['i.invitation_id', 'g.id', 'g.name'])
      .where('i.invitation_id', 'in', ids.slice(from, from + IDS_AT_ONCE))
      .orderBy('g.name')
      .execute();
    for (const { invitation_id: of, id, name } of rows) {
      groups.set(of, [...(groups.get(of) ?? []), { id, name }]);
    }
  }
  return groups;
}

function invitationOf(row: FoundRow, groups: Invitation['groups']): Invitation {
  return {
    id: row.id,
    batchId: row.batch_id,
    number: row.number,
    name: row.name,
    username: row.username ?? undefined,
    email: row.email ?? undefined,
    planId: row.plan_id ?? undefined,
    planName: row.plan_name ?? undefined,
    credits: row.credits,
    groups,
    invitedBy: row.invited_by as Actor,
    createdAtMs: row.created_at,
    lastInvitedAtMs: row.last_invited_at,
    expiresAtMs: row.expires_at,
    endedAtMs: row.ended_at ?? undefined,
    acceptedAtMs: row.accepted_at ?? undefined,
    userId: row.user_id ?? undefined,
    accountName: row.account_name ?? undefined,
    codeHash: row.code_hash,
    grantId: row.grant_id ?? undefined,
  };
}

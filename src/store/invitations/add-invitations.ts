/** Adds invitations that are made together: all or nothing. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { UserNotice } from '../../core/notices.ts';
import { usernameKey } from '../../core/usernames.ts';
import { emailKey } from '../accounts/emails.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';
import { type Group, GroupNotAdded, insertGroup } from '../groups/groups.ts';
import { addNotices } from '../notices/notices.ts';
import type { Invitation, InvitationStore } from './invitations.ts';

/** A new invitation; its groups exist, or are added with it. */
export type NewInvitation = Pick<
  Invitation,
  'id' | 'number' | 'name' | 'username' | 'email' | 'planId' | 'credits' | 'codeHash'
> & { readonly mailHash: string; readonly groupIds: readonly string[] };

/** Invitations that are made together. */
export interface NewInvitationBatch {
  readonly id: string;
  readonly invitedBy: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
  readonly invitations: readonly NewInvitation[];
  readonly newGroups: readonly { readonly group: Group; readonly entry: AuditEntry }[];
  readonly entry: AuditEntry;
  /** Of those who have an address, if they are mailed. */
  readonly mails: readonly UserNotice[];
}

/** A name, or a group of the same name, was taken meanwhile; rolls the transaction back. */
class TakenMeanwhile extends Error {}

/** Both databases limit the parameters of a statement; a row has 14. */
const ROWS_AT_ONCE = 100;
/** As that of `UsernameClaims`. */
const OPENING_MS = 60_000;

/**
 * Adds a batch with all of its invitations, its new groups, the names that are kept, and what else
 * belongs to it.
 * @returns `there` if the batch was added before; `taken` if a name was taken meanwhile. Nothing
 *   was added unless it is `added`
 */
export async function addInvitations(
  store: InvitationStore,
  batch: NewInvitationBatch,
): Promise<'added' | 'there' | 'taken'> {
  try {
    await store.transaction(async (transaction) => {
      for (const { group, entry } of batch.newGroups) await insertGroup(transaction, group, entry);
      for (let from = 0; from < batch.invitations.length; from += ROWS_AT_ONCE) {
        // Other requests have their turn, also where the database answers at once.
        await nextTurn();
        await insertSome(transaction, batch, batch.invitations.slice(from, from + ROWS_AT_ONCE));
      }
      await keepNames(transaction, batch);
      await addToAuditLog(transaction, batch.entry);
      for (let from = 0; from < batch.mails.length; from += ROWS_AT_ONCE) {
        await nextTurn();
        await addNotices(transaction, batch.mails.slice(from, from + ROWS_AT_ONCE));
      }
    });
    return 'added';
  } catch (error) {
    // Somebody has sent the same batch, and this attempt waited for the other one.
    if ((await store.sizeOf(batch.id)) > 0) return 'there';
    if (error instanceof TakenMeanwhile || error instanceof GroupNotAdded) return 'taken';
    throw error;
  }
}

async function insertSome(
  transaction: Transaction<Database>,
  { id: batchId, invitedBy, atMs, expiresAtMs }: NewInvitationBatch,
  some: readonly NewInvitation[],
): Promise<void> {
  const rows = some.map((it) => ({
    id: it.id,
    batch_id: batchId,
    number: it.number,
    name: it.name,
    username: it.username ?? null,
    email: it.email ?? null,
    email_key: it.email === undefined ? null : emailKey(it.email),
    plan_id: it.planId ?? null,
    credits: it.credits,
    code_hash: it.codeHash,
    mail_hash: it.mailHash,
    invited_by: invitedBy,
    created_at: atMs,
    last_invited_at: atMs,
    expires_at: expiresAtMs,
  }));
  await transaction.insertInto('invitations').values(rows).execute();
  const groups = some.flatMap(({ id, groupIds }) =>
    groupIds.map((groupId) => ({ invitation_id: id, group_id: groupId })),
  );
  for (let from = 0; from < groups.length; from += ROWS_AT_ONCE) {
    const rowsOfGroups = groups.slice(from, from + ROWS_AT_ONCE);
    await transaction.insertInto('invitation_groups').values(rowsOfGroups).execute();
  }
}

/** Keeps the names of accounts to come, as if the accounts were there. */
async function keepNames(
  transaction: Transaction<Database>,
  { invitations, atMs }: NewInvitationBatch,
): Promise<void> {
  // In the order of keys, so that two batches cannot deadlock.
  const names = invitations
    .flatMap(({ id, username }) =>
      username === undefined ? [] : [{ key: usernameKey(username), username, id }],
    )
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  for (let from = 0; from < names.length; from += ROWS_AT_ONCE) {
    await nextTurn();
    const some = names.slice(from, from + ROWS_AT_ONCE);
    const rows = some.map(({ key, username, id }) => sql`(${key}, ${username}, ${atMs}, ${id})`);
    // A claim whose account was never opened is up for others, as everywhere.
    const { numAffectedRows } = await sql`INSERT INTO username_keys
        (key, username, claimed_at, invitation_id) VALUES ${sql.join(rows)}
      ON CONFLICT (key) DO UPDATE SET username = excluded.username,
        claimed_at = excluded.claimed_at, invitation_id = excluded.invitation_id
      WHERE username_keys.invitation_id IS NULL
        AND abs(username_keys.claimed_at - excluded.claimed_at) >= ${OPENING_MS}
        AND NOT EXISTS (SELECT 1 FROM users WHERE users.username = username_keys.username)`.execute(
      transaction,
    );
    if (Number(numAffectedRows ?? 0n) !== some.length) throw new TakenMeanwhile();
  }
}

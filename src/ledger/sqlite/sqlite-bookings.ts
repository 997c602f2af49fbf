/** Opening accounts, grants, adjustments and refunds on SQLite. */
import { MAX_CREDITS } from '../../core/credits.ts';
import type {
  DistributeCommand,
  DistributeResult,
  DistributionEntry,
  GrantCommand,
  GrantResult,
  OpenCommand,
  OpenResult,
  RefundCommand,
  RefundResult,
  RefusedEntry,
} from '../../core/ledger.ts';
import { type KeyedCommand, keyScope } from '../../core/ledger-order.ts';
import { noteAudit } from './sqlite-audit.ts';
import {
  type AccountRow,
  type BookedRow,
  first,
  type KeyRow,
  type SqliteStatements,
  type TransferRow,
} from './sqlite-statements.ts';

/** Carries out `open`: the user, the account and the opening grant. */
export function openAccount(statements: SqliteStatements, command: OpenCommand): OpenResult {
  const { accountId, user, openingTransferId, openingCredits: credits, atMs } = command;
  const owner = first<{ id: number }>(statements.ownerOfName, user.username)?.id;
  const withKey = madeWithKey(statements, command);
  if (withKey) {
    const isSame = owner !== undefined && String(owner) === withKey.made_id;
    return isSame ? { outcome: 'opened', accountId: owner } : { outcome: 'key_reused' };
  }
  if (owner === accountId) return { outcome: 'opened', accountId };
  if (owner !== undefined) return { outcome: 'username_taken' };
  if (first(statements.readAccount, accountId) || isIdTaken(statements, openingTransferId)) {
    return { outcome: 'id_taken' };
  }
  const { username, passwordHash, isStaff, isSuperuser } = user;
  const flags = [isStaff ? 1 : 0, isSuperuser ? 1 : 0] as const;
  statements.insertUser.run(accountId, username, passwordHash, ...flags, atMs);
  statements.insertAccount.run(accountId);
  if (credits > 0) {
    const booking = { actor: 'system', reason: 'Opening balance', refundOf: null, atMs };
    book(statements, { id: openingTransferId, accountId, kind: 'grant', credits, ...booking });
  }
  keepKey(statements, command, String(accountId));
  noteAudit(statements, command.audit);
  return { outcome: 'opened', accountId };
}

/** Carries out `grant`: a grant or, with negative credits, an adjustment. */
export function grant(statements: SqliteStatements, command: GrantCommand): GrantResult {
  const { transferId, accountId, credits } = command;
  const withKey = madeWithKey(statements, command);
  if (withKey) {
    if (withKey.body_hash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
    return granted(statements, withKey.made_id);
  }
  const earlier = first<TransferRow>(statements.readTransfer, transferId);
  if (earlier?.account_id === accountId && earlier.credits === credits) {
    const isGrant = earlier.kind === 'grant' || earlier.kind === 'adjustment';
    return isGrant ? granted(statements, transferId) : { outcome: 'id_taken' };
  }
  if (isIdTaken(statements, transferId)) return { outcome: 'id_taken' };
  const isBooked = bookShare(statements, { transferId, accountId, credits }, command);
  if (!isBooked) return refusedGrant(statements, command);
  keepKey(statements, command, transferId);
  noteAudit(statements, command.audit);
  return granted(statements, transferId);
}

/** Books a grant or an adjustment; false if the balance does not allow it. */
function bookShare(
  statements: SqliteStatements,
  { transferId: id, accountId, credits }: DistributionEntry,
  { actor, reason, atMs }: GrantCommand | DistributeCommand,
): boolean {
  const kind = credits > 0 ? 'grant' : 'adjustment';
  return book(statements, { id, accountId, kind, credits, actor, reason, refundOf: null, atMs });
}

/** Carries out `distribute`: grants and adjustments, all of them or none. */
export function distribute(
  statements: SqliteStatements,
  command: DistributeCommand,
): DistributeResult {
  const { entries } = command;
  const [{ transferId, accountId, credits }] = entries as [
    DistributionEntry,
    ...DistributionEntry[],
  ];
  const withKey = madeWithKey(statements, command);
  if (withKey) {
    if (withKey.body_hash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
    return { outcome: 'distributed', transferId: withKey.made_id };
  }
  const earlier = first<TransferRow>(statements.readTransfer, transferId);
  if (earlier?.account_id === accountId && earlier.credits === credits) {
    const isGrant = earlier.kind === 'grant' || earlier.kind === 'adjustment';
    return isGrant ? { outcome: 'distributed', transferId } : { outcome: 'id_taken' };
  }
  if (entries.some((it) => isIdTaken(statements, it.transferId))) return { outcome: 'id_taken' };
  // Nothing comes between these checks and the bookings: a batch runs without a pause.
  const refusals = entries.flatMap((entry) => refusalOf(statements, entry));
  if (refusals.length > 0) return { outcome: 'refused', refusals };
  for (const entry of entries) {
    if (!bookShare(statements, entry, command)) {
      throw new Error(`The balance of account ${entry.accountId} changed inside a transaction.`);
    }
  }
  keepKey(statements, command, transferId);
  noteAudit(statements, command.audit);
  return { outcome: 'distributed', transferId };
}

function refusalOf(
  statements: SqliteStatements,
  { accountId, credits }: DistributionEntry,
): RefusedEntry[] {
  const account = first<AccountRow>(statements.readAccount, accountId);
  if (!account) return [{ accountId, outcome: 'account_unknown' }];
  if (account.posted + credits > MAX_CREDITS) return [{ accountId, outcome: 'balance_limit' }];
  if (account.posted - account.held + credits >= 0) return [];
  return [{ accountId, outcome: 'insufficient_credits' }];
}

function granted(statements: SqliteStatements, transferId: string): GrantResult {
  const row = first<TransferRow>(statements.readTransfer, transferId) as TransferRow;
  return { outcome: 'granted', transferId, balanceCredits: row.balance_after };
}

function refusedGrant(statements: SqliteStatements, command: GrantCommand): GrantResult {
  const account = first<AccountRow>(statements.readAccount, command.accountId);
  if (!account) return { outcome: 'account_unknown' };
  if (command.credits > 0) return { outcome: 'balance_limit' };
  return { outcome: 'insufficient_credits', availableCredits: account.posted - account.held };
}

/** Carries out `refund`: gives back what a charge took, once. */
export function refund(statements: SqliteStatements, command: RefundCommand): RefundResult {
  const { transferId, chargeId, actor, reason, atMs } = command;
  const earlier = first<TransferRow>(statements.readTransfer, transferId);
  if (earlier?.refund_of === chargeId) return refunded(earlier);
  if (isIdTaken(statements, transferId)) return { outcome: 'id_taken' };
  const charge = first<TransferRow>(statements.readTransfer, chargeId);
  if (!charge) return { outcome: 'transfer_unknown' };
  if (charge.kind !== 'charge' || charge.credits === 0) return { outcome: 'not_refundable' };
  if (first(statements.readRefundOf, chargeId)) return { outcome: 'refunded_already' };
  const accountId = charge.account_id;
  const credits = 0 - charge.credits;
  const booking = { actor, reason, refundOf: chargeId, atMs };
  if (!book(statements, { id: transferId, accountId, kind: 'refund', credits, ...booking })) {
    return { outcome: 'balance_limit' };
  }
  noteAudit(statements, command.audit);
  return refunded(first<TransferRow>(statements.readTransfer, transferId) as TransferRow);
}

function refunded(row: TransferRow): RefundResult {
  const { account_id: accountId, credits, balance_after: balanceCredits } = row;
  return { outcome: 'refunded', accountId, credits, balanceCredits };
}

interface Booking {
  readonly id: string;
  readonly accountId: number;
  readonly kind: string;
  readonly credits: number;
  readonly actor: string;
  readonly reason: string;
  readonly refundOf: string | null;
  readonly atMs: number;
}

/** Books a transfer that is no charge; false if the balance does not allow it. */
function book(statements: SqliteStatements, booking: Booking): boolean {
  const { id, accountId, kind, credits, actor, reason, refundOf, atMs } = booking;
  const booked = first<BookedRow>(statements.addPosted, credits, accountId, MAX_CREDITS);
  if (!booked) return false;
  const { number, posted } = booked;
  const why = [actor, reason, refundOf] as const;
  statements.insertTransfer.run(id, accountId, number, kind, credits, posted, ...why, atMs);
  return true;
}

/** Generations and transfers share one space of ids, since a charge has its generation's. */
export function isIdTaken(statements: SqliteStatements, id: string): boolean {
  return Boolean(first(statements.readTransfer, id) ?? first(statements.readHold, id));
}

/** What an earlier request with the same key made, if there was one. */
export function madeWithKey(
  statements: SqliteStatements,
  command: KeyedCommand,
): KeyRow | undefined {
  const { idempotency } = command;
  if (!idempotency) return undefined;
  return first<KeyRow>(statements.readKey, keyScope(command), idempotency.key);
}

/** Notes what this request made under its key, if it has one. */
export function keepKey(statements: SqliteStatements, command: KeyedCommand, madeId: string): void {
  const { idempotency, atMs } = command;
  if (!idempotency) return;
  const { key, bodyHash } = idempotency;
  statements.insertKey.run(keyScope(command), key, bodyHash, madeId, atMs);
}

/** Opens accounts and books grants, adjustments and refunds on SQLite. */
import { MAX_CREDITS } from '../../core/credits.ts';
import type {
  Audited,
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
  TransferKind,
} from '../../core/ledger.ts';
import { type KeyedCommand, keyScope } from '../../core/ledger-order.ts';
import {
  type AccountRow,
  type BookedRow,
  first,
  type KeyRow,
  type SqliteStatements,
  type TransferRow,
} from './statements.ts';

/** Carries out `open`: the user, the account and the opening grant. */
export function openAccount(statements: SqliteStatements, command: OpenCommand): OpenResult {
  const { accountId, user, openingTransferId, openingCredits: credits, atMs } = command;
  const owner = first<{ id: number }>(statements.ownerOfName, user.username)?.id;
  const keyed = madeWithKey(statements, command);
  if (keyed) {
    const isSame = owner !== undefined && String(owner) === keyed.made_id;
    return isSame ? { outcome: 'opened', accountId: owner } : { outcome: 'key_reused' };
  }
  if (owner === accountId) return { outcome: 'opened', accountId };
  if (owner !== undefined) return { outcome: 'username_taken' };
  if (first(statements.readAccount, accountId) || isIdTaken(statements, openingTransferId)) {
    return { outcome: 'id_taken' };
  }
  statements.insertUser.run(
    accountId,
    user.username,
    user.passwordHash,
    user.isStaff ? 1 : 0,
    user.isSuperuser ? 1 : 0,
    atMs,
  );
  statements.insertAccount.run(accountId);
  if (credits > 0) {
    book(statements, {
      id: openingTransferId,
      accountId,
      kind: 'grant',
      credits,
      actor: 'system',
      reason: 'Opening balance',
      atMs,
    });
  }
  keepKey(statements, command, String(accountId));
  writeAudit(statements, command.audit);
  return { outcome: 'opened', accountId };
}

/** Carries out `grant`: a grant or, with negative credits, an adjustment. */
export function grant(statements: SqliteStatements, command: GrantCommand): GrantResult {
  const { transferId, accountId, credits } = command;
  const keyed = madeWithKey(statements, command);
  if (keyed) {
    if (keyed.body_hash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
    return granted(statements, keyed.made_id);
  }
  const earlier = first<TransferRow>(statements.readTransfer, transferId);
  if (earlier?.account_id === accountId && earlier.credits === credits) {
    const isGrant = earlier.kind === 'grant' || earlier.kind === 'adjustment';
    return isGrant ? granted(statements, transferId) : { outcome: 'id_taken' };
  }
  if (isIdTaken(statements, transferId)) return { outcome: 'id_taken' };
  const isBooked = bookEntry(statements, { transferId, accountId, credits }, command);
  if (!isBooked) return refusedGrant(statements, command);
  keepKey(statements, command, transferId);
  writeAudit(statements, command.audit);
  return granted(statements, transferId);
}

/** Books a grant or an adjustment; false if the balance does not allow it. */
function bookEntry(
  statements: SqliteStatements,
  { transferId: id, accountId, credits }: DistributionEntry,
  { actor, reason, atMs }: GrantCommand | DistributeCommand,
): boolean {
  const kind = credits > 0 ? 'grant' : 'adjustment';
  return book(statements, { id, accountId, kind, credits, actor, reason, atMs });
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
  const keyed = madeWithKey(statements, command);
  if (keyed) {
    if (keyed.body_hash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
    return { outcome: 'distributed', transferId: keyed.made_id };
  }
  const earlier = first<TransferRow>(statements.readTransfer, transferId);
  if (earlier?.account_id === accountId && earlier.credits === credits) {
    const isGrant = earlier.kind === 'grant' || earlier.kind === 'adjustment';
    return isGrant ? { outcome: 'distributed', transferId } : { outcome: 'id_taken' };
  }
  if (entries.some((it) => isIdTaken(statements, it.transferId))) return { outcome: 'id_taken' };
  // The batch is synchronous, so the balances cannot change between these checks and the bookings.
  const refusals = entries.flatMap((entry) => refusalOf(statements, entry));
  if (refusals.length > 0) return { outcome: 'refused', refusals };
  for (const entry of entries) {
    if (!bookEntry(statements, entry, command)) {
      throw new Error(`The balance of account ${entry.accountId} changed inside a transaction.`);
    }
  }
  keepKey(statements, command, transferId);
  writeAudit(statements, command.audit);
  return { outcome: 'distributed', transferId };
}

function refusalOf(
  statements: SqliteStatements,
  { accountId, credits, takesOnlyLasting }: DistributionEntry,
): RefusedEntry[] {
  const account = first<AccountRow>(statements.readAccount, accountId);
  if (!account) return [{ accountId, outcome: 'account_unknown' }];
  if (account.posted + credits > MAX_CREDITS) return [{ accountId, outcome: 'balance_limit' }];
  const { posted, held, expiring } = account;
  const kept = takesOnlyLasting ? Math.max(held, expiring) : held;
  if (posted - kept + credits >= 0) return [];
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
  const isBooked = book(statements, {
    id: transferId,
    accountId,
    kind: 'refund',
    credits,
    actor,
    reason,
    refundOf: chargeId,
    atMs,
  });
  if (!isBooked) return { outcome: 'balance_limit' };
  writeAudit(statements, command.audit);
  return refunded(first<TransferRow>(statements.readTransfer, transferId) as TransferRow);
}

function refunded(row: TransferRow): RefundResult {
  return {
    outcome: 'refunded',
    accountId: row.account_id,
    credits: row.credits,
    balanceCredits: row.balance_after,
  };
}

/** A transfer other than a charge. */
export interface Booking {
  readonly id: string;
  readonly accountId: number;
  readonly kind: Exclude<TransferKind, 'charge'>;
  readonly credits: number;
  readonly actor: string;
  readonly reason: string;
  readonly refundOf?: string;
  readonly atMs: number;
}

/** Books a transfer other than a charge; false if the balance does not allow it. */
export function book(statements: SqliteStatements, booking: Booking): boolean {
  const { id, accountId, kind, credits, actor, reason, refundOf = null, atMs } = booking;
  const isOfAllowance = kind === 'allowance' || kind === 'expiry';
  const add = isOfAllowance ? statements.addExpiring : statements.addPosted;
  const booked = first<BookedRow>(add, credits, accountId, MAX_CREDITS);
  if (!booked) return false;
  const { number, posted, expiring } = booked;
  statements.insertTransfer.run(
    id,
    accountId,
    number,
    kind,
    credits,
    posted,
    expiring,
    actor,
    reason,
    refundOf,
    atMs,
  );
  return true;
}

/** Writes audit events, in the transaction of the action that they record. */
export function writeAudit(statements: SqliteStatements, events: Audited): void {
  for (const { id, atMs, actor, address, action, target, reason, before, after } of events ?? []) {
    statements.insertAudit.run(
      id,
      atMs,
      actor,
      address ?? null,
      action,
      target,
      reason ?? null,
      before === undefined ? null : JSON.stringify(before),
      after === undefined ? null : JSON.stringify(after),
    );
  }
}

/** Generations and transfers share one space of ids, since a charge has its generation's. */
export function isIdTaken(statements: SqliteStatements, id: string): boolean {
  return Boolean(first(statements.readTransfer, id) ?? first(statements.readHold, id));
}

/** What an earlier request with the same idempotency key created, if there was one. */
export function madeWithKey(
  statements: SqliteStatements,
  command: KeyedCommand,
): KeyRow | undefined {
  const { idempotency } = command;
  if (!idempotency) return undefined;
  return first<KeyRow>(statements.readKey, keyScope(command), idempotency.key);
}

/** Records what this request created under its idempotency key, if it has one. */
export function keepKey(statements: SqliteStatements, command: KeyedCommand, madeId: string): void {
  const { idempotency, atMs } = command;
  if (!idempotency) return;
  const { key, bodyHash } = idempotency;
  statements.insertKey.run(keyScope(command), key, bodyHash, madeId, atMs);
}

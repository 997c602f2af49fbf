/** Opens, journals, settles and releases holds on SQLite. */
import type {
  AccountId,
  EndResult,
  HoldCommand,
  HoldResult,
  JournalCommand,
  JournalResult,
  ReleaseCommand,
  SettleCommand,
} from '../../core/ledger.ts';
import { priceText } from '../price-text.ts';
import { usageColumns } from '../usage-columns.ts';
import { isIdTaken, keepKey, madeWithKey } from './bookings.ts';
import { giveBack, roomFor, takeRoom } from './room.ts';
import {
  type BeforeHoldRow,
  type BookedRow,
  type EndedHoldRow,
  type EndedMessageRow,
  first,
  type HoldRow,
  type SqliteStatements,
  type TransferRow,
} from './statements.ts';

/** Carries out `hold`. */
export function hold(statements: SqliteStatements, command: HoldCommand): HoldResult {
  const { generationId, accountId, conversationId } = command;
  const keyResult = resultOfUsedKey(statements, command);
  if (keyResult) return keyResult;
  if (
    conversationId !== undefined &&
    !first(statements.readConversation, conversationId, accountId)
  ) {
    const refusal = refusalOf(statements, command);
    const isForLater = !refusal || refusal.outcome === 'api_key_unknown';
    return isForLater ? { outcome: 'conversation_unknown' } : refusal;
  }
  const mayBeSimple = command.apiKeyId === undefined && command.payers === undefined;
  const simple = mayBeSimple ? holdOnBalance(statements, command) : undefined;
  const opened = simple ?? holdWithLimits(statements, command);
  if ('outcome' in opened) return opened;
  insertMessage(statements, command);
  keepKey(statements, command, generationId);
  return heldBy(opened, accountId);
}

/** A hold that was opened, with the account that pays. */
interface OpenedHold {
  readonly payerId: AccountId;
  readonly credits: number;
}

/** Opens a hold where only the balance counts; undefined if it does not suffice or more counts. */
function holdOnBalance(statements: SqliteStatements, command: HoldCommand): OpenedHold | undefined {
  const { accountId } = command;
  const opened = first<{ credits: number }>(
    statements.insertHold,
    command.generationId,
    accountId,
    command.mostCredits,
    command.leastCredits,
    command.leaseId,
    command.model,
    priceText(command.price),
    command.inputTokens,
    command.idempotency?.key ?? null,
    command.atMs,
  );
  if (!opened) return undefined;
  addHeld(statements, opened.credits, accountId);
  return { payerId: accountId, credits: opened.credits };
}

function holdWithLimits(
  statements: SqliteStatements,
  command: HoldCommand,
): OpenedHold | HoldResult {
  const { generationId, accountId, apiKeyId } = command;
  const refusal = refusalOf(statements, command);
  if (refusal) return refusal;
  const room = roomFor(statements, command);
  if (!room) return { outcome: 'account_unknown' };
  if ('outcome' in room) return room;
  const { payerId, credits } = room;
  addHeld(statements, credits, payerId);
  const budgets = takeRoom(statements, room.budgets, credits);
  statements.insertLimitedHold.run(
    generationId,
    payerId,
    credits,
    command.leaseId,
    command.model,
    priceText(command.price),
    command.inputTokens,
    command.idempotency?.key ?? null,
    command.atMs,
    accountId,
    apiKeyId ?? null,
    budgets,
  );
  return { payerId, credits };
}

function heldBy({ payerId, credits }: OpenedHold, userId: AccountId): HoldResult {
  const payer = payerId === userId ? {} : { payerId };
  return { outcome: 'held', heldCredits: credits, ...payer };
}

function addHeld(statements: SqliteStatements, credits: number, accountId: AccountId): void {
  if (statements.addHeld.run(credits, accountId).changes !== 1) {
    throw new Error(`The balance of account ${accountId} changed inside a transaction.`);
  }
}

function insertMessage(statements: SqliteStatements, command: HoldCommand): void {
  statements.insertMessage.run(
    command.generationId,
    command.accountId,
    command.model,
    command.content,
    command.atMs,
    command.conversationId ?? null,
    command.parentId ?? null,
    command.apiKeyId === undefined ? 0 : 1,
  );
}

/** The result of a hold whose idempotency key another generation has used; else undefined. */
function resultOfUsedKey(
  statements: SqliteStatements,
  command: HoldCommand,
): HoldResult | undefined {
  const keyed = madeWithKey(statements, command);
  if (!keyed || keyed.made_id === command.generationId) return undefined;
  if (keyed.body_hash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
  const made = first<HoldRow>(statements.readHold, keyed.made_id);
  if (made?.state === 'open') return { outcome: 'key_running' };
  return { outcome: 'key_done', generationId: keyed.made_id };
}

/** Why a hold is not opened before its limits are looked at; undefined if it may be. */
function refusalOf(
  statements: SqliteStatements,
  { generationId, accountId, apiKeyId }: HoldCommand,
): HoldResult | undefined {
  const row = first<BeforeHoldRow>(
    statements.readForHold,
    generationId,
    accountId,
    apiKeyId ?? null,
  );
  const { account_id: payerId, credits, state, user_id: userId, ...known } = row as BeforeHoldRow;
  if (payerId !== null && credits !== null && userId === accountId && state !== 'released') {
    return heldBy({ payerId, credits }, accountId);
  }
  if (state !== null || known.is_transfer) return { outcome: 'id_taken' };
  if (!known.is_user_known) return { outcome: 'account_unknown' };
  return known.is_key_known ? undefined : { outcome: 'api_key_unknown' };
}

/** Carries out `journal`. */
export function journal(statements: SqliteStatements, command: JournalCommand): JournalResult {
  const { generationId, accountId, piece, text, nonReplyOutput } = command;
  const stored = first(
    statements.insertPiece,
    generationId,
    accountId,
    piece,
    text,
    nonReplyOutput,
  );
  return { outcome: stored ? 'journaled' : 'hold_ended' };
}

/** Carries out `settle`. */
export function settle(statements: SqliteStatements, command: SettleCommand): EndResult {
  const { generationId, accountId, costCredits, charged, usage, atMs } = command;
  const ended = first<EndedHoldRow>(statements.endHold, 'settled', atMs, generationId, accountId);
  if (!ended) return resultOfEnded(statements, generationId, accountId);
  const chargedCredits = Math.min(costCredits, ended.credits);
  const shortfallCredits = costCredits - chargedCredits;
  const payerId = ended.account_id;
  const { posted, expiring, number } = first<BookedRow>(
    statements.charge,
    chargedCredits,
    ended.credits,
    payerId,
  ) as BookedRow;
  const columns = usageColumns(usage, command.unpriced);
  statements.insertCharge.run(
    generationId,
    payerId,
    number,
    0 - chargedCredits,
    posted,
    expiring,
    payerId === accountId ? null : accountId,
    charged?.model ?? ended.model,
    charged ? priceText(charged.price) : ended.price,
    columns.input,
    columns.cachedInput,
    columns.output,
    columns.usage,
    columns.unpriced,
    command.usageSource,
    shortfallCredits,
    atMs,
  );
  giveBack(statements, ended.budgets, ended.credits, chargedCredits);
  if (ended.is_journaled) statements.deletePieces.run(generationId);
  const { reply, thinking, status, failure, response } = command;
  statements.endMessage.run(reply, status, failure ?? null, atMs, generationId);
  if (thinking) {
    const { text, ms, tokens } = thinking;
    statements.storeThinking.run(text, ms ?? null, tokens ?? null, generationId);
  }
  if (response) {
    statements.insertResponse.run(generationId, response.contentType, response.body, atMs);
  }
  return {
    outcome: 'settled',
    chargedCredits,
    shortfallCredits,
    balanceCredits: posted,
    status,
    failure,
  };
}

/** Carries out `release`. */
export function release(statements: SqliteStatements, command: ReleaseCommand): EndResult {
  const { generationId, accountId, atMs } = command;
  const ended = first<EndedHoldRow>(statements.endHold, 'released', atMs, generationId, accountId);
  if (!ended) return releaseUnopened(statements, command);
  statements.subtractHeld.run(ended.credits, ended.account_id);
  giveBack(statements, ended.budgets, ended.credits, 0);
  if (ended.is_journaled) statements.deletePieces.run(generationId);
  statements.endMessage.run(null, 'failed', command.reason, atMs, generationId);
  // Nothing was charged, so the key is free again: a retry runs the request anew.
  const key = ended.idempotency_key;
  if (key !== null) statements.deleteKey.run(`chat:${accountId}`, key);
  return { outcome: 'released', failure: command.reason };
}

/** Records the release of a hold that was never opened, so that it cannot be opened late. */
function releaseUnopened(statements: SqliteStatements, command: ReleaseCommand): EndResult {
  const { generationId, accountId, atMs } = command;
  const isKnown = first(statements.readHold, generationId) !== undefined;
  if (isKnown) return resultOfEnded(statements, generationId, accountId);
  if (!first(statements.readAccount, accountId) || isIdTaken(statements, generationId)) {
    return { outcome: 'hold_unknown' };
  }
  statements.insertReleased.run(generationId, accountId, atMs);
  return { outcome: 'released', failure: undefined };
}

/** The first result of a hold that has ended already. */
function resultOfEnded(
  statements: SqliteStatements,
  generationId: string,
  accountId: AccountId,
): EndResult {
  const earlier = first<HoldRow>(statements.readHold, generationId);
  if (earlier?.user_id !== accountId) return { outcome: 'hold_unknown' };
  const message = first<EndedMessageRow>(statements.readEnd, generationId);
  const failure = message?.failure ?? undefined;
  if (earlier.state === 'released') return { outcome: 'released', failure };
  const charge = first<TransferRow>(statements.readTransfer, generationId) as TransferRow;
  return {
    outcome: 'settled',
    chargedCredits: 0 - charge.credits,
    shortfallCredits: charge.shortfall,
    balanceCredits: charge.balance_after,
    status: message?.status === 'complete' ? 'complete' : 'incomplete',
    failure,
  };
}

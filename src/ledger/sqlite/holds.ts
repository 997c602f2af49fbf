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
import {
  type AccountRow,
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
  const { generationId, accountId, model, apiKeyId, conversationId, atMs } = command;
  const keyResult = resultOfUsedKey(statements, command);
  if (keyResult) return keyResult;
  if (
    conversationId !== undefined &&
    !first(statements.readConversation, conversationId, accountId)
  ) {
    return refusedHold(statements, command, { outcome: 'conversation_unknown' });
  }
  const opened = first<{ credits: number }>(
    apiKeyId === undefined ? statements.insertHold : statements.insertHoldOfApiKey,
    generationId,
    accountId,
    command.mostCredits,
    command.leastCredits,
    command.leaseId,
    model,
    priceText(command.price),
    command.inputTokens,
    command.idempotency?.key ?? null,
    atMs,
    ...(apiKeyId === undefined ? [] : [apiKeyId]),
  );
  if (!opened) return refusedHold(statements, command);
  if (statements.addHeld.run(opened.credits, accountId).changes !== 1) {
    throw new Error(`The balance of account ${accountId} changed inside a transaction.`);
  }
  if (apiKeyId !== undefined) statements.changeApiKey.run(opened.credits, 0, apiKeyId);
  const isRelayed = apiKeyId === undefined ? 0 : 1;
  statements.insertMessage.run(
    generationId,
    accountId,
    model,
    command.content,
    atMs,
    conversationId ?? null,
    command.parentId ?? null,
    isRelayed,
  );
  keepKey(statements, command, generationId);
  return { outcome: 'held', heldCredits: opened.credits };
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

/**
 * Why a hold was not opened, in the order in which the reference ledger checks.
 * @param conversationRefusal the result if only the conversation is missing
 */
function refusedHold(
  statements: SqliteStatements,
  command: HoldCommand,
  conversationRefusal?: HoldResult,
): HoldResult {
  const { generationId, accountId, apiKeyId, leastCredits } = command;
  const earlier = first<HoldRow>(statements.readHold, generationId);
  if (earlier?.account_id === accountId && earlier.state !== 'released') {
    return { outcome: 'held', heldCredits: earlier.credits };
  }
  if (isIdTaken(statements, generationId)) return { outcome: 'id_taken' };
  const account = first<AccountRow>(statements.readPayingAccount, accountId);
  if (!account) return { outcome: 'account_unknown' };
  if (conversationRefusal) return conversationRefusal;
  const availableCredits = account.posted - account.held;
  if (apiKeyId !== undefined) {
    const key = first<{ left: number | null }>(statements.readApiKey, apiKeyId, accountId);
    if (!key) return { outcome: 'api_key_unknown' };
    if (leastCredits <= availableCredits) {
      return { outcome: 'api_key_budget_exceeded', availableCredits: Number(key.left) };
    }
  }
  return { outcome: 'insufficient_credits', availableCredits };
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
  const { posted, number } = first<BookedRow>(
    statements.charge,
    chargedCredits,
    ended.credits,
    accountId,
  ) as BookedRow;
  const columns = usageColumns(usage, command.unpriced);
  statements.insertCharge.run(
    generationId,
    accountId,
    number,
    0 - chargedCredits,
    posted,
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
  if (ended.api_key_id !== null) {
    statements.changeApiKey.run(0 - ended.credits, chargedCredits, ended.api_key_id);
  }
  if (ended.is_journaled) statements.deletePieces.run(generationId);
  const { reply, status, failure, response } = command;
  statements.endMessage.run(reply, status, failure ?? null, atMs, generationId);
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
  statements.subtractHeld.run(ended.credits, accountId);
  if (ended.api_key_id !== null) {
    statements.changeApiKey.run(0 - ended.credits, 0, ended.api_key_id);
  }
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
  statements.insertReleased.run(generationId, accountId, atMs, atMs);
  return { outcome: 'released', failure: undefined };
}

/** The first result of a hold that has ended already. */
function resultOfEnded(
  statements: SqliteStatements,
  generationId: string,
  accountId: AccountId,
): EndResult {
  const earlier = first<HoldRow>(statements.readHold, generationId);
  if (earlier?.account_id !== accountId) return { outcome: 'hold_unknown' };
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

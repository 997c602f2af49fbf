/**
 * The specification of the ledger: in memory, pure, and as plain as possible. Randomised tests run
 * the same commands against this and against every engine and compare results and state after
 * every batch, so a change of behaviour starts here.
 */
import { MAX_CREDITS } from './credits.ts';
import {
  type AccountId,
  availableOf,
  type Command,
  type DistributeCommand,
  type DistributeResult,
  type DistributionEntry,
  type EndResult,
  type GrantCommand,
  type GrantResult,
  type HoldCommand,
  type HoldResult,
  type JournalCommand,
  type JournalResult,
  lastingOf,
  type OpenCommand,
  type OpenResult,
  type RefundCommand,
  type RefundResult,
  type RefusedEntry,
  type ReleaseCommand,
  type Result,
  type SettleCommand,
} from './ledger.ts';
import { ReferenceLimits } from './reference-limits.ts';
import type {
  ReferenceAccount,
  ReferenceHold,
  ReferenceMessage,
  ReferenceTransfer,
} from './reference-state.ts';

/** The ledger in memory. */
export class ReferenceLedger extends ReferenceLimits {
  /** Carries out the commands in order; each sees the effects of those before it. */
  apply(commands: readonly Command[]): Result[] {
    return commands.map((command) => this.#applyOne(command));
  }

  #applyOne(command: Command): Result {
    switch (command.kind) {
      case 'open':
        return this.#open(command);
      case 'grant':
        return this.#grant(command);
      case 'distribute':
        return this.#distribute(command);
      case 'refund':
        return this.#refund(command);
      case 'assign_plan':
        return this.assignPlan(command);
      case 'renew':
        return this.renew(command);
      case 'redeem':
        return this.redeem(command);
      case 'hold':
        return this.#hold(command);
      case 'journal':
        return this.#journal(command);
      case 'settle':
        return this.#end(command);
      case 'release':
        return this.#end(command);
    }
  }

  #open(command: OpenCommand): OpenResult {
    const { accountId, user } = command;
    const earlier = this.madeWithKey(command);
    if (earlier) {
      const owner = this.usernames.get(user.username);
      if (owner === undefined || owner !== earlier.madeId) return { outcome: 'key_reused' };
      return { outcome: 'opened', accountId: owner };
    }
    const owner = this.usernames.get(user.username);
    if (owner === accountId) return { outcome: 'opened', accountId };
    if (owner !== undefined) return { outcome: 'username_taken' };
    if (this.accounts.has(accountId)) return { outcome: 'id_taken' };
    if (this.isIdTaken(command.openingTransferId)) return { outcome: 'id_taken' };
    this.usernames.set(user.username, accountId);
    this.accounts.set(accountId, { postedCredits: 0, heldCredits: 0, expiringCredits: 0 });
    if (command.openingCredits > 0) {
      const credits = command.openingCredits;
      this.book({ id: command.openingTransferId, accountId, kind: 'grant', credits });
    }
    this.keepKey(command, accountId);
    return { outcome: 'opened', accountId };
  }

  #grant(command: GrantCommand): GrantResult {
    const { transferId, accountId, credits } = command;
    const keyed = this.madeWithKey(command);
    if (keyed) {
      if (keyed.bodyHash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
      return this.#granted(String(keyed.madeId));
    }
    const earlier = this.transfers.get(transferId);
    if (earlier?.accountId === accountId && earlier.credits === credits) {
      const isGrant = earlier.kind === 'grant' || earlier.kind === 'adjustment';
      return isGrant ? this.#granted(transferId) : { outcome: 'id_taken' };
    }
    if (this.isIdTaken(transferId)) return { outcome: 'id_taken' };
    const outcome = this.#refusalOf(command);
    if (outcome === 'insufficient_credits') {
      return {
        outcome,
        availableCredits: availableOf(this.accounts.get(accountId) as ReferenceAccount),
      };
    }
    if (outcome) return { outcome };
    this.#bookEntry(command);
    this.keepKey(command, transferId);
    return this.#granted(transferId);
  }

  /** Why these credits cannot be booked to the account; undefined if they can. */
  #refusalOf(entry: DistributionEntry): RefusedEntry['outcome'] | undefined {
    const { accountId, credits, takesOnlyLasting } = entry;
    const account = this.accounts.get(accountId);
    if (!account) return 'account_unknown';
    if (account.postedCredits + credits > MAX_CREDITS) return 'balance_limit';
    const available = takesOnlyLasting ? lastingOf(account) : availableOf(account);
    return available + credits < 0 ? 'insufficient_credits' : undefined;
  }

  #bookEntry({ transferId: id, accountId, credits }: DistributionEntry): void {
    this.book({ id, accountId, kind: credits > 0 ? 'grant' : 'adjustment', credits });
  }

  #distribute(command: DistributeCommand): DistributeResult {
    const { entries } = command;
    const [{ transferId, accountId, credits }] = entries as [
      DistributionEntry,
      ...DistributionEntry[],
    ];
    const keyed = this.madeWithKey(command);
    if (keyed) {
      if (keyed.bodyHash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
      return { outcome: 'distributed', transferId: String(keyed.madeId) };
    }
    const earlier = this.transfers.get(transferId);
    if (earlier?.accountId === accountId && earlier.credits === credits) {
      const isGrant = earlier.kind === 'grant' || earlier.kind === 'adjustment';
      return isGrant ? { outcome: 'distributed', transferId } : { outcome: 'id_taken' };
    }
    if (entries.some((it) => this.isIdTaken(it.transferId))) return { outcome: 'id_taken' };
    const refusals = entries.flatMap((it) => {
      const outcome = this.#refusalOf(it);
      return outcome ? [{ accountId: it.accountId, outcome }] : [];
    });
    if (refusals.length > 0) return { outcome: 'refused', refusals };
    for (const entry of entries) this.#bookEntry(entry);
    this.keepKey(command, transferId);
    return { outcome: 'distributed', transferId };
  }

  #granted(transferId: string): GrantResult {
    const { balanceCredits } = this.transfers.get(transferId) as ReferenceTransfer;
    return { outcome: 'granted', transferId, balanceCredits };
  }

  #refund(command: RefundCommand): RefundResult {
    const { transferId, chargeId } = command;
    const earlier = this.transfers.get(transferId);
    if (earlier?.refundOf === chargeId) return this.#refunded(earlier);
    if (this.isIdTaken(transferId)) return { outcome: 'id_taken' };
    const charge = this.transfers.get(chargeId);
    if (!charge) return { outcome: 'transfer_unknown' };
    if (charge.kind !== 'charge' || charge.credits === 0) return { outcome: 'not_refundable' };
    const isRefunded = [...this.transfers.values()].some(({ refundOf }) => refundOf === chargeId);
    if (isRefunded) return { outcome: 'refunded_already' };
    const { accountId } = charge;
    const credits = 0 - charge.credits;
    const { postedCredits } = this.accounts.get(accountId) as ReferenceAccount;
    if (postedCredits + credits > MAX_CREDITS) return { outcome: 'balance_limit' };
    this.book({ id: transferId, accountId, kind: 'refund', credits, refundOf: chargeId });
    return this.#refunded(this.transfers.get(transferId) as ReferenceTransfer);
  }

  #refunded({ accountId, credits, balanceCredits }: ReferenceTransfer): RefundResult {
    return { outcome: 'refunded', accountId, credits, balanceCredits };
  }

  #hold(command: HoldCommand): HoldResult {
    const { generationId, accountId } = command;
    const keyed = this.madeWithKey(command);
    if (keyed && keyed.madeId !== generationId) {
      if (keyed.bodyHash !== command.idempotency?.bodyHash) return { outcome: 'key_reused' };
      const madeId = String(keyed.madeId);
      const isOpen = this.holds.get(madeId)?.state === 'open';
      return isOpen ? { outcome: 'key_running' } : { outcome: 'key_done', generationId: madeId };
    }
    const earlier = this.holds.get(generationId);
    if (earlier?.userId === accountId && earlier.state !== 'released') return this.#held(earlier);
    if (this.isIdTaken(generationId)) return { outcome: 'id_taken' };
    if (!this.accounts.has(accountId) || this.disabled.has(accountId)) {
      return { outcome: 'account_unknown' };
    }
    const { conversationId, apiKeyId } = command;
    if (conversationId !== undefined && this.conversations.get(conversationId) !== accountId) {
      return { outcome: 'conversation_unknown' };
    }
    if (apiKeyId !== undefined && this.apiKeys.get(apiKeyId) !== accountId) {
      return { outcome: 'api_key_unknown' };
    }
    const room = this.roomFor(command);
    if (!room) return { outcome: 'account_unknown' };
    if ('outcome' in room) return room;
    const { payerId, credits, budgets } = room;
    const payer = this.accounts.get(payerId) as ReferenceAccount;
    this.accounts.set(payerId, { ...payer, heldCredits: payer.heldCredits + credits });
    for (const budget of budgets) this.takeRoom(budget, credits);
    const hold: ReferenceHold = {
      accountId: payerId,
      userId: accountId,
      credits,
      state: 'open',
      key: command.idempotency?.key,
      apiKeyId,
      budgets,
    };
    this.holds.set(generationId, hold);
    this.messages.set(generationId, {
      conversationId,
      status: 'pending',
      reply: null,
      failure: undefined,
    });
    this.keepKey(command, generationId);
    return this.#held(hold);
  }

  #held({ accountId, userId, credits }: ReferenceHold): HoldResult {
    const payer = accountId === userId ? {} : { payerId: accountId };
    return { outcome: 'held', heldCredits: credits, ...payer };
  }

  #journal({
    generationId,
    accountId,
    piece,
    text,
    nonReplyOutput,
  }: JournalCommand): JournalResult {
    const hold = this.holds.get(generationId);
    if (hold?.userId !== accountId || hold.state !== 'open') return { outcome: 'hold_ended' };
    const pieces = this.journal.get(generationId) ?? [];
    pieces[piece] ??= { text, nonReplyOutput };
    this.journal.set(generationId, pieces);
    return { outcome: 'journaled' };
  }

  #end(command: SettleCommand | ReleaseCommand): EndResult {
    const { generationId, accountId } = command;
    const hold = this.holds.get(generationId);
    if (!hold && command.kind === 'release') return this.#releaseUnopened(generationId, accountId);
    if (hold?.userId !== accountId) return { outcome: 'hold_unknown' };
    if (hold.state === 'released') return this.#released(generationId);
    if (hold.state === 'settled') return this.#settled(generationId);

    const payerId = hold.accountId;
    const payer = this.accounts.get(payerId) as ReferenceAccount;
    this.accounts.set(payerId, { ...payer, heldCredits: payer.heldCredits - hold.credits });
    this.journal.delete(generationId);
    if (command.kind === 'release') {
      for (const budget of hold.budgets) this.giveBack(budget, hold.credits, 0);
      this.holds.set(generationId, { ...hold, state: 'released' });
      const { reason: failure } = command;
      this.#endMessage(generationId, { status: 'failed', reply: null, failure });
      if (hold.key !== undefined) this.keys.delete(`chat:${accountId} ${hold.key}`);
      return this.#released(generationId);
    }
    const chargedCredits = Math.min(command.costCredits, hold.credits);
    this.book({
      id: generationId,
      accountId: payerId,
      kind: 'charge',
      credits: 0 - chargedCredits,
      shortfallCredits: command.costCredits - chargedCredits,
      ...(payerId === accountId ? {} : { userId: accountId }),
    });
    for (const budget of hold.budgets) this.giveBack(budget, hold.credits, chargedCredits);
    this.holds.set(generationId, { ...hold, state: 'settled' });
    this.#endMessage(generationId, command);
    if (command.response) this.responses.set(generationId, command.response);
    return this.#settled(generationId);
  }

  #endMessage(id: string, end: Omit<ReferenceMessage, 'conversationId'>): void {
    const { status, reply, failure, thinking } = end;
    const conversationId = this.messages.get(id)?.conversationId;
    this.messages.set(id, { conversationId, status, reply, failure, thinking });
  }

  /** Records the release of a hold that was never opened, so that it cannot be opened late. */
  #releaseUnopened(generationId: string, accountId: AccountId): EndResult {
    if (!this.accounts.has(accountId) || this.isIdTaken(generationId)) {
      return { outcome: 'hold_unknown' };
    }
    this.holds.set(generationId, {
      accountId,
      userId: accountId,
      credits: 0,
      state: 'released',
      key: undefined,
      apiKeyId: undefined,
      budgets: [],
    });
    return this.#released(generationId);
  }

  #released(generationId: string): EndResult {
    return { outcome: 'released', failure: this.messages.get(generationId)?.failure };
  }

  #settled(generationId: string): EndResult {
    const charge = this.transfers.get(generationId) as ReferenceTransfer;
    return {
      outcome: 'settled',
      chargedCredits: 0 - charge.credits,
      shortfallCredits: charge.shortfallCredits,
      balanceCredits: charge.balanceCredits,
      status: this.messages.get(generationId)?.status === 'complete' ? 'complete' : 'incomplete',
      failure: this.messages.get(generationId)?.failure,
    };
  }
}

/**
 * The meaning of the ledger, without a database: pure, in memory, as plain as it can be written.
 * Randomised tests run the same commands against this and against every engine and compare
 * results and state after every batch, so a change of meaning starts here.
 */
import { type Credits, MAX_CREDITS } from './credits.ts';
import {
  type Account,
  type AccountId,
  availableOf,
  type Command,
  type EndResult,
  type GrantCommand,
  type GrantResult,
  type HoldCommand,
  type HoldResult,
  type OpenCommand,
  type OpenResult,
  type ReleaseCommand,
  type Result,
  type SettleCommand,
} from './ledger.ts';

export interface ReferenceTransfer {
  readonly accountId: AccountId;
  readonly kind: 'grant' | 'charge';
  readonly credits: Credits;
  readonly balanceCredits: Credits;
  readonly shortfallCredits: Credits;
}

export interface ReferenceHold {
  readonly accountId: AccountId;
  readonly credits: Credits;
  readonly state: 'open' | 'settled' | 'released';
}

export interface ReferenceMessage {
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  readonly reply: string | null;
}

/** The whole state of a ledger, open to be looked at. */
export class ReferenceLedger {
  readonly accounts = new Map<AccountId, Account>();
  readonly usernames = new Map<string, AccountId>();
  readonly transfers = new Map<string, ReferenceTransfer>();
  readonly holds = new Map<string, ReferenceHold>();
  readonly messages = new Map<string, ReferenceMessage>();

  /** Carries out the commands in order; each sees what those before it did. */
  apply(commands: readonly Command[]): Result[] {
    return commands.map((command) => this.#applyOne(command));
  }

  #applyOne(command: Command): Result {
    switch (command.kind) {
      case 'open':
        return this.#open(command);
      case 'grant':
        return this.#grant(command);
      case 'hold':
        return this.#hold(command);
      case 'settle':
        return this.#end(command);
      case 'release':
        return this.#end(command);
    }
  }

  #open(command: OpenCommand): OpenResult {
    const owner = this.usernames.get(command.user.username);
    if (owner === command.accountId) return { outcome: 'opened' };
    if (owner !== undefined) return { outcome: 'username_taken' };
    if (this.accounts.has(command.accountId)) return { outcome: 'id_taken' };
    this.usernames.set(command.user.username, command.accountId);
    this.accounts.set(command.accountId, { postedCredits: 0, heldCredits: 0 });
    if (command.openingCredits > 0) {
      this.#book(command.openingTransferId, command.accountId, 'grant', command.openingCredits, 0);
    }
    return { outcome: 'opened' };
  }

  #grant(command: GrantCommand): GrantResult {
    const earlier = this.transfers.get(command.transferId);
    if (earlier) {
      const same =
        earlier.kind === 'grant' &&
        earlier.accountId === command.accountId &&
        earlier.credits === command.credits;
      return same
        ? { outcome: 'granted', balanceCredits: earlier.balanceCredits }
        : { outcome: 'id_taken' };
    }
    // A charge has the id of its generation, so the two share one space of ids.
    if (this.holds.has(command.transferId)) return { outcome: 'id_taken' };
    const account = this.accounts.get(command.accountId);
    if (!account) return { outcome: 'account_unknown' };
    if (account.postedCredits + command.credits > MAX_CREDITS) return { outcome: 'balance_limit' };
    const balanceCredits = this.#book(
      command.transferId,
      command.accountId,
      'grant',
      command.credits,
      0,
    );
    return { outcome: 'granted', balanceCredits };
  }

  #hold(command: HoldCommand): HoldResult {
    const earlier = this.holds.get(command.generationId);
    if (earlier) {
      const same = earlier.accountId === command.accountId && earlier.credits === command.credits;
      return same ? { outcome: 'held' } : { outcome: 'id_taken' };
    }
    if (this.transfers.has(command.generationId)) return { outcome: 'id_taken' };
    const account = this.accounts.get(command.accountId);
    if (!account) return { outcome: 'account_unknown' };
    const availableCredits = availableOf(account);
    if (command.credits > availableCredits) {
      return { outcome: 'insufficient_credits', availableCredits };
    }
    this.accounts.set(command.accountId, {
      ...account,
      heldCredits: account.heldCredits + command.credits,
    });
    const { accountId, credits } = command;
    this.holds.set(command.generationId, { accountId, credits, state: 'open' });
    this.messages.set(command.generationId, { status: 'pending', reply: null });
    return { outcome: 'held' };
  }

  #end(command: SettleCommand | ReleaseCommand): EndResult {
    const { generationId, accountId } = command;
    const hold = this.holds.get(generationId);
    if (hold?.accountId !== accountId) return { outcome: 'hold_unknown' };
    if (hold.state === 'released') return { outcome: 'released' };
    if (hold.state === 'settled') return this.#settledResult(generationId);

    const account = this.accounts.get(accountId) as Account;
    this.accounts.set(accountId, {
      ...account,
      heldCredits: account.heldCredits - hold.credits,
    });
    if (command.kind === 'release') {
      this.holds.set(generationId, { ...hold, state: 'released' });
      this.messages.set(generationId, { status: 'failed', reply: null });
      return { outcome: 'released' };
    }
    const chargedCredits = Math.min(command.costCredits, hold.credits);
    const shortfallCredits = command.costCredits - chargedCredits;
    this.#book(generationId, accountId, 'charge', -chargedCredits, shortfallCredits);
    this.holds.set(generationId, { ...hold, state: 'settled' });
    this.messages.set(generationId, { status: command.status, reply: command.reply });
    return this.#settledResult(generationId);
  }

  #settledResult(generationId: string): EndResult {
    const charge = this.transfers.get(generationId) as ReferenceTransfer;
    return {
      outcome: 'settled',
      chargedCredits: 0 - charge.credits,
      shortfallCredits: charge.shortfallCredits,
      balanceCredits: charge.balanceCredits,
    };
  }

  #book(
    transferId: string,
    accountId: AccountId,
    kind: ReferenceTransfer['kind'],
    credits: Credits,
    shortfallCredits: Credits,
  ): Credits {
    const account = this.accounts.get(accountId) as Account;
    const balanceCredits = account.postedCredits + credits;
    this.accounts.set(accountId, { ...account, postedCredits: balanceCredits });
    const amount = credits === 0 ? 0 : credits;
    this.transfers.set(transferId, {
      accountId,
      kind,
      credits: amount,
      balanceCredits,
      shortfallCredits,
    });
    return balanceCredits;
  }
}

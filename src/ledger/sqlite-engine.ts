/**
 * The ledger on SQLite. A batch runs synchronously, as one transaction with one fsync: nothing
 * else can come between its statements. Each command is a handful of prepared statements; every
 * check of a balance is in the statement that changes it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MAX_CREDITS } from '../core/credits.ts';
import type {
  Account,
  AccountId,
  Command,
  EndResult,
  GrantCommand,
  GrantResult,
  HoldCommand,
  HoldResult,
  OpenCommand,
  OpenResult,
  ReleaseCommand,
  Result,
  SettleCommand,
} from '../core/ledger.ts';
import type { Price } from '../core/pricing.ts';
import type { LedgerEngine, VerifyReport } from './engine.ts';
import { SQLITE_LEDGER_SQL as SQL } from './sqlite-statements.ts';

/** What the engine needs of the connection that it shares with the rest of the store. */
export interface SharedConnection {
  readonly db: DatabaseSync;
  prepare(sql: string): StatementSync;
  /** Runs synchronous work when no transaction of anybody else is open on the connection. */
  exclusively<T>(work: () => T): Promise<T>;
  /** Runs synchronous work as one transaction. */
  transact<T>(work: () => T): T;
}

type Statements = Record<keyof typeof SQL, StatementSync>;

interface ChargeRow {
  readonly credits: number;
  readonly shortfall: number;
  readonly balance_after: number;
}

interface DifferenceRow {
  readonly id: number;
  readonly posted: number;
  readonly held: number;
  readonly transferred: number;
  readonly open: number;
}

/** The ledger over the connection that the store uses too. */
export class SqliteLedgerEngine implements LedgerEngine {
  readonly #connection: SharedConnection;
  readonly #statements: Statements;
  /** Prices are few and their text is stored with every charge, so it is made once for each. */
  readonly #priceTexts = new WeakMap<Price, string>();

  /** @param connection to a database whose schema is up to date */
  constructor(connection: SharedConnection) {
    this.#connection = connection;
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, connection.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Statements;
  }

  apply(commands: readonly Command[]): Promise<Result[]> {
    return this.#connection.exclusively(() =>
      this.#connection.transact(() => commands.map((command) => this.#applyOne(command))),
    );
  }

  account(id: AccountId): Promise<Account | undefined> {
    return this.#connection.exclusively(() => this.#readAccount(id));
  }

  #readAccount(id: AccountId): Account | undefined {
    const row = this.#statements.readAccount.get(id) as
      | { posted: number; held: number }
      | undefined;
    return row && { postedCredits: row.posted, heldCredits: row.held };
  }

  #applyOne(command: Command): Result {
    switch (command.kind) {
      case 'hold':
        return this.#hold(command);
      case 'settle':
        return this.#settle(command);
      case 'release':
        return this.#release(command);
      case 'grant':
        return this.#grant(command);
      case 'open':
        return this.#open(command);
    }
  }

  #open(command: OpenCommand): OpenResult {
    const { accountId, user, atMs } = command;
    const inserted = this.#statements.insertUser.run(
      accountId,
      user.username,
      user.passwordHash,
      user.isStaff ? 1 : 0,
      user.isSuperuser ? 1 : 0,
      atMs,
    );
    if (inserted.changes === 0) {
      const owner = this.#statements.ownerOfName.get(user.username) as { id: number } | undefined;
      if (owner === undefined) return { outcome: 'id_taken' };
      return { outcome: owner.id === accountId ? 'opened' : 'username_taken' };
    }
    this.#statements.insertAccount.run(accountId, command.openingCredits);
    if (command.openingCredits > 0) {
      this.#statements.insertGrant.run(
        command.openingTransferId,
        accountId,
        command.openingCredits,
        command.openingCredits,
        'system',
        'Opening balance',
        atMs,
      );
    }
    return { outcome: 'opened' };
  }

  #grant(command: GrantCommand): GrantResult {
    const { transferId, accountId, credits } = command;
    const earlier = this.#statements.readTransfer.get(transferId) as
      | { account_id: number; kind: string; credits: number; balance_after: number }
      | undefined;
    if (earlier) {
      const same =
        earlier.kind === 'grant' && earlier.account_id === accountId && earlier.credits === credits;
      return same
        ? { outcome: 'granted', balanceCredits: earlier.balance_after }
        : { outcome: 'id_taken' };
    }
    if (this.#statements.readHold.get(transferId)) return { outcome: 'id_taken' };
    const updated = this.#statements.addPosted.get(credits, accountId, MAX_CREDITS - credits) as
      | { posted: number }
      | undefined;
    if (!updated) {
      return { outcome: this.#readAccount(accountId) ? 'balance_limit' : 'account_unknown' };
    }
    this.#statements.insertGrant.run(
      transferId,
      accountId,
      credits,
      updated.posted,
      command.actor,
      command.reason,
      command.atMs,
    );
    return { outcome: 'granted', balanceCredits: updated.posted };
  }

  #hold(command: HoldCommand): HoldResult {
    const { generationId, accountId, credits, model, atMs } = command;
    if (this.#statements.addHeld.run(credits, accountId).changes === 0) {
      return this.#refusedHold(command);
    }
    const inserted = this.#statements.insertHold.run(generationId, accountId, credits, model, atMs);
    if (inserted.changes === 0) {
      this.#statements.takeHeldBack.run(credits, accountId);
      return this.#refusedHold(command);
    }
    this.#statements.insertMessage.run(generationId, accountId, model, command.content, atMs);
    return { outcome: 'held' };
  }

  #refusedHold(command: HoldCommand): HoldResult {
    const { generationId, accountId, credits } = command;
    const earlier = this.#statements.readHold.get(generationId) as
      | { account_id: number; credits: number }
      | undefined;
    if (earlier) {
      const same = earlier.account_id === accountId && earlier.credits === credits;
      return { outcome: same ? 'held' : 'id_taken' };
    }
    if (this.#statements.readTransfer.get(generationId)) return { outcome: 'id_taken' };
    const account = this.#readAccount(accountId);
    if (!account) return { outcome: 'account_unknown' };
    const availableCredits = account.postedCredits - account.heldCredits;
    return { outcome: 'insufficient_credits', availableCredits };
  }

  #settle(command: SettleCommand): EndResult {
    const { generationId, accountId, costCredits, usage, atMs } = command;
    const hold = this.#statements.endHold.get('settled', atMs, generationId, accountId) as
      | { credits: number; model: string }
      | undefined;
    if (!hold) return this.#endedBefore(generationId, accountId);
    const chargedCredits = Math.min(costCredits, hold.credits);
    const shortfallCredits = costCredits - chargedCredits;
    const { posted } = this.#statements.charge.get(chargedCredits, hold.credits, accountId) as {
      posted: number;
    };
    this.#statements.insertCharge.run(
      generationId,
      accountId,
      0 - chargedCredits,
      posted,
      hold.model,
      usage.inputTokens ?? null,
      usage.cachedInputTokens ?? null,
      usage.outputTokens ?? null,
      command.usageSource,
      this.#priceText(command.price),
      shortfallCredits,
      atMs,
    );
    this.#statements.endMessage.run(command.reply, command.status, null, atMs, generationId);
    return { outcome: 'settled', chargedCredits, shortfallCredits, balanceCredits: posted };
  }

  #release(command: ReleaseCommand): EndResult {
    const { generationId, accountId, atMs } = command;
    const hold = this.#statements.endHold.get('released', atMs, generationId, accountId) as
      | { credits: number }
      | undefined;
    if (!hold) return this.#endedBefore(generationId, accountId);
    this.#statements.charge.get(0, hold.credits, accountId);
    this.#statements.endMessage.run(null, 'failed', command.reason, atMs, generationId);
    return { outcome: 'released' };
  }

  /** The first result of a hold that is not open any more. */
  #endedBefore(generationId: string, accountId: AccountId): EndResult {
    const hold = this.#statements.readHold.get(generationId) as
      | { account_id: number; state: string }
      | undefined;
    if (hold?.account_id !== accountId) return { outcome: 'hold_unknown' };
    if (hold.state === 'released') return { outcome: 'released' };
    const charge = this.#statements.readTransfer.get(generationId) as unknown as ChargeRow;
    return {
      outcome: 'settled',
      chargedCredits: 0 - charge.credits,
      shortfallCredits: charge.shortfall,
      balanceCredits: charge.balance_after,
    };
  }

  #priceText(price: Price): string {
    let text = this.#priceTexts.get(price);
    if (text === undefined) {
      text = JSON.stringify(price);
      this.#priceTexts.set(price, text);
    }
    return text;
  }

  verify(): Promise<VerifyReport> {
    return this.#connection.exclusively(() => {
      const counts = this.#statements.countAll.get() as unknown as Omit<
        VerifyReport,
        'differences'
      >;
      const rows = this.#statements.findDifferences.all() as unknown as DifferenceRow[];
      const differences = rows.flatMap(describeDifferences);
      return { ...counts, differences };
    });
  }
}

function describeDifferences({ id, posted, held, transferred, open }: DifferenceRow): string[] {
  const differences: string[] = [];
  if (posted !== transferred) {
    differences.push(
      `Account ${id} has ${posted} posted, but its transfers sum to ${transferred}.`,
    );
  }
  if (held !== open) {
    differences.push(`Account ${id} has ${held} held, but its open holds sum to ${open}.`);
  }
  return differences;
}

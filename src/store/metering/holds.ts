import type { Kysely } from 'kysely';
import { type OutputBesideReply, outputIn } from '../../core/journaled-output.ts';
import { type Price, priceFromJson } from '../../core/pricing.ts';
import type { Database, HoldRow } from '../database/schema.ts';

/** An open hold, with what recovery needs to end it. */
export interface OpenHold {
  readonly generationId: string;
  /** The personal account of the user who asked. */
  readonly accountId: number;
  /** The account that pays, if it is not the personal one. */
  readonly payerId: number | undefined;
  /** The requested model. */
  readonly model: string;
  readonly price: Price;
  readonly inputTokens: number;
  /** Whether its message is one of a chat, and no request under `/v1/`. */
  readonly isOfChat: boolean;
}

/** Reads open holds; the ledger opens and ends them. */
export class HoldStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Open holds whose lease does not exist: its server has ended it, or another has taken it over.
   * @param ownLeaseId the lease of the server that asks, whose holds are not abandoned
   */
  async abandoned(limit: number, ownLeaseId: string): Promise<OpenHold[]> {
    const rows = await openHolds(this.#db)
      .leftJoin('leases', 'leases.id', 'holds.lease_id')
      .where('holds.state', '=', 'open')
      .where('holds.lease_id', '!=', ownLeaseId)
      .where('leases.id', 'is', null)
      .limit(limit)
      .execute();
    return rows.map(toOpenHold);
  }

  /** Open holds of a lease. */
  async ofLease(leaseId: string): Promise<OpenHold[]> {
    const rows = await openHolds(this.#db)
      .where('holds.state', '=', 'open')
      .where('holds.lease_id', '=', leaseId)
      .execute();
    return rows.map(toOpenHold);
  }

  /** Asks the server that generates a reply to stop; every server polls `toStop`. */
  async askToStop(generationId: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('holds')
      .set({ stop_requested_at: atMs })
      .where('id', '=', generationId)
      .where('state', '=', 'open')
      .where('stop_requested_at', 'is', null)
      .execute();
  }

  /** The running generations that were asked to stop. */
  async toStop(): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('holds')
      .select('id')
      .where('stop_requested_at', 'is not', null)
      .where('state', '=', 'open')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** The running generations of a user. Few holds are open, so all of them are scanned. */
  async openOf(
    userId: number,
  ): Promise<{ id: string; credits: number; model: string; createdAtMs: number }[]> {
    const rows = await this.#db
      .selectFrom('holds')
      .select(['id', 'credits', 'model', 'created_at'])
      .where('state', '=', 'open')
      .where('user_id', '=', userId)
      .execute();
    // Sorted here: with ORDER BY, SQLite would walk through all holds ever made.
    return rows
      .map(({ id, credits, model, created_at: createdAtMs }) => ({
        id,
        credits,
        model: model ?? '',
        createdAtMs,
      }))
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  }

  /** How many holds are open, of all accounts. */
  async openCount(): Promise<number> {
    const { count } = await this.#db
      .selectFrom('holds')
      .select((of) => of.fn.countAll<number>().as('count'))
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow();
    return count;
  }

  /** The open holds of all accounts: how many, and when the oldest was made. */
  async openSummary(): Promise<{ count: number; oldestAtMs: number | undefined }> {
    const { count, oldest } = await this.#db
      .selectFrom('holds')
      .select((of) => [
        of.fn.countAll<number>().as('count'),
        of.fn.min<number | null>('created_at').as('oldest'),
      ])
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow();
    return { count, oldestAtMs: oldest ?? undefined };
  }

  /** What was journaled as delivered of a running generation. */
  async journaled(generationId: string): Promise<OutputBesideReply & { readonly text: string }> {
    const rows = await this.#db
      .selectFrom('journal')
      .select(['text', 'non_reply_output'])
      .where('generation_id', '=', generationId)
      .orderBy('piece')
      .execute();
    return {
      text: rows.map(({ text }) => text).join(''),
      ...outputIn(rows.map((row) => row.non_reply_output)),
    };
  }
}

function openHolds(db: Kysely<Database>) {
  return db
    .selectFrom('holds')
    .leftJoin('messages', 'messages.id', 'holds.id')
    .select(['holds.id', 'holds.account_id', 'holds.user_id', 'holds.model', 'holds.price'])
    .select(['holds.input_tokens', 'messages.is_relayed']);
}

type OpenHoldRow = Pick<
  HoldRow,
  'id' | 'account_id' | 'user_id' | 'model' | 'price' | 'input_tokens'
> & {
  readonly is_relayed: 0 | 1 | null;
};

function toOpenHold(row: OpenHoldRow): OpenHold {
  const { account_id: payerId, user_id: accountId = payerId } = row;
  return {
    generationId: row.id,
    accountId: accountId ?? payerId,
    payerId: payerId === accountId ? undefined : payerId,
    model: row.model ?? '',
    price: priceFromJson(row.price ?? ''),
    inputTokens: row.input_tokens ?? 0,
    isOfChat: row.is_relayed === 0,
  };
}

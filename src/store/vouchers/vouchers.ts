/** Batches of vouchers, their codes as hashes, and who redeemed them. The ledger redeems. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { Credits } from '../../core/credits.ts';
import { addToAuditLog, endLogged } from '../admin/audit-log.ts';
import type { Database, VoucherBatchRow } from '../database/schema.ts';
import { type ClaimedKey, claimKey, type UsedKey } from '../metering/idempotency-keys.ts';

/** What all the codes of a batch have in common. Times are in milliseconds since 1970 UTC. */
export interface NewVoucherBatch {
  readonly id: string;
  readonly name: string;
  /** What a code gives; 0 if it gives a plan. */
  readonly credits: Credits;
  readonly planId: string | undefined;
  readonly planForMs: number;
  readonly expiresAtMs: number | undefined;
  readonly usesPerCode: number;
  /** Of all the codes of the batch together. */
  readonly usesPerUser: number;
  /** How many codes it has. */
  readonly codes: number;
  readonly madeBy: string;
  readonly createdAtMs: number;
}

/** A batch, and how much of it is used. */
export interface VoucherBatch extends NewVoucherBatch {
  /** The name of the plan. */
  readonly planName: string | undefined;
  readonly endedAtMs: number | undefined;
  /** How often its codes were redeemed, together. */
  readonly uses: number;
}

/** A voucher of a batch. */
export interface StoredVoucher {
  readonly codeHash: string;
  /** Counts the codes of the batch, from 1. */
  readonly number: number;
  readonly uses: number;
}

/** Somebody redeemed a code. */
export interface Redemption {
  readonly codeHash: string;
  readonly userId: number;
  /** Undefined if the user was erased. */
  readonly username: string | undefined;
  readonly atMs: number;
}

/** Both databases limit the parameters of a statement; each row of vouchers has four. */
const ROWS_AT_ONCE = 500;

type BatchRow = Selectable<VoucherBatchRow> & {
  readonly plan_name: string | null;
  readonly uses: number;
};

/** A voucher that somebody redeemed. */
export interface RedeemedVoucher {
  /** Of its batch. */
  readonly name: string;
  readonly atMs: number;
}

/** Reads, adds and ends batches of vouchers. */
export class VoucherStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for queries that can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /**
   * Adds a batch with all of its codes: all or nothing.
   * @param batch its id is that of `key`, if there is one
   * @param hashes of the codes, from number 1 on
   * @returns the batch that the key has made already, with nothing added; undefined if it is new
   */
  async add(
    batch: NewVoucherBatch,
    hashes: readonly string[],
    { entry, key }: { readonly entry: AuditEntry; readonly key: ClaimedKey | undefined },
  ): Promise<UsedKey | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      if (key) {
        const used = await claimKey(transaction, key);
        if (used.madeId !== batch.id) return used;
      }
      await transaction.insertInto('voucher_batches').values(rowOf(batch)).execute();
      for (let from = 0; from < hashes.length; from += ROWS_AT_ONCE) {
        // Other requests have their turn, also where the database answers at once.
        await nextTurn();
        const rows = hashes.slice(from, from + ROWS_AT_ONCE).map((hash, index) => ({
          code_hash: hash,
          batch_id: batch.id,
          number: from + index + 1,
          uses: 0,
        }));
        await transaction.insertInto('vouchers').values(rows).execute();
      }
      await addToAuditLog(transaction, entry);
      return undefined;
    });
  }

  /** A batch by its id. */
  async byId(id: string): Promise<VoucherBatch | undefined> {
    const [row] = await this.#select(this.#db, sql`b.id = ${id}`, 1);
    return row;
  }

  /** The batch of a code, ended or not. */
  async ofCode(codeHash: string): Promise<VoucherBatch | undefined> {
    const batchId = sql`(SELECT batch_id FROM vouchers WHERE code_hash = ${codeHash})`;
    const [row] = await this.#select(this.#db, sql`b.id = ${batchId}`, 1);
    return row;
  }

  /** A page of batches, newest first. */
  page({ beforeId, limit }: { readonly beforeId: string | undefined; readonly limit: number }) {
    const condition = beforeId === undefined ? sql`1 = 1` : sql`b.id < ${beforeId}`;
    return this.#select(this.#reads, condition, limit);
  }

  /** How many codes of a batch were redeemed at least once. */
  async usedCodes(batchId: string): Promise<number> {
    const row = await this.#reads
      .selectFrom('vouchers')
      .select((of) => of.fn.countAll<number | string>().as('n'))
      .where('batch_id', '=', batchId)
      .where('uses', '>', 0)
      .executeTakeFirst();
    return Number(row?.n ?? 0);
  }

  /** The vouchers of a batch in the order of their numbers. */
  async vouchersOf(
    batchId: string,
    { afterNumber, limit }: { readonly afterNumber: number; readonly limit: number },
  ): Promise<StoredVoucher[]> {
    const rows = await this.#reads
      .selectFrom('vouchers')
      .select(['code_hash', 'number', 'uses'])
      .where('batch_id', '=', batchId)
      .where('number', '>', afterNumber)
      .orderBy('number')
      .limit(limit)
      .execute();
    return rows.map(({ code_hash: codeHash, number, uses }) => ({ codeHash, number, uses }));
  }

  /**
   * Who redeemed these codes of a batch, the newest of each code first.
   * @param most how many of each code
   */
  async redemptionsOf(
    batchId: string,
    codeHashes: readonly string[],
    most: number,
  ): Promise<Redemption[]> {
    if (codeHashes.length === 0) return [];
    const { rows } = await sql<{
      code_hash: string;
      user_id: number;
      username: string | null;
      redeemed_at: number;
    }>`SELECT r.code_hash, r.user_id, u.username, r.redeemed_at FROM (
        SELECT *, row_number() OVER (PARTITION BY code_hash ORDER BY redeemed_at DESC, id DESC)
          AS nth FROM voucher_redemptions
        WHERE batch_id = ${batchId} AND code_hash IN (${sql.join(codeHashes)})
      ) r JOIN users u ON u.id = r.user_id
      WHERE r.nth <= ${most} ORDER BY r.code_hash, r.nth`.execute(this.#reads);
    return rows.map((row) => ({
      codeHash: row.code_hash,
      userId: row.user_id,
      username: row.username ?? undefined,
      atMs: row.redeemed_at,
    }));
  }

  /** The vouchers that a user redeemed, newest first. */
  async redeemedBy(userId: number): Promise<RedeemedVoucher[]> {
    const rows = await this.#db
      .selectFrom('voucher_redemptions as r')
      .innerJoin('voucher_batches as b', 'b.id', 'r.batch_id')
      .select(['b.name', 'r.redeemed_at'])
      .where('r.user_id', '=', userId)
      .orderBy('r.id', 'desc')
      .execute();
    return rows.map(({ name, redeemed_at: atMs }) => ({ name, atMs }));
  }

  /** Whether a redemption was booked. */
  async isRedeemed(redemptionId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('voucher_redemptions')
      .select('id')
      .where('id', '=', redemptionId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Ends a batch: none of its codes can be redeemed from now on.
   * @returns false, with nothing changed, if it is over already
   */
  end(id: string, entry: AuditEntry): Promise<boolean> {
    return endLogged(this.#db, { table: 'voucher_batches', id }, entry);
  }

  async #select(
    db: Kysely<Database>,
    condition: ReturnType<typeof sql>,
    limit: number,
  ): Promise<VoucherBatch[]> {
    const { rows } = await sql<BatchRow>`SELECT b.*, p.name AS plan_name,
        (SELECT count(*) FROM voucher_redemptions r WHERE r.batch_id = b.id) AS uses
      FROM voucher_batches b LEFT JOIN plans p ON p.id = b.plan_id
      WHERE ${condition} ORDER BY b.id DESC LIMIT ${limit}`.execute(db);
    return rows.map(batchOf);
  }
}

function rowOf(batch: NewVoucherBatch) {
  return {
    id: batch.id,
    name: batch.name,
    credits: batch.credits,
    plan_id: batch.planId ?? null,
    plan_for_ms: batch.planForMs,
    expires_at: batch.expiresAtMs ?? null,
    uses_per_code: batch.usesPerCode,
    uses_per_user: batch.usesPerUser,
    codes: batch.codes,
    made_by: batch.madeBy,
    created_at: batch.createdAtMs,
  };
}

function batchOf(row: BatchRow): VoucherBatch {
  return {
    id: row.id,
    name: row.name,
    credits: row.credits,
    planId: row.plan_id ?? undefined,
    planName: row.plan_name ?? undefined,
    planForMs: row.plan_for_ms,
    expiresAtMs: row.expires_at ?? undefined,
    usesPerCode: row.uses_per_code,
    usesPerUser: row.uses_per_user,
    codes: row.codes,
    madeBy: row.made_by,
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at ?? undefined,
    uses: Number(row.uses),
  };
}

/** Reads what is booked and stored, to be compared with what clients were told. */
import { sql } from 'kysely';
import type { OpenDatabase } from '../../../src/store/database/dialect.ts';
import { idIn } from './scripts.ts';

/** A generation, as the book has it. */
export interface Generation {
  readonly id: string;
  /** The script that asked for it. */
  readonly scriptId: string;
  readonly status: string;
  readonly reply: string;
  readonly failure: string | null;
  /** 0 if nothing was charged. */
  readonly charge: number;
  /** Whether the pool of a group was charged, and not the user who asked. */
  readonly isOfPool: boolean;
  /** Where the usage of the charge came from; null if nothing was charged. */
  readonly usageSource: string | null;
  readonly createdMs: number;
  readonly endedMs: number | undefined;
}

export interface Book {
  readonly generations: ReadonlyMap<string, readonly Generation[]>;
  /** How often each grant was booked, by its reason, and each refund, by its charge. */
  readonly grants: ReadonlyMap<string, number>;
  readonly refunds: ReadonlyMap<string, number>;
}

/** Reads all that was booked since a time. */
export async function readBook({ kysely }: OpenDatabase, sinceMs: number): Promise<Book> {
  const rows = await kysely
    .selectFrom('messages as m')
    .leftJoin('transfers as t', 't.id', 'm.id')
    .where('m.created_at', '>=', sinceMs)
    .select(['m.id', 'm.content', 'm.status', 'm.reply', 'm.failure', 'm.created_at'])
    .select(['m.ended_at', 't.credits', 't.usage_source', 't.user_id as of_user'])
    .execute();
  const generations = new Map<string, Generation[]>();
  for (const row of rows) {
    const { id, content, status, reply, failure, created_at, ended_at, credits } = row;
    const scriptId = idIn(content);
    if (scriptId === undefined) continue;
    const list = generations.get(scriptId) ?? [];
    generations.set(scriptId, list);
    list.push({
      id,
      scriptId,
      status,
      reply: reply ?? '',
      failure,
      charge: 0 - Number(credits ?? 0),
      isOfPool: row.of_user !== null,
      usageSource: row.usage_source,
      createdMs: Number(created_at),
      endedMs: ended_at === null ? undefined : Number(ended_at),
    });
  }
  const booked = await kysely
    .selectFrom('transfers')
    .where('created_at', '>=', sinceMs)
    .where('kind', 'in', ['grant', 'adjustment', 'refund'])
    .select(['kind', 'reason', 'refund_of'])
    .execute();
  const grants = new Map<string, number>();
  const refunds = new Map<string, number>();
  for (const { kind, reason, refund_of } of booked) {
    const [counts, name] = kind === 'refund' ? [refunds, refund_of] : [grants, reason];
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { generations, grants, refunds };
}

/** How many holds are open. */
export async function openHolds({ kysely }: OpenDatabase): Promise<number> {
  const { rows } = await sql<{ open: number | string }>`
    SELECT count(*) AS open FROM holds WHERE state = 'open'`.execute(kysely);
  return Number(rows[0]?.open ?? 0);
}

/** Open holds whose server is gone, as far as its lease tells. */
export async function abandonedHolds({ kysely, clockMs }: OpenDatabase): Promise<string[]> {
  const rows = await kysely
    .selectFrom('holds')
    .leftJoin('leases', 'leases.id', 'holds.lease_id')
    .select('holds.id')
    .where('holds.state', '=', 'open')
    .where((is) => is.or([is('leases.id', 'is', null), is('leases.expires_at', '<', clockMs)]))
    .execute();
  return rows.map(({ id }) => id);
}

/** Charges of users that can be refunded, newest first. */
export async function refundable(
  { kysely }: OpenDatabase,
  limit: number,
): Promise<{ id: string; userId: number }[]> {
  const rows = await kysely
    .selectFrom('transfers as t')
    .leftJoin('transfers as r', 'r.refund_of', 't.id')
    .where('t.kind', '=', 'charge')
    .where('t.credits', '<', 0)
    .where('r.id', 'is', null)
    .orderBy('t.id', 'desc')
    .limit(limit)
    .select(['t.id', 't.account_id'])
    .execute();
  return rows.map(({ id, account_id }) => ({ id, userId: Number(account_id) }));
}

import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';
import { isQueryCanceled } from './unavailable.ts';

/**
 * Runs work that seldom takes longer than a query of a request may: first under its limits, so that
 * a silent database is noticed soon, and if it was too long, once more without them.
 * @param work one transaction, since it may be done twice
 */
export async function longerIfNeeded<T>(
  { limited, unlimited }: Record<'limited' | 'unlimited', Kysely<Database>>,
  work: (db: Kysely<Database>) => Promise<T>,
): Promise<T> {
  try {
    return await work(limited);
  } catch (error) {
    if (!isQueryCanceled(error)) throw error;
    return work(unlimited);
  }
}

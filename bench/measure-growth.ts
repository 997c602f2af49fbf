import { Accounts, USERS } from './accounts.ts';
import { type Books, checkBooks } from './books.ts';
import { countsIn, DATABASE_NAMES, type DatabaseKind, removePlace } from './places.ts';
import type { Bench } from './plan.ts';
import { startChit } from './processes.ts';
import { type BookSize, seedPlace, spreadIds } from './seed.ts';
import { type Comparison, type Side, takeTurns, warmUp } from './take-turns.ts';

const CONNECTIONS = 32;

/** The large book, first, beside the small one, second. */
export interface GrowthSpeed extends Comparison {
  readonly database: DatabaseKind;
  readonly route: string;
  /** How much is in the books; the small one first. */
  readonly sizes: readonly [BookSize, BookSize];
}

/** Chats and reads of a balance where there is a large book and where there is a small one. */
export async function measureGrowth(
  bench: Bench,
  database: DatabaseKind,
): Promise<{ readonly speeds: readonly GrowthSpeed[]; readonly books: readonly Books[] }> {
  const what = `growth on ${DATABASE_NAMES[database]}`;
  const { small, large } = bench.plan.growth;
  const largeOne = await settle(bench, database, 'large', large);
  const smallOne = await settle(bench, database, 'small', small);
  const both = [largeOne.chats, smallOne.chats] as const;
  await warmUp(bench, what, both);
  const reads = [largeOne.reads, smallOne.reads] as const;
  await warmUp(bench, what, reads);
  const sizes = [small, large] as const;
  const speeds = [
    {
      database,
      sizes,
      route: 'POST /api/chat/',
      ...(await takeTurns(bench, what, both, CONNECTIONS)),
    },
    {
      database,
      sizes,
      route: 'GET /api/tokens/',
      ...(await takeTurns(bench, what, reads, CONNECTIONS)),
    },
  ];
  return { speeds, books: [await largeOne.end(), await smallOne.end()] };
}

/** A server on a seeded book, and what it is asked. */
async function settle(bench: Bench, database: DatabaseKind, name: string, size: BookSize) {
  const place = await seedPlace(database, size, (step, steps) => {
    bench.progress.show(
      `growth on ${DATABASE_NAMES[database]}: seeding the ${name} book, ${step} of ${steps}`,
    );
  });
  const before = await countsIn(place);
  const accounts = await Accounts.of(place, spreadIds(size, USERS));
  const server = await startChit(place);
  const { port } = server;
  const chats: Side = { name: `${name} book`, port, requests: accounts.chats(), results: [] };
  const reads: Side = { name: `${name} book`, port, requests: accounts.balances(), results: [] };
  const end = async (): Promise<Books> => {
    await server.stop();
    const of = `Chit on ${DATABASE_NAMES[database]} (${name} book)`;
    const books = await checkBooks(of, place, chats.results, before);
    await removePlace(place);
    return books;
  };
  return { chats, reads, end };
}
